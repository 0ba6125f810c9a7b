//! Random questions about random people, one after the other, through the whole review. Put together by somebody who was not
//! there when it was decided (`oracle`), what left must tell of nobody.

use std::sync::Arc;

use coda_disclosure::history::Universe;
use coda_engine::needs;
use coda_model::{
    dictionary::Dictionary,
    frame::{Shown, ShownFrame},
    query::{Query, parse_ask, parse_factor, parse_predicate},
};
use proptest::{
    collection::vec,
    prelude::{Just, ProptestConfig, Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest},
    strategy::ValueTree as _,
    test_runner::TestRunner,
};

use super::*;

mod oracle;

use oracle::Oracle;

const DICTIONARY: &str = r#"
version = "1"
title = "random"
[dataset.d]
people = "p"
[dataset.d.table.p]
rows = "one"
person = "id"
[dataset.d.table.p.variable]
sex = { type = "categorical", levels = ["f", "m"], missing = "never" }
ward = { type = "categorical", levels = ["a", "b", "c"], missing = "never" }
smoker = { type = "categorical", levels = ["never", "ever"] }
score = { type = "continuous", unit = "1", lower = 0, upper = 9, resolution = 1, bounded = true, missing = "never" }
"#;

const LEAST: u64 = 5;

/// Codes of sex, ward, smoker (-1 missing) and score.
type Person = [i32; 4];

const NAMES: [&str; 4] = ["sex", "ward", "smoker", "score"];
const LEVELS: [&[&str]; 3] = [&["f", "m"], &["a", "b", "c"], &["never", "ever"]];

/// Who is asked about.
#[derive(Debug, Clone)]
enum Who {
    Level(usize, usize),
    AtLeast(i32),
    Not(Box<Who>),
    Both(Box<Who>, Box<Who>),
    Either(Box<Who>, Box<Who>),
}

impl Who {
    fn text(&self) -> String {
        match self {
            Self::Level(variable, level) => format!("{} = {}", NAMES[*variable], LEVELS[*variable][*level]),
            Self::AtLeast(score) => format!("score >= {score}"),
            Self::Not(who) => format!("not ({})", who.text()),
            Self::Both(one, other) => format!("({}) and ({})", one.text(), other.text()),
            Self::Either(one, other) => format!("({}) or ({})", one.text(), other.text()),
        }
    }

    /// Who misses a value has no level.
    fn is(&self, person: &Person) -> bool {
        match self {
            Self::Level(variable, level) => person[*variable] == i32::try_from(*level).unwrap(),
            Self::AtLeast(score) => person[3] >= *score,
            Self::Not(who) => !who.is(person),
            Self::Both(one, other) => one.is(person) && other.is(person),
            Self::Either(one, other) => one.is(person) || other.is(person),
        }
    }
}

/// What is asked, of whom, by what.
#[derive(Debug, Clone)]
struct Asked {
    who: Option<Who>,
    ask: &'static str,
    by: Vec<usize>,
}

fn who() -> impl Strategy<Value = Who> {
    let level = (0..3_usize).prop_flat_map(|variable| (Just(variable), 0..LEVELS[variable].len()));
    let leaf = prop_oneof![3 => level.prop_map(|(variable, level)| Who::Level(variable, level)), 2 => (1..9).prop_map(Who::AtLeast)];
    leaf.prop_recursive(2, 5, 2, |part| {
        let pair = (part.clone().prop_map(Box::new), part.clone().prop_map(Box::new));
        prop_oneof![
            part.prop_map(|part| Who::Not(Box::new(part))),
            pair.clone().prop_map(|(one, other)| Who::Both(one, other)),
            pair.prop_map(|(one, other)| Who::Either(one, other)),
        ]
    })
}

fn asked() -> impl Strategy<Value = Asked> {
    let ask = prop_oneof![Just("count"), Just("marginals:smoker"), Just("mean:score")];
    let by = prop_oneof![Just(vec![]), Just(vec![0]), Just(vec![1]), Just(vec![0, 1])];
    (proptest::option::weighted(0.8, who()), ask, by).prop_map(|(who, ask, by)| Asked { who, ask, by })
}

/// People and what is asked about them.
fn history() -> impl Strategy<Value = (Vec<Person>, Vec<Asked>)> {
    let person = (0..2, 0..3, -1..2, 0..10).prop_map(|(sex, ward, smoker, score)| [sex, ward, smoker, score]);
    (vec(person, 12..60), vec(asked(), 1..9))
}

impl Asked {
    fn query(&self) -> Query {
        Query {
            dataset: "d".to_owned(),
            asks: vec![parse_ask("of", self.ask).unwrap()],
            cohort: self.who.as_ref().map(|who| parse_predicate("where", &who.text()).unwrap()),
            by: self.by.iter().map(|variable| parse_factor("by", NAMES[*variable]).unwrap()).collect(),
            ..Query::default()
        }
    }

    /// Whom the cells are about.
    fn cells(&self, people: &[Person]) -> Vec<Set> {
        let in_cohort = |person: &Person| self.who.as_ref().is_none_or(|who| who.is(person));
        let cells = self.by.iter().fold(1, |cells, variable| cells * LEVELS[*variable].len());
        let mut found = vec![Set::new(); cells];
        for (place, person) in (0..).zip(people).filter(|(_, person)| in_cohort(person)) {
            let levels = self.by.iter().map(|variable| (LEVELS[*variable].len(), person[*variable]));
            let cell = levels.fold(0, |cell, (length, level)| cell * length + usize::try_from(level).unwrap());
            found[cell].insert(place);
        }
        found
    }

    /// Whom the slots of each cell are about, and who has no value.
    fn slots(&self, people: &[Person]) -> Vec<(Vec<Set>, Set)> {
        let cells = self.cells(people).into_iter();
        if self.ask != "marginals:smoker" {
            return cells.map(|cell| (vec![cell], Set::new())).collect();
        }
        let of =
            |cell: &Set, code: i32| -> Set { cell.iter().filter(|place| people[*place as usize][2] == code).collect() };
        cells.map(|cell| (vec![of(&cell, 0), of(&cell, 1)], of(&cell, -1))).collect()
    }
}

/// What a site remembers, and what it told.
struct Site {
    dictionary: Dictionary,
    people: Vec<Person>,
    known: Known,
    /// By the name of the variables.
    valid: BTreeMap<String, Known>,
}

/// Nothing told of so many people yet.
fn nothing_known(people: usize) -> Known {
    Known::new(Universe::people(u32::try_from(people).unwrap(), LEAST, [3; 32]))
}

impl Site {
    fn new(people: &[Person]) -> Self {
        Self {
            dictionary: Dictionary::parse(DICTIONARY).unwrap(),
            people: people.to_vec(),
            known: nothing_known(people.len()),
            valid: BTreeMap::new(),
        }
    }

    fn answer(&mut self, asked: &Asked) -> (Shown<u64>, Vec<ShownFrame>) {
        let dataset = &self.dictionary.datasets[0];
        let plan = Plan::of(&asked.query(), &self.dictionary).unwrap();
        let mut tables = Tables::new(dataset, self.people.len());
        for need in needs(&plan, dataset) {
            let coda_engine::Need::Variable(place) = need else { continue };
            let name = dataset.variable(place).unwrap().id.to_string();
            let column = NAMES.iter().position(|own| *own == name).unwrap();
            tables.insert(need, Arc::new(self.people.iter().map(|person| person[column]).collect()));
        }
        let study = Study::of(&plan, &tables).unwrap();
        let build = BuildId::new("b1").unwrap();
        let question = Question { plan: &plan, dataset, tables: &tables, study: &study, build: &build };
        let rules = Rules::default();
        let terms = Terms { rules: &rules, history: History::Snap, defences: rules.defences, secret: &[1; 32] };
        let names = valid_names(&plan, dataset);
        for name in &names {
            self.valid.entry(name.clone()).or_insert_with(|| nothing_known(self.people.len()));
        }
        let universe = &UniverseName::Valid(String::new());
        let valid = self.valid.iter_mut().filter(|(name, _)| names.contains(name));
        let valid = valid.map(|(name, known)| Valid { variables: name.clone(), universe, known }).collect();
        let histories =
            Histories { own: (&UniverseName::People, &mut self.known), valid, people: None, changed: &BTreeMap::new() };
        let census = Census::of_people((0..u32::try_from(self.people.len()).unwrap()).collect());
        let reviewed = review(question, terms, &census, histories).unwrap();
        let frames = reviewed.release.frames();
        let total = frames.total.value().map_or(Shown::Withheld, |total| Shown::Value(total.people.0));
        (total, frames.asks[0].clone())
    }

    fn told(&self) -> Vec<Set> {
        sets(&self.known)
    }
}

fn sets(known: &Known) -> Vec<Set> {
    (0..).map_while(|entry| known.universe.entry(entry)).map(|entry| entry.set.clone()).collect()
}

/// Every number that is out with the set it was asked about; where few miss a value, with that of those and them too, with whom they
/// may be counted.
fn numbers(asked: &Asked, people: &[Person], total: &Shown<u64>, frames: &[ShownFrame]) -> Vec<([Set; 2], u64)> {
    let cells = asked.cells(people);
    let everybody = cells.iter().fold(Set::new(), |all, cell| all | cell);
    let alone = |set: Set, count: u64| ([set.clone(), set], count);
    let mut found: Vec<([Set; 2], u64)> = total.value().map(|count| alone(everybody, *count)).into_iter().collect();
    for (frame, (slots, missing)) in frames.iter().zip(asked.slots(people)) {
        let shown = frame.slots.iter().zip(slots);
        let few = if missing.len() < LEAST { missing.clone() } else { Set::new() };
        found.extend(shown.filter_map(|(slot, set)| Some(([&set | &few, set], slot.value()?.count.people.0))));
        found.extend(frame.missing.iter().filter_map(|count| Some(alone(missing.clone(), count.value()?.people.0))));
    }
    found
}

fn cases() -> u32 {
    std::env::var("CODA_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(200)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    /// Every number is that of a set that was noted, or that follows from noted ones, and that fewer than k people tell from
    /// what was asked. All noted sets together determine nothing about fewer than k people.
    #[test]
    fn what_leaves_was_noted_and_together_tells_of_nobody((people, history) in history()) {
        let mut site = Site::new(&people);
        let mut shown = Vec::new();
        for asked in &history {
            let (total, frames) = site.answer(asked);
            shown.extend(numbers(asked, &people, &total, &frames));
        }
        let oracle = Oracle::new(people.len(), &site.told());
        for (sets, count) in &shown {
            prop_assert!(*count >= LEAST, "{history:?}: {count} people");
            let explained = sets.iter().any(|set| oracle.explains(set, *count, LEAST));
            prop_assert!(explained, "{history:?}: {count} for {:?} follows from no noted set", sets[1]);
        }
        prop_assert_eq!(oracle.determined(LEAST), None, "{:?}", history);
        for known in site.valid.values() {
            prop_assert_eq!(Oracle::new(people.len(), &sets(known)).determined(LEAST), None, "{:?}", history);
        }
    }
}

/// The oracle sees through answers that were only kept from small counts: so it can fail.
#[test]
fn without_a_history_somebody_is_told_of() {
    let mut runner = TestRunner::deterministic();
    let mut told = 0;
    for _ in 0..100 {
        let (people, history) = history().new_tree(&mut runner).unwrap().current();
        let sets = history.iter().flat_map(|asked| asked.cells(&people)).filter(|set| set.len() >= LEAST);
        told += u32::from(Oracle::new(people.len(), &sets.collect::<Vec<_>>()).determined(LEAST).is_some());
    }
    assert!(told > 20, "{told} of 100");
}
