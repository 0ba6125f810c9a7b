//! Padded pairs: "A and B" against "A and B without X", for ten different B, of which X meets all.

use std::sync::LazyLock;

use coda_disclosure::{Digits, RuleSet};

use crate::bench::{Attack, Counts, Means, Off, Raw, Ward, by_set_alone, percent, usual};

const TARGETS: usize = 200;
const PADS: usize = 10;

/// What came of a run: from the level `yes`, and from the same without the statement layer.
static PLAIN: LazyLock<[f64; 2]> = LazyLock::new(|| counts(false));
static SENSITIVE: LazyLock<[f64; 2]> = LazyLock::new(|| counts(true));
/// From means, from means and counts, and from means with the set layer alone.
static MEANS: LazyLock<[f64; 3]> = LazyLock::new(means);

/// Success of guesses whether X has HIV, by several scores of the same pairs: a score is positive where X seems to.
fn guesses<const N: usize>(ask: &str, sensitive: bool, score: impl Fn(&Ward, usize, [&Raw; 2]) -> [f64; N]) -> [f64; N] {
    let mut right: [Vec<bool>; N] = std::array::from_fn(|_| Vec::new());
    for site in 0.. {
        let ward = Ward::new(600, 1_000 + site, sensitive);
        for target in ward.targets(20, Ward::has_hiv) {
            let mut sums = [0.0; N];
            for pad in ward.pads(target, PADS, site) {
                let with = ward.raw(&format!("where = '{pad}'\n{ask}"));
                let without = ward.raw(&format!("where = '{pad} and not ({})'\n{ask}", ward.described(target)));
                sums.iter_mut().zip(score(&ward, target, [&with, &without])).for_each(|(sum, score)| *sum += score);
            }
            right.iter_mut().zip(sums).for_each(|(right, sum)| right.push((sum > 0.0) == ward.has_hiv(target)));
        }
        if right[0].len() >= TARGETS {
            break;
        }
    }
    right.map(|right| percent(&right))
}

/// The score of a pair by the counts of a slot.
fn by_count(counts: &Counts, rules: &RuleSet, [with, without]: [&Raw; 2], (cell, slot): (usize, usize)) -> f64 {
    let told = |raw: &Raw| raw.slot(rules, cell, slot).map(|slot| slot.count.people.0);
    counts.of(told(with), told(without))
}

fn counts(sensitive: bool) -> [f64; 2] {
    let (rules, alone) = (usual(), by_set_alone());
    let half = if sensitive { rules.rounding.step_sensitive } else { rules.rounding.step };
    let (two, one) = (Counts::new(&rules, half, false), Counts::new(&alone, 0, false));
    guesses("of = ['marginals:hiv']", sensitive, |_, _, pair| {
        [by_count(&two, &rules, pair, (0, 1)), by_count(&one, &alone, pair, (0, 1))]
    })
}

fn means() -> [f64; 3] {
    let (rules, alone) = (usual(), RuleSet { digits: Digits::All, ..by_set_alone() });
    let counts = Counts::new(&rules, rules.rounding.step, false);
    guesses("of = ['mean:age']\nby = ['hiv']", false, |ward, target, pair| {
        let of = |rules: &RuleSet| {
            let told = |raw: &Raw| {
                let slot = raw.slot(rules, 1, 0)?;
                let (n, sums) = (slot.count.people.0 as f64, slot.sums?);
                let mean = sums.x as f64 / 65_536.0 / n;
                let q = sums.q as f64 / 4_294_967_296.0;
                Some((mean, ((q - n * mean * mean) / (n - 1.0)).sqrt(), n))
            };
            Means { rules, value: f64::from(ward.age(target)) }.of(told(pair[0]), told(pair[1]))
        };
        let mean = of(&rules);
        [mean, mean + by_count(&counts, &rules, pair, (1, 0)), of(&alone)]
    })
}

#[test]
fn counts_of_plain_variables() {
    Attack {
        name: "pair padded 10 times, counts, E = 4",
        learns: "whether X has HIV",
        questions: 2 * PADS,
        targets: TARGETS,
        success: PLAIN[0],
        bound: 75.0,
        off: Some(Off { success: PLAIN[1], least: 95.0 }),
    }
    .check();
}

#[test]
fn counts_of_sensitive_variables() {
    Attack {
        name: "pair padded 10 times, counts, E = 8",
        learns: "whether X has HIV, which is declared sensitive",
        questions: 2 * PADS,
        targets: TARGETS,
        success: SENSITIVE[0],
        bound: 68.0,
        off: Some(Off { success: SENSITIVE[1], least: 95.0 }),
    }
    .check();
}

#[test]
fn means_of_a_known_value() {
    Attack {
        name: "pair padded 10 times, means",
        learns: "whether X, whose age is known, has HIV",
        questions: 2 * PADS,
        targets: TARGETS,
        success: MEANS[0],
        bound: 69.0,
        off: Some(Off { success: MEANS[2], least: 95.0 }),
    }
    .check();
}

#[test]
fn means_and_counts() {
    Attack {
        name: "pair padded 10 times, means and counts",
        learns: "whether X, whose age is known, has HIV",
        questions: 2 * PADS,
        targets: TARGETS,
        success: MEANS[1],
        bound: 75.0,
        off: None,
    }
    .check();
}
