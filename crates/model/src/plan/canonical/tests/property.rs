//! Random cohorts over a tiny domain, against an evaluator of their own.
//!
//! Equal texts must choose the same records; and as long as what is looked at is independent, records that are the same
//! must have equal texts.

use std::collections::HashMap;

use proptest::prelude::*;

use crate::{
    dictionary::{Dataset, Dictionary},
    plan::{
        Column, Plan, Unit,
        canonical::{Codes, Part},
        cohort,
        columns::Scope,
    },
    query::{Comparison, Literal, Name, Predicate, Query, parse_ask, parse_derivation, parse_factor},
};

const DICTIONARY: &str = r#"
version = "1"
title = "tiny"
[dataset.d]
people = "p"
[dataset.d.table.p]
rows = "one"
person = "id"
[dataset.d.table.p.variable]
a = { type = "categorical", levels = ["x", "y"] }
b = { type = "continuous", unit = "1", lower = 0, upper = 3, resolution = 1, missing = "never" }
[dataset.d.table.base]
rows = "one"
person = "id"
[dataset.d.table.base.variable]
w = { type = "binary", missing = "never" }
[dataset.d.table.visit]
rows = "many"
rows_at_most = 2
person = "id"
[dataset.d.table.visit.variable]
u = { type = "continuous", unit = "1", lower = 0, upper = 1, resolution = 1 }
"#;

const DERIVED: [(&str, &str); 4] = [
    ("visits", "count(visit)"),
    ("any_high", "exists(visit) where u >= 1"),
    ("top", "max(visit.u)"),
    ("same_w", "first(base.w)"),
];

struct Person {
    a: Option<i32>,
    b: i32,
    w: Option<i32>,
    visits: Vec<Option<i32>>,
}

/// A person, or a person's visit, with the value of the visit.
type Record<'a> = (&'a Person, Option<Option<i32>>);

/// Everybody there can be.
fn people() -> Vec<Person> {
    let values = [None, Some(0), Some(1)];
    let mut visits = vec![vec![]];
    for first in values {
        visits.push(vec![first]);
        visits.extend(values.map(|second| vec![first, second]));
    }
    let mut found = Vec::new();
    for a in values {
        for b in 0..=3 {
            for w in values {
                found.extend(visits.iter().map(|visits| Person { a, b, w, visits: visits.clone() }));
            }
        }
    }
    found
}

fn value((person, visit): Record<'_>, name: &str) -> Option<i32> {
    let high = |visits: &[Option<i32>]| visits.iter().flatten().copied().max();
    match name {
        "a" => person.a,
        "b" => Some(person.b),
        "w" | "same_w" => person.w,
        "u" => visit.unwrap(),
        "visits" => Some(person.visits.len() as i32),
        "any_high" => Some(i32::from(high(&person.visits) == Some(1))),
        "top" => high(&person.visits),
        _ => panic!("{name}"),
    }
}

fn constant(text: &str) -> i32 {
    match text {
        "x" | "no" => 0,
        "y" | "yes" => 1,
        number => number.parse().unwrap(),
    }
}

/// Whether a record meets a predicate, by the words of the grammar alone.
fn meets(record: Record<'_>, predicate: &Predicate) -> bool {
    match predicate {
        Predicate::And(parts) => parts.iter().all(|part| meets(record, part)),
        Predicate::Or(parts) => parts.iter().any(|part| meets(record, part)),
        Predicate::Not(part) => !meets(record, part),
        Predicate::Missing(name) => value(record, &name.name).is_none(),
        Predicate::Compare(name, comparison, literal) => value(record, &name.name).is_some_and(|value| {
            let constant = constant(&literal.text);
            match comparison {
                Comparison::Equal => value == constant,
                Comparison::Unequal => value != constant,
                Comparison::Less => value < constant,
                Comparison::AtMost => value <= constant,
                Comparison::Greater => value > constant,
                Comparison::AtLeast => value >= constant,
            }
        }),
        Predicate::In(name, among) => {
            value(record, &name.name).is_some_and(|value| among.iter().any(|literal| value == constant(&literal.text)))
        }
        Predicate::Between(name, from, to) => {
            value(record, &name.name).is_some_and(|value| constant(&from.text) <= value && value < constant(&to.text))
        }
        Predicate::Has { table, rows, window: None } if table == "visit" => {
            record.0.visits.iter().any(|visit| rows.as_ref().is_none_or(|rows| meets((record.0, Some(*visit)), rows)))
        }
        Predicate::Has { table, rows, window: None } if table == "base" => {
            record.0.w.is_some() && rows.as_ref().is_none_or(|rows| meets(record, rows))
        }
        Predicate::Has { .. } => panic!("no such table"),
    }
}

fn name(text: &str) -> Name {
    Name { table: None, name: text.to_owned() }
}

fn literal(text: &impl ToString) -> Literal {
    Literal { text: text.to_string(), unit: None }
}

fn compare(text: &str, comparison: Comparison, constant: &impl ToString) -> Predicate {
    Predicate::Compare(name(text), comparison, literal(constant))
}

fn not(part: Predicate) -> Predicate {
    Predicate::Not(Box::new(part))
}

fn numeric(of: &'static str, highest: i32) -> BoxedStrategy<Predicate> {
    use Comparison::{AtLeast, AtMost, Equal, Greater, Less, Unequal};
    prop_oneof![
        4 => (prop::sample::select(vec![AtLeast, AtMost, Equal, Greater, Less, Unequal]), 0..=highest)
            .prop_map(move |(comparison, constant)| compare(of, comparison, &constant)),
        2 => (0..=highest, 0..=highest)
            .prop_map(move |(from, to)| Predicate::Between(name(of), literal(&from), literal(&to))),
        1 => Just(Predicate::Missing(name(of))),
    ]
    .boxed()
}

fn levelled(of: &'static str, levels: [&'static str; 2]) -> BoxedStrategy<Predicate> {
    prop_oneof![
        3 => (prop::bool::ANY, prop::sample::select(levels.to_vec())).prop_map(move |(equal, level)| {
            compare(of, if equal { Comparison::Equal } else { Comparison::Unequal }, &level)
        }),
        1 => prop::sample::subsequence(levels.to_vec(), 1..=2)
            .prop_map(move |among| Predicate::In(name(of), among.into_iter().map(|level| literal(&level)).collect())),
        1 => Just(Predicate::Missing(name(of))),
    ]
    .boxed()
}

fn tree(atoms: BoxedStrategy<Predicate>) -> BoxedStrategy<Predicate> {
    atoms
        .prop_recursive(3, 7, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..=3).prop_map(Predicate::And),
                prop::collection::vec(inner.clone(), 1..=3).prop_map(Predicate::Or),
                inner.prop_map(not),
            ]
        })
        .boxed()
}

/// Comparisons of what is independent in a person.
fn independent() -> BoxedStrategy<Predicate> {
    prop_oneof![
        levelled("a", ["x", "y"]),
        numeric("b", 3),
        levelled("w", ["no", "yes"]),
        levelled("same_w", ["no", "yes"])
    ]
    .boxed()
}

fn has(table: &'static str, rows: BoxedStrategy<Predicate>) -> BoxedStrategy<Predicate> {
    prop::option::of(tree(rows))
        .prop_map(move |rows| Predicate::Has { table: table.to_owned(), rows: rows.map(Box::new), window: None })
        .boxed()
}

/// All there is of a person.
fn anything() -> BoxedStrategy<Predicate> {
    prop_oneof![
        2 => independent(),
        1 => numeric("visits", 2),
        1 => levelled("any_high", ["no", "yes"]),
        1 => numeric("top", 1),
        3 => has("visit", prop_oneof![3 => numeric("u", 1), 1 => levelled("a", ["x", "y"])].boxed()),
        1 => has("base", levelled("w", ["no", "yes"])),
    ]
    .boxed()
}

/// The same said otherwise, by turns that the choices make.
fn otherwise(predicate: &Predicate, choices: &mut dyn Iterator<Item = u8>) -> Predicate {
    let mut choice = |most: u8| choices.next().unwrap_or(0) % most;
    let turn = choice(12);
    let (at, level) = (usize::from(choice(7)), choice(2));
    let inner = match predicate {
        Predicate::And(parts) | Predicate::Or(parts) => {
            let mut parts: Vec<_> = parts.iter().map(|part| otherwise(part, choices)).collect();
            let turned = at % parts.len();
            parts.rotate_left(turned);
            if level == 1 {
                parts.reverse();
            }
            let all = matches!(predicate, Predicate::And(_));
            let join = |parts| if all { Predicate::And(parts) } else { Predicate::Or(parts) };
            let dual = |parts| if all { Predicate::Or(parts) } else { Predicate::And(parts) };
            match turn {
                0..=2 => not(dual(parts.into_iter().map(not).collect())),
                3 | 4 => {
                    let rest = parts.split_off(at % parts.len());
                    join([parts, vec![join(rest)]].concat())
                }
                5 => join([parts.clone(), parts].concat()),
                _ => join(parts),
            }
        }
        Predicate::Not(part) => not(otherwise(part, choices)),
        Predicate::Has { table, rows, window } => Predicate::Has {
            table: table.clone(),
            rows: rows.as_ref().map(|rows| Box::new(otherwise(rows, choices))),
            window: window.clone(),
        },
        Predicate::In(name, among) if turn < 8 => {
            Predicate::Or(among.iter().map(|level| Predicate::In(name.clone(), vec![level.clone()])).collect())
        }
        Predicate::Between(name, from, to) if turn < 8 => Predicate::And(vec![
            Predicate::Compare(name.clone(), Comparison::AtLeast, from.clone()),
            not(Predicate::Compare(name.clone(), Comparison::AtLeast, to.clone())),
            not(Predicate::Missing(name.clone())),
        ]),
        Predicate::Compare(name, Comparison::Unequal, literal) if turn < 8 => Predicate::And(vec![
            not(Predicate::Compare(name.clone(), Comparison::Equal, literal.clone())),
            not(Predicate::Missing(name.clone())),
        ]),
        Predicate::Compare(name, Comparison::AtMost, literal) if turn < 8 => Predicate::Or(vec![
            Predicate::Compare(name.clone(), Comparison::Less, literal.clone()),
            Predicate::Compare(name.clone(), Comparison::Equal, literal.clone()),
        ]),
        Predicate::Compare(of, Comparison::AtLeast, from) if of.name == "b" && turn < 8 => {
            // An interval split at a point inside it.
            let middle = literal(&(constant(&from.text) + i32::from(level)).min(3));
            Predicate::Or(vec![
                Predicate::Between(of.clone(), from.clone(), middle.clone()),
                Predicate::Compare(of.clone(), Comparison::AtLeast, middle),
            ])
        }
        other => other.clone(),
    };
    let extra = compare("b", Comparison::AtLeast, &2);
    match at {
        0 => not(not(inner)),
        1 => Predicate::Or(vec![Predicate::And(vec![inner.clone(), extra]), inner]),
        2 => Predicate::Or(vec![
            Predicate::And(vec![extra.clone(), inner.clone()]),
            Predicate::And(vec![inner, not(extra)]),
        ]),
        _ => inner,
    }
}

struct World {
    dictionary: Dictionary,
    derived: Vec<(String, Column)>,
    people: Vec<Person>,
}

impl World {
    fn new() -> Self {
        let dictionary = Dictionary::parse(DICTIONARY).unwrap();
        let scope = Scope { dataset: &dictionary.datasets[0], derived: &[], rows: None };
        let column = |(name, text): (&str, &str)| {
            let derivation = parse_derivation("derive", text).unwrap();
            let id = crate::ids::VariableId::new(name).unwrap();
            (name.to_owned(), scope.derive("derive", id, &derivation).unwrap())
        };
        let derived = DERIVED.map(column).into();
        Self { dictionary, derived, people: people() }
    }

    fn dataset(&self) -> &Dataset {
        &self.dictionary.datasets[0]
    }

    /// A plan with this cohort; rewritten ones have more comparisons than a query may.
    fn plan(&self, unit: Unit, cohort: &Predicate, by: Option<&str>) -> Plan {
        let query = Query {
            dataset: "d".to_owned(),
            asks: vec![parse_ask("of", "count").unwrap()],
            by: by.into_iter().map(|by| parse_factor("by", by).unwrap()).collect(),
            ..Query::default()
        };
        let mut plan = Plan::of(&query, &self.dictionary).unwrap();
        let scope = Scope::of(self.dataset(), &self.derived, unit);
        plan.unit = unit;
        plan.cohort = Some(cohort::condition(&scope, "where", cohort).unwrap());
        plan
    }

    fn text(&self, unit: Unit, cohort: &Predicate) -> String {
        self.plan(unit, cohort, None).prepared(self.dataset()).statement(&[]).text
    }

    fn records(&self, unit: Unit, cohort: &Predicate) -> Vec<bool> {
        let mut met = Vec::new();
        for person in &self.people {
            match unit {
                Unit::People => met.push(meets((person, None), cohort)),
                Unit::Rows(_) => met.extend(person.visits.iter().map(|visit| meets((person, Some(*visit)), cohort))),
            }
        }
        met
    }
}

thread_local! {
    static WORLD: World = World::new();
}

const VISITS: Unit = Unit::Rows(2);

fn cases() -> ProptestConfig {
    let cases = std::env::var("CODA_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1000);
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn said_otherwise_it_has_the_same_text(
        person in tree(anything()),
        visit in tree(prop_oneof![numeric("u", 1), anything()].boxed()),
        choices in prop::collection::vec(any::<u8>(), 60),
    ) {
        WORLD.with(|world| {
            for (unit, cohort) in [(Unit::People, person), (VISITS, visit)] {
                let other = otherwise(&cohort, &mut choices.iter().copied());
                prop_assert!(world.records(unit, &cohort) == world.records(unit, &other), "the test is wrong");
                prop_assert_eq!(world.text(unit, &cohort), world.text(unit, &other));
            }
            Ok(())
        })?;
    }

    #[test]
    fn one_text_chooses_the_same_records(
        people in prop::collection::vec(tree(anything()), 6),
        visits in prop::collection::vec(tree(prop_oneof![2 => numeric("u", 1), 1 => anything()].boxed()), 6),
    ) {
        WORLD.with(|world| {
            for (unit, cohorts) in [(Unit::People, people), (VISITS, visits)] {
                let mut known: HashMap<String, Vec<bool>> = HashMap::new();
                for cohort in &cohorts {
                    let records = world.records(unit, cohort);
                    let text = world.text(unit, cohort);
                    let before = known.entry(text.clone()).or_insert_with(|| records.clone());
                    prop_assert!(*before == records, "{text}");
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn of_independent_values_the_same_records_have_one_text(cohorts in prop::collection::vec(tree(independent()), 10)) {
        WORLD.with(|world| {
            let mut known: HashMap<Vec<bool>, String> = HashMap::new();
            let mut texts: HashMap<String, Vec<bool>> = HashMap::new();
            for cohort in &cohorts {
                let records = world.records(Unit::People, cohort);
                let text = world.text(Unit::People, cohort);
                prop_assert_eq!(known.entry(records.clone()).or_insert_with(|| text.clone()), &text);
                prop_assert!(*texts.entry(text).or_insert_with(|| records.clone()) == records);
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_class_is_what_a_filter_would_be(cohort in tree(anything()), class in 0usize..4) {
        WORLD.with(|world| {
            let plan = world.plan(Unit::People, &cohort, Some("b@1,2"));
            let codes = Codes::of_class(&plan.axes[0].axis, class, 3);
            let part = Part { source: &plan.columns[0].source, codes };
            let filter = match class {
                0 => compare("b", Comparison::Less, &1),
                1 => compare("b", Comparison::Equal, &1),
                2 => compare("b", Comparison::AtLeast, &2),
                _ => Predicate::Missing(name("b")),
            };
            let filtered = world.text(Unit::People, &Predicate::And(vec![cohort.clone(), filter]));
            prop_assert_eq!(plan.prepared(world.dataset()).statement(&[part]).text, filtered);
            Ok(())
        })?;
    }
}
