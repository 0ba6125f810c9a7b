//! A small dictionary, every ask that can be made from it, and random people.

use std::sync::LazyLock;

use coda_model::{
    dictionary::Dictionary,
    plan::Plan,
    query::{Query, parse_ask, parse_factor},
    variable::{Kind, Missing, Variable},
};
use coda_stats::{ALL, Takes, check};
use proptest::{prelude::*, sample::Index};

const TOML: &str = r#"
version = "1"
title = "test"
[dataset.d]
people = "patient"
[dataset.d.table.patient]
rows = "one"
person = "id"
[dataset.d.table.patient.variable]
age = { type = "continuous", unit = "a", lower = 0, upper = 110, resolution = 1, missing = "never" }
crp = { type = "continuous", unit = "mg/L", lower = 0, upper = 60, resolution = 0.1, grid = { edges = [0, 0.1, 1, 5, 10, 40] }, missing = "may" }
excess = { type = "continuous", unit = "mmol/L", lower = -4, upper = 4, resolution = 0.5, missing = "may" }
dead = { type = "binary", missing = "never" }
icu = { type = "binary", missing = "may", sensitive = true }
sex = { type = "categorical", levels = ["female", "male"], missing = "never" }
ward = { type = "categorical", levels = ["a", "b", "c"], missing = "may" }
admission = { type = "date", granularity = "day", from = 2020-01-01, to = 2020-03-31, missing = "may" }
[dataset.d.table.lab]
rows = "many"
rows_at_most = 4
person = "id"
time = "taken"
[dataset.d.table.lab.variable]
taken = { type = "date", granularity = "day", from = 2020-01-01, to = 2020-12-31, missing = "never" }
lactate = { type = "continuous", unit = "mmol/L", lower = 0, upper = 20, resolution = 0.1, missing = "may" }
flag = { type = "categorical", levels = ["low", "normal", "high"], missing = "may" }
"#;

/// The most rows of `lab` a person has, as declared.
const MOST_ROWS: usize = 4;

pub(crate) static DICTIONARY: LazyLock<Dictionary> = LazyLock::new(|| Dictionary::parse(TOML).unwrap());

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Counted {
    People,
    LabRows,
}

/// The asks that one form of one statistic accepts.
pub(crate) type Choices = Vec<String>;

/// A person: the record key, the codes of the table of people, and those of each row in `lab`.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) key: u64,
    pub(crate) codes: Vec<i32>,
    pub(crate) lab: Vec<Vec<i32>>,
}

/// A dictionary of one table of people.
pub(crate) fn one_table(variables: &str) -> Dictionary {
    let head = "version = \"1\"\ntitle = \"test\"\n[dataset.d]\npeople = \"p\"\n[dataset.d.table.p]\nrows = \"one\"\nperson = \"id\"\n[dataset.d.table.p.variable]";
    let text = format!("{head}\n{variables}\n");
    Dictionary::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A plan, if every word is known and every statistic takes what it is given.
pub(crate) fn try_plan(dictionary: &Dictionary, counted: Counted, asks: &[&str], by: &[&str]) -> Option<Plan> {
    let query = Query {
        dataset: "d".to_owned(),
        rows: (counted == Counted::LabRows).then(|| "lab".to_owned()),
        asks: asks.iter().map(|ask| parse_ask("of", ask).unwrap()).collect(),
        by: by.iter().map(|factor| parse_factor("by", factor).unwrap()).collect(),
        ..Query::default()
    };
    Plan::of(&query, dictionary).ok().filter(|plan| check(plan).is_ok())
}

/// A plan over the test dictionary.
pub(crate) fn plan(counted: Counted, asks: &[impl AsRef<str>], by: &[&str]) -> Plan {
    let asks: Vec<&str> = asks.iter().map(AsRef::as_ref).collect();
    try_plan(&DICTIONARY, counted, &asks, by).unwrap_or_else(|| panic!("{asks:?} by {by:?} makes no plan"))
}

/// For each form of each statistic, every ask that it accepts.
pub(crate) fn choices(counted: Counted) -> &'static [(&'static str, Choices)] {
    static PEOPLE: LazyLock<Vec<(&str, Choices)>> = LazyLock::new(|| make_choices(Counted::People));
    static ROWS: LazyLock<Vec<(&str, Choices)>> = LazyLock::new(|| make_choices(Counted::LabRows));
    match counted {
        Counted::People => &PEOPLE,
        Counted::LabRows => &ROWS,
    }
}

fn make_choices(counted: Counted) -> Vec<(&'static str, Choices)> {
    let forms = ALL.iter().flat_map(|statistic| statistic.forms().iter().map(|form| (statistic.name(), *form)));
    forms.map(|(name, form)| (name, accepted(counted, name, form))).collect()
}

fn accepted(counted: Counted, name: &str, form: &[Takes]) -> Choices {
    let factors = factors();
    let extend =
        |asks: Vec<String>| asks.iter().flat_map(|ask| factors.iter().map(move |f| format!("{ask}:{f}"))).collect();
    let all = form.iter().fold(vec![name.to_owned()], |asks, _| extend(asks));
    all.into_iter().filter(|ask| try_plan(&DICTIONARY, counted, &[ask], &[]).is_some()).collect()
}

/// Every variable, undivided, by each of its levels, and cut where it may be cut (docs/disclosure.md, R12).
fn factors() -> Vec<String> {
    let mut factors = Vec::new();
    for (_, _, variable) in DICTIONARY.datasets[0].variables() {
        factors.push(variable.id.to_string());
        factors.extend(variable.kind.levels().unwrap_or_default().iter().map(|l| format!("{}={l}", variable.id)));
        if let Kind::Continuous(continuous) = &variable.kind {
            let (cuts, scale) = (&continuous.cuts, continuous.scale);
            let cut = |part: usize| scale.value(f64::from(cuts[cuts.len() * part / 4]));
            factors.push(format!("{}@{}", variable.id, cut(2)));
            factors.push(format!("{}@{},{},{}", variable.id, cut(1), cut(2), cut(3)));
        }
    }
    factors
}

/// One ask of each form of each statistic that is of what is counted.
pub(crate) fn one_of_each(counted: Counted) -> impl Strategy<Value = Vec<String>> {
    let forms: Vec<&Choices> = choices(counted).iter().map(|(_, asks)| asks).filter(|asks| !asks.is_empty()).collect();
    prop::collection::vec(any::<Index>(), forms.len())
        .prop_map(move |picks| picks.iter().zip(&forms).map(|(pick, asks)| pick.get(asks).clone()).collect())
}

/// People or rows.
pub(crate) fn counted() -> impl Strategy<Value = Counted> {
    prop_oneof![Just(Counted::People), Just(Counted::LabRows)]
}

/// Up to so many people. They come from a seed, because a strategy for each code would be slow; their number shrinks.
pub(crate) fn people(sizes: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Person>> {
    (sizes, any::<u64>()).prop_map(|(size, seed)| {
        let mut dice = Dice(seed);
        let tables = &DICTIONARY.datasets[0].tables;
        let row = |table: usize, dice: &mut Dice| tables[table].variables.iter().map(|one| dice.code(one)).collect();
        let person = |_| Person {
            key: dice.next(),
            codes: row(0, &mut dice),
            lab: (0..dice.below(MOST_ROWS as u64 + 1)).map(|_| row(1, &mut dice)).collect(),
        };
        (0..size).map(person).collect()
    })
}

/// People spread over 1 to 5 sites, some of which may be empty. The sites may differ in everything: then the first has the
/// youngest.
pub(crate) fn network(sizes: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Vec<Person>>> {
    (people(sizes), prop::collection::vec(any::<Index>(), 0..5), any::<bool>()).prop_map(
        |(mut people, cuts, tilted)| {
            if tilted {
                people.sort_by_key(|person| person.codes[0]);
            }
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(people.len() + 1)).collect();
            cuts.sort_unstable();
            cuts.push(people.len());
            let mut from = 0;
            cuts.into_iter().map(|to| people[std::mem::replace(&mut from, to)..to].to_vec()).collect()
        },
    )
}

/// Random numbers (Steele, Lea and Flood 2014, OOPSLA, doi:10.1145/2660193.2660195: `SplitMix`).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A code: missing now and then where it may be; small, large and any.
    fn code(&mut self, variable: &Variable) -> i32 {
        let highest = variable.kind.highest() as u64;
        if variable.missing == Missing::May && self.below(7) == 0 {
            return -1;
        }
        let code = match self.below(3) {
            0 => self.below(highest + 1),
            1 => self.below(highest.min(12) + 1),
            _ => highest - self.below(2),
        };
        code as i32
    }
}
