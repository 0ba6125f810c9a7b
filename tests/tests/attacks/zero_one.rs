//! Values without spread: columns of 0 and 1, and constants. Their sums have the noise of an SD of one.

use std::collections::BTreeMap;

use coda_disclosure::RuleSet;
use coda_model::scale::Scale;
use rand::{Rng, RngExt};

use crate::bench::{Attack, Off, Sets, bare, percent, rng, usual};

const TARGETS: u64 = 2_000;
const PEOPLE: usize = 20;

/// A told mean over twenty people of whom one, or nobody, has a 1, as whole numbers; and their SD.
fn seen(site: u64, rules: RuleSet, ones: usize, rng: &mut impl Rng) -> Option<(i64, u64, i64)> {
    let scale = Scale::new(0.0, 1.0, 1.0).unwrap();
    let people: Vec<(u64, i32)> = (0..PEOPLE).map(|person| (rng.random(), i32::from(person < ones))).collect();
    let told = Sets::new(site, rules).mean(scale, &people, "cured", "ward")?;
    Some(((told.mean * 1_000.0).round() as i64, told.people, (told.sd * 1_000.0).round() as i64))
}

/// Guesses 0 or 1 by which of what is seen comes more often, learnt at sites of the attacker's own.
fn zero_or_one<T: Ord>(rules: RuleSet, look: impl Fn(Option<(i64, u64, i64)>) -> T) -> f64 {
    let (mut rng, mut learnt) = (rng(11), BTreeMap::<_, [f64; 2]>::new());
    for site in 0..20_000 {
        let ones = site as usize % 2;
        learnt.entry(look(seen(1_000_000 + site, rules, ones, &mut rng))).or_default()[ones] += 1.0;
    }
    let mut one = |site| {
        let ones = site as usize % 2;
        let [none, some] = learnt.get(&look(seen(site, rules, ones, &mut rng))).copied().unwrap_or_default();
        (some > none) == (ones == 1)
    };
    percent(&(0..TARGETS).map(&mut one).collect::<Vec<_>>())
}

#[test]
fn empty_columns() {
    Attack {
        name: "mean and SD of a column of 0 and 1",
        learns: "whether one of twenty has a 1, or nobody",
        questions: 1,
        targets: TARGETS as usize,
        success: zero_or_one(usual(), |seen| seen),
        bound: 65.0,
        off: Some(Off { success: zero_or_one(bare(), |seen| seen), least: 99.0 }),
    }
    .check();
}

/// How many people there are, from the told count and the SDs of five columns of equal values, learnt at sites of the attacker's own.
fn exact_count(rules: RuleSet) -> f64 {
    let (mut rng, mut learnt) = (rng(21), BTreeMap::<(u64, i64), [u32; 8]>::new());
    let scale = Scale::new(0.0, 1.0, 1.0).unwrap();
    let mut seen = |site: u64| {
        let people: Vec<(u64, i32)> = (0..12 + site % 8).map(|_| (rng.random(), 0)).collect();
        let sets = Sets::new(site, rules);
        let told = (0..5).map(|column| sets.mean(scale, &people, &format!("v{column}"), "ward").unwrap());
        // The least of them is the least that there is.
        told.map(|told| (told.people, (told.sd * 10_000.0).round() as i64)).min().unwrap()
    };
    for site in 0..20_000 {
        learnt.entry(seen(1_000_000 + site)).or_default()[(site % 8) as usize] += 1;
    }
    let mut one = |site: u64| {
        let known = learnt.get(&seen(site)).copied().unwrap_or_default();
        let most = (0..8).max_by_key(|count| known[*count]).unwrap();
        most as u64 == site % 8
    };
    percent(&(0..TARGETS).map(&mut one).collect::<Vec<_>>())
}

#[test]
fn the_sd_of_equal_values_does_not_tell_how_many_they_are() {
    Attack {
        name: "exact count from the SDs of five columns of equal values",
        learns: "which of 12 to 19 people there are",
        questions: 5,
        targets: TARGETS as usize,
        success: exact_count(usual()),
        bound: 30.0,
        off: Some(Off { success: exact_count(bare()), least: 95.0 }),
    }
    .check();
}

/// Whether the told mean of equal values, rounded to the resolution, is their value.
fn constant(rules: RuleSet) -> f64 {
    let mut rng = rng(12);
    let mut one = |site| {
        let value = rng.random_range(0..=1_000);
        let people: Vec<(u64, i32)> = (0..30).map(|_| (rng.random(), value)).collect();
        let told = Sets::new(site, rules).mean(Scale::new(0.0, 1_000.0, 1.0).unwrap(), &people, "v", "ward");
        told.is_some_and(|told| told.mean.round() as i32 == value)
    };
    percent(&(0..TARGETS).map(&mut one).collect::<Vec<_>>())
}

#[test]
fn constants() {
    Attack {
        name: "mean of equal values",
        learns: "the value that thirty people share",
        questions: 1,
        targets: TARGETS as usize,
        success: constant(usual()),
        bound: 65.0,
        off: Some(Off { success: constant(bare()), least: 99.0 }),
    }
    .check();
}
