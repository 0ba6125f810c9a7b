//! Planted people: known to the tests one by one, and to the sites as CSV.

use std::fmt::Write as _;

use coda_testkit::{SiteData, SiteOptions};

use crate::world::site;

/// What the people are described by.
pub(crate) const DICTIONARY: &str = include_str!("population.dictionary.toml");
/// Levels of `sex`.
pub(crate) const SEXES: [&str; 2] = ["female", "male"];
/// Levels of `pain`.
pub(crate) const PAINS: [&str; 3] = ["none", "mild", "severe"];

/// One person.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) site: &'static str,
    pub(crate) key: String,
    pub(crate) age: u32,
    /// In tenths of a kilogram.
    pub(crate) weight: Option<u32>,
    pub(crate) sex: usize,
    pub(crate) pain: Option<usize>,
    pub(crate) icu: bool,
    pub(crate) dead: bool,
    /// Month of 2024, from 1.
    pub(crate) month: u32,
    /// C-reactive protein in tenths, row by row.
    pub(crate) labs: Vec<Option<u32>>,
}

/// How the people of a site are.
pub(crate) struct Mix {
    pub(crate) site: &'static str,
    pub(crate) people: usize,
    pub(crate) age: u32,
    pub(crate) labs: u32,
}

/// Three hospitals: a large one, one whose patients are older and have no laboratory results, and a small one.
pub(crate) const MIXES: [Mix; 3] = [
    Mix { site: "north", people: 260, age: 50, labs: 4 },
    Mix { site: "south", people: 180, age: 68, labs: 0 },
    Mix { site: "east", people: 27, age: 35, labs: 3 },
];

/// The people of a site, always the same.
pub(crate) fn people(mix: &Mix) -> Vec<Person> {
    let mut state = mix.people as u64;
    // Knuth's linear congruential generator (The Art of Computer Programming, 3.3.4).
    let mut draw = move |below: u32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % u64::from(below)) as u32
    };
    let mut person = |number| {
        let icu = draw(4) == 0;
        Person {
            site: mix.site,
            key: format!("{}-{number}", mix.site),
            age: mix.age + draw(30),
            weight: (draw(10) > 0).then(|| 450 + draw(700)),
            sex: draw(2) as usize,
            pain: (draw(8) > 0).then(|| draw(3) as usize),
            icu,
            dead: draw(10) < if icu { 5 } else { 2 },
            month: 1 + draw(6),
            labs: (0..if mix.labs == 0 { 0 } else { draw(mix.labs) })
                .map(|_| (draw(9) > 0).then(|| draw(3000)))
                .collect(),
        }
    };
    (0..mix.people).map(&mut person).collect()
}

/// The people of all hospitals.
pub(crate) fn everybody() -> Vec<Person> {
    MIXES.iter().flat_map(people).collect()
}

/// A site with these people.
pub(crate) fn hospital(name: &str, people: &[Person]) -> SiteOptions {
    SiteOptions::new(site(name), SiteData::Tables(tables(people)))
}

/// A site for each hospital.
pub(crate) fn hospitals() -> Vec<SiteOptions> {
    MIXES.iter().map(|mix| hospital(mix.site, &people(mix))).collect()
}

fn tables(people: &[Person]) -> Vec<(String, String)> {
    let mut patients = "id,age,weight,sex,pain,icu,dead,admission\n".to_owned();
    let mut labs = "id,taken,crp\n".to_owned();
    for Person { site: _, key, age, weight, sex, pain, icu, dead, month, labs: rows } in people {
        let (weight, pain) = (tenths(*weight), pain.map_or("", |pain| PAINS[pain]));
        let flags = format!("{},{}", yes(*icu), yes(*dead));
        writeln!(patients, "{key},{age},{weight},{},{pain},{flags},2024-{month:02}-15", SEXES[*sex]).unwrap();
        for (day, crp) in rows.iter().enumerate() {
            writeln!(labs, "{key},2024-{month:02}-{:02},{}", 16 + day, tenths(*crp)).unwrap();
        }
    }
    vec![("patient".to_owned(), patients), ("lab".to_owned(), labs)]
}

fn tenths(value: Option<u32>) -> String {
    value.map_or_else(String::new, |value| format!("{}.{}", value / 10, value % 10))
}

fn yes(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}
