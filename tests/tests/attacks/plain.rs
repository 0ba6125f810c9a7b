//! Pairs on counts over many targets: what docs/disclosure.md promises of one, eight and thirty of them.

use coda_model::{frame::SetKey, rounding::Sensitivity};
use rand::RngExt;

use crate::bench::{Attack, Counts, Off, Sets, by_set_alone, percent, rng, usual};

const TARGETS: usize = 4_000;

/// Guesses whether X is in, from so many pairs with other people beside.
fn pairs(rules: coda_disclosure::RuleSet, sensitivity: Sensitivity, many: usize) -> f64 {
    let counts = Counts::new(&rules, rules.rounding.step(sensitivity), false);
    let mut rng = rng(16);
    let mut one = |target: usize| {
        let sets = Sets::new(target as u64, rules);
        let (is_in, x) = (target.is_multiple_of(2), rng.random::<u64>());
        let mut score = 0.0;
        for pair in 0..many {
            let (others, key): (u64, SetKey) = (rng.random_range(25..120), SetKey(rng.random()));
            let told = |people, key, side: &str| {
                sets.told(people, key, &sets.statement(&format!("{pair} {side}"), sensitivity))
            };
            let with = if is_in { (others + 1, key.plus(SetKey(x))) } else { (others, key) };
            score += counts.of(told(with.0, with.1, "with"), told(others, key, "without"));
        }
        (score > 0.0) == is_in
    };
    percent(&(0..TARGETS).map(&mut one).collect::<Vec<_>>())
}

#[test]
fn pairs_by_number() {
    let (plain, sensitive) = (Sensitivity::Plain, Sensitivity::Sensitive);
    for (name, sensitivity, many, bound) in [
        ("one pair, E = 4", plain, 1, 56.0),
        ("eight pairs, E = 4", plain, 8, 66.0),
        ("sixteen pairs, E = 4 (alerted)", plain, 16, 76.0),
        ("twenty pairs, E = 4 (held)", plain, 20, 76.0),
        ("thirty pairs, E = 4 (not defended, a)", plain, 30, 98.0),
        ("one pair, E = 8", sensitive, 1, 56.0),
        ("eight pairs, E = 8", sensitive, 8, 66.0),
    ] {
        let off = (many == 8).then(|| Off { success: pairs(by_set_alone(), sensitivity, many), least: 95.0 });
        Attack {
            name,
            learns: "whether X is in",
            questions: 2 * many,
            targets: TARGETS,
            success: pairs(usual(), sensitivity, many),
            bound,
            off,
        }
        .check();
    }
}

/// A question about both levels of a binary variable is a pair of each: X is in one of them.
#[test]
fn twenty_pairs_of_ten_questions() {
    for (name, sensitivity, bound) in [
        ("pair padded 10 times, counts of both levels, E = 4", Sensitivity::Plain, 75.0),
        ("pair padded 10 times, counts of both levels, E = 8", Sensitivity::Sensitive, 68.0),
    ] {
        Attack {
            name,
            learns: "whether X has HIV, from yes and no at once",
            questions: 20,
            targets: TARGETS,
            success: pairs(usual(), sensitivity, 20),
            bound,
            off: None,
        }
        .check();
    }
}
