//! Small counts: asked directly, as nobody or a few, and over random sets.

use coda_disclosure::RuleSet;
use coda_model::{frame::SetKey, rounding::Sensitivity, threshold::Threshold};
use rand::RngExt;

use crate::bench::{Attack, Off, Sets, Ward, bare, cases, percent, rng, usual};

/// Guesses whether nobody or five people are behind a figure: nobody where it is suppressed.
fn nobody_or_five(rules: RuleSet) -> f64 {
    let mut rng = rng(10);
    let mut one = |target: usize| {
        let sets = Sets::new(target as u64, rules);
        let people: Vec<u64> = (0..5 * (target % 2)).map(|_| rng.random()).collect();
        sets.count(&people, "cell").is_some_and(|told| told > 0) != people.is_empty()
    };
    percent(&(0..2_000).map(&mut one).collect::<Vec<_>>())
}

#[test]
fn nobody_looks_like_five() {
    Attack {
        name: "zero oracle",
        learns: "whether a cell has nobody or five people",
        questions: 1,
        targets: 2_000,
        success: nobody_or_five(usual()),
        bound: 50.0,
        off: Some(Off { success: nobody_or_five(bare()), least: 99.0 }),
    }
    .check();
}

/// Over random sets: no count under 6 is told, what is suppressed is under the told threshold, and the truth lies within the bound.
fn broken(threshold: u64, sensitivity: Sensitivity) -> f64 {
    let rules = RuleSet::perturbed(Threshold::new(threshold).unwrap());
    let mut rng = rng(threshold);
    let sets = Sets::new(threshold, rules);
    let mut one = |case: u64| {
        let most = if case.is_multiple_of(2) { 40 } else { 2_000 };
        let (people, key, words) = (rng.random_range(0..most), SetKey(rng.random()), rng.random::<u64>().to_string());
        let statement = sets.statement(&words, sensitivity);
        match sets.told(people, key, &statement) {
            None => people > rules.rounding.suppressed_at_most(),
            Some(told) => {
                people <= threshold || people < 6 || told < rules.rounding.told_from || told % 5 != 0
                    || told.abs_diff(people) > rules.rounding.error(sensitivity)
            }
        }
    };
    percent(&(0..cases()).map(&mut one).collect::<Vec<_>>())
}

#[test]
fn bounds_hold_over_random_sets() {
    for (name, threshold) in [
        ("random sets against their bounds, k = 5", 5),
        ("random sets against their bounds, k = 7", 7),
        ("random sets against their bounds, k = 10", 10),
        ("random sets against their bounds, k = 20", 20),
    ] {
        let success = broken(threshold, Sensitivity::Plain).max(broken(threshold, Sensitivity::Sensitive));
        Attack {
            name,
            learns: "a count of k or fewer, or one outside its bounds",
            questions: 1,
            targets: 2 * cases() as usize,
            success,
            bound: 0.0,
            off: None,
        }
        .check();
    }
}

/// How many of the told bins of random histograms have so few people that a count of them would never be told.
fn bins_of_few(rules: RuleSet) -> (usize, f64) {
    let mut few = Vec::new();
    for site in 0..40 {
        let ward = Ward::new(300, 8_000 + site, false);
        for text in ["of = ['median:age']", "of = ['median:stay']\nby = ['sex']", "of = ['histogram:age']\nby = ['smoking']"] {
            let raw = ward.raw(text);
            let told = raw.told(&rules);
            for (cell, frame) in told.asks[0].iter().enumerate() {
                let mut people = 0;
                for (place, slot) in frame.slots.iter().enumerate() {
                    people += raw.people(cell, place);
                    if slot.value().is_some() {
                        few.push(people < 6);
                        people = 0;
                    }
                }
            }
        }
    }
    (few.len(), percent(&few))
}

#[test]
fn told_bins_have_six_people() {
    let (targets, success) = bins_of_few(usual());
    Attack {
        name: "told bins of a distribution with under six people",
        learns: "that one to five people are in a bin",
        questions: 1,
        targets,
        success,
        bound: 0.0,
        off: None,
    }
    .check();
}
