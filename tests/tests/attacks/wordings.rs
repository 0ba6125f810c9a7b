//! One set in many wordings: conditions that exclude nobody give fresh steps, and the set the same uniform number.

use coda_disclosure::{Layer, RuleSet};
use rand::RngExt;

use crate::bench::{Attack, Off, Sets, by_statement_alone, percent, rng, told_counts, usual};

const TARGETS: usize = 400;
const WORDINGS: usize = 100;

/// The likeliest count behind told ones, with the uniform number of the set unknown and shared, or one of each statement.
fn likeliest(rules: &RuleSet, told: &[u64]) -> u64 {
    let (base, half) = (rules.rounding.base as i64, rules.rounding.step as i64);
    let about = told.iter().sum::<u64>() as i64 / told.len() as i64;
    let chance = |count: i64, uniform: i64| -> f64 {
        let of = |figure: &u64| {
            let step = |step: i64| {
                let rest = (count + step).rem_euclid(base);
                count + step - rest + if uniform < rest { base } else { 0 } == *figure as i64
            };
            (-half..=half).filter(|e| step(*e)).count() as f64 / (2 * half + 1) as f64
        };
        told.iter().map(|figure| (of(figure) + 1e-9).ln()).sum()
    };
    let score = |count: &i64| {
        if rules.set_layer == Layer::On {
            let all: Vec<f64> = (0..base).map(|uniform| chance(*count, uniform)).collect();
            let most = all.iter().copied().fold(f64::MIN, f64::max);
            return most + all.iter().map(|one| (one - most).exp()).sum::<f64>().ln();
        }
        let chances = told_counts(rules, rules.rounding.step, *count as u64);
        told.iter().map(|figure| (chances.get(figure).copied().unwrap_or_default() + 1e-9).ln()).sum()
    };
    let best = (about - 8..=about + 8).filter(|count| *count > 0).max_by(|a, b| score(a).total_cmp(&score(b)));
    best.unwrap_or_default() as u64
}

fn exact_counts(rules: RuleSet) -> f64 {
    let mut rng = rng(1);
    let mut one = |target: usize| {
        let sets = Sets::new(target as u64, rules);
        let people: Vec<u64> = (0..rng.random_range(30..120)).map(|_| rng.random()).collect();
        let told: Vec<u64> = (0..WORDINGS).filter_map(|wording| sets.count(&people, &wording.to_string())).collect();
        likeliest(&rules, &told) == people.len() as u64
    };
    percent(&(0..TARGETS).map(&mut one).collect::<Vec<_>>())
}

/// Nine people are known to be in; X may be the tenth, in so many wordings.
fn nine_or_ten(rules: RuleSet, wordings: usize, targets: usize) -> f64 {
    let mut rng = rng(2);
    let mut one = |target: usize| {
        let sets = Sets::new(target as u64, rules);
        let is_in = target.is_multiple_of(2);
        let people: Vec<u64> = (0..9 + usize::from(is_in)).map(|_| rng.random()).collect();
        // Ten people are always told.
        let told = (0..wordings).all(|wording| sets.count(&people, &wording.to_string()).is_some());
        told == is_in
    };
    percent(&(0..targets).map(&mut one).collect::<Vec<_>>())
}

#[test]
fn exact_count_of_one_set() {
    Attack {
        name: "100 wordings of one set",
        learns: "the exact count",
        questions: WORDINGS,
        targets: TARGETS,
        success: exact_counts(usual()),
        bound: 30.0,
        off: Some(Off { success: exact_counts(by_statement_alone()), least: 90.0 }),
    }
    .check();
}

#[test]
fn all_but_one_of_ten() {
    for (name, wordings, bound) in [("all but one of ten known", 1, 71.0), ("all but one of ten known, eight wordings", 8, 94.0)] {
        Attack {
            name,
            learns: "whether X is the tenth (not defended, f)",
            questions: wordings,
            targets: 4_000,
            success: nine_or_ten(usual(), wordings, 4_000),
            bound,
            off: None,
        }
        .check();
    }
}
