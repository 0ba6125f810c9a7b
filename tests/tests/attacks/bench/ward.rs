//! A ward of synthetic people, asked as a computation node asks: text, plan, frames, statements, release.

use std::sync::Arc;

use coda_compute::statements::Speaker;
use coda_disclosure::{Query, Release, RuleSet, SiteSecret, Statements, record_keys, release};
use coda_engine::{Need, Tables, execute};
use coda_model::{
    dictionary::{Dictionary, Place},
    frame::{Shown, ShownSlot, SiteFrames, Slot, Tabulated},
    plan::Plan,
    query::parse_file,
};
use prost::Message;
use rand::RngExt;
use time::macros::date;

use super::{VARIABLES, normal, rng, words::dictionary};

/// Place of the age.
const AGE: usize = 1;
/// Place of HIV.
const HIV: usize = 6;
/// Place of the length of stay.
const STAY: usize = 7;
/// How many variables there are.
const WIDTH: usize = 9;

/// The people of a site.
#[derive(Clone)]
pub(crate) struct Ward {
    dictionary: Arc<Dictionary>,
    secret: SiteSecret,
    keys: Arc<Vec<u64>>,
    /// The codes of each variable.
    pub(crate) columns: Vec<Vec<i32>>,
    /// The person and the CRP of each laboratory row.
    pub(crate) labs: Vec<(i32, i32)>,
}

/// What a query's release is made of.
pub(crate) struct Raw {
    cohort: Slot,
    asks: Vec<Tabulated>,
    statements: Statements,
    secret: SiteSecret,
    plan: Plan,
}

impl Ward {
    /// So many people. Half have HIV; a fifth has no known length of stay.
    pub(crate) fn new(people: usize, seed: u64, sensitive: bool) -> Self {
        let mut rng = rng(seed);
        let mut columns: Vec<Vec<i32>> = vec![Vec::new(); WIDTH];
        let mut labs = Vec::new();
        for person in 0..people {
            for variable in VARIABLES {
                // The lower of two draws now and then, so that levels differ in size.
                let draw = rng.random_range(0..variable.levels).min(rng.random_range(0..variable.levels * 3));
                columns[variable.place].push(draw);
            }
            columns[AGE].push((55.0 + 18.0 * normal(&mut rng)).clamp(18.0, 100.0) as i32);
            columns[HIV].push(rng.random_range(0..2));
            let stay = (1.8 + 0.9 * normal(&mut rng)).exp().clamp(0.0, 400.0) as i32;
            columns[STAY].push(if rng.random_range(0..5) == 0 { -1 } else { stay });
            columns[8].push(rng.random_range(0..2));
            labs.extend((0..rng.random_range(0..4)).map(|_| (person as i32, rng.random_range(0..300))));
        }
        let secret = SiteSecret::new([seed as u8; 32]);
        let pseudonyms: Vec<[u8; 16]> = (0..people as u128).map(u128::to_be_bytes).collect();
        let keys = Arc::new(record_keys(&secret, &seed_of(seed), &pseudonyms));
        Self { dictionary: Arc::new(Dictionary::parse(&dictionary(sensitive)).unwrap()), secret, keys, columns, labs }
    }

    /// The dictionary.
    pub(crate) fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// How many people.
    pub(crate) fn people(&self) -> usize {
        self.keys.len()
    }

    /// Somebody's age.
    pub(crate) fn age(&self, person: usize) -> i32 {
        self.columns[AGE][person]
    }

    /// Whether somebody has HIV.
    pub(crate) fn has_hiv(&self, person: usize) -> bool {
        self.columns[HIV][person] == 1
    }

    /// Those who are alone with their unit, month and age by five years, with as many of one kind as of the other.
    pub(crate) fn targets(&self, most: usize, kind: impl Fn(&Self, usize) -> bool) -> Vec<usize> {
        let alike = |a: usize, b: usize| {
            [2, 3].iter().all(|place| self.columns[*place][a] == self.columns[*place][b]) && self.age(a) / 5 == self.age(b) / 5
        };
        let alone = |person: &usize| (0..self.people()).all(|other| other == *person || !alike(*person, other));
        let of = |wanted: bool| (0..self.people()).filter(alone).filter(|person| kind(self, *person) == wanted).take(most / 2).collect();
        let (some, others): (Vec<usize>, Vec<usize>) = (of(true), of(false));
        let least = some.len().min(others.len());
        some.into_iter().take(least).chain(others.into_iter().take(least)).collect()
    }

    /// What is known of somebody, who is the only one such: three comparisons.
    pub(crate) fn described(&self, person: usize) -> String {
        let [_, unit, month, ..] = VARIABLES;
        let (of_unit, of_month) = (self.columns[unit.place][person], self.columns[month.place][person]);
        let age = self.age(person) / 5 * 5;
        format!("unit = {} and month = {} and age in [{age}, {})", unit.level(of_unit), month.level(of_month), age + 5)
    }

    /// Conditions that somebody meets with about half of all, no two the same.
    pub(crate) fn pads(&self, person: usize, many: usize, seed: u64) -> Vec<String> {
        let mut rng = rng(seed ^ person as u64);
        let mut pads: Vec<String> = Vec::new();
        while pads.len() < many {
            let variable = VARIABLES[rng.random_range(1..VARIABLES.len())];
            let own = self.columns[variable.place][person];
            let others = (0..variable.levels).filter(|code| *code == own || rng.random_range(0..2) == 0).collect::<Vec<_>>();
            let pad = variable.among(&others);
            if (others.len() as i32) < variable.levels && !pads.contains(&pad) {
                pads.push(pad);
            }
        }
        pads
    }

    /// The frames of a query file, raw.
    pub(crate) fn raw(&self, query: &str) -> Raw {
        let (query, _) = parse_file(&format!("dataset = \"ward\"\n{query}")).unwrap();
        let plan = Plan::of(&query, &self.dictionary).unwrap_or_else(|error| panic!("{error}"));
        coda_stats::check(&plan).unwrap();
        let speaker = Speaker { secret: &self.secret, lineage: &[1; 16], made: date!(2026 - 01 - 01) };
        let statements = speaker.statements(&plan, self.dictionary.dataset(&plan.dataset).unwrap());
        self.computed(plan, statements)
    }

    /// The frames of a query that another ward with this secret was asked.
    pub(crate) fn again(&self, raw: &Raw) -> Raw {
        self.computed(raw.plan.clone(), raw.statements.clone())
    }

    fn computed(&self, plan: Plan, statements: Statements) -> Raw {
        let dataset = self.dictionary.dataset(&plan.dataset).unwrap();
        let mut tables = Tables::new(dataset, Arc::clone(&self.keys));
        for (variable, codes) in self.columns.iter().enumerate() {
            tables.insert(Need::Variable(Place { table: 0, variable }), Arc::new(codes.clone()));
        }
        let of = |which: fn(&(i32, i32)) -> i32| Arc::new(self.labs.iter().map(which).collect::<Vec<i32>>());
        tables.insert(Need::Person(1), of(|row| row.0));
        tables.insert(Need::Variable(Place { table: 1, variable: 0 }), of(|row| row.1));
        let computed = execute(&plan, &tables).unwrap();
        Raw { cohort: computed.cohort, asks: computed.asks, statements, secret: self.secret.clone(), plan }
    }
}

impl Raw {
    /// What leaves under these rules.
    pub(crate) fn release(&self, rules: &RuleSet) -> Release {
        release(&Query { cohort: &self.cohort, asks: &self.asks, statements: &self.statements }, &self.secret, rules)
    }

    /// The same as bytes.
    pub(crate) fn encoded(&self, rules: &RuleSet) -> Vec<u8> {
        coda_wire::frames::encode(&self.release(rules)).encode_to_vec()
    }

    /// The same as frames.
    pub(crate) fn told(&self, rules: &RuleSet) -> SiteFrames {
        self.release(rules).frames().clone()
    }

    /// Exact people of a slot of the first ask.
    pub(crate) fn people(&self, cell: usize, slot: usize) -> u64 {
        self.asks[0].frames[cell].slots[slot].people.0
    }

    /// A told slot of the first ask.
    pub(crate) fn slot(&self, rules: &RuleSet, cell: usize, slot: usize) -> Option<ShownSlot> {
        match &self.release(rules).frames().asks[0][cell].slots[slot] {
            Shown::Value(slot) => Some(slot.clone()),
            Shown::Suppressed => None,
        }
    }
}

fn seed_of(seed: u64) -> [u8; 16] {
    u128::from(seed).to_be_bytes()
}
