//! Nested sets: weighing finds where a figure changes and tests a person at this edge; walking goes over all of them.

use coda_disclosure::RuleSet;
use rand::RngExt;

use crate::bench::{Attack, Counts, Off, Sets, by_set_alone, percent, rng, usual};

const TARGETS: usize = 1_000;
const WEIGHINGS: usize = 8;
const STEPS: usize = 12;

/// Adds known people one at a time until the figure rises, then puts X in the place of the last: does it rise as well?
fn weighing(rules: RuleSet) -> f64 {
    let counts = Counts::new(&rules, rules.rounding.step, false);
    let mut rng = rng(3);
    let mut one = |target: usize| {
        let sets = Sets::new(target as u64, rules);
        let (is_in, x) = (target.is_multiple_of(2), rng.random::<u64>());
        let mut score = 0.0;
        for pad in 0..WEIGHINGS {
            let mut people: Vec<u64> = (0..rng.random_range(20..120)).map(|_| rng.random()).collect();
            let mut last = sets.count(&people, &format!("{pad} start"));
            for step in 0..STEPS {
                let known: u64 = rng.random();
                let next = sets.count(&[people.as_slice(), &[known]].concat(), &format!("{pad} {step}"));
                if next > last {
                    break;
                }
                people.push(known);
                last = next;
            }
            let with = if is_in { [people.as_slice(), &[x]].concat() } else { people };
            score += counts.of(sets.count(&with, &format!("{pad} x")), last);
        }
        (score > 0.0) == is_in
    };
    percent(&(0..TARGETS).map(&mut one).collect::<Vec<_>>())
}

/// Cohorts that grow month by month, each with X and without; X came in one of the first months.
fn walking(rules: RuleSet) -> f64 {
    let counts = Counts::new(&rules, rules.rounding.step, false);
    let mut rng = rng(4);
    let mut one = |target: usize| {
        let sets = Sets::new(target as u64, rules);
        let (is_in, x, month) = (target.is_multiple_of(2), rng.random::<u64>(), rng.random_range(0..4));
        let (mut people, mut score) = (Vec::new(), 0.0);
        for step in 0..STEPS {
            people.extend((0..rng.random_range(5..20)).map(|_| rng.random::<u64>()));
            if step >= month {
                let without = sets.count(&people, &format!("{step} without"));
                let with = if is_in { [people.as_slice(), &[x]].concat() } else { people.clone() };
                score += counts.of(sets.count(&with, &format!("{step}")), without);
            }
        }
        (score > 0.0) == is_in
    };
    percent(&(0..TARGETS).map(&mut one).collect::<Vec<_>>())
}

#[test]
fn weighing_a_person() {
    Attack {
        name: "weighing, 8 edges",
        learns: "whether X is in, from where a figure changes",
        questions: WEIGHINGS * (STEPS + 2),
        targets: TARGETS,
        success: weighing(usual()),
        bound: 66.0,
        off: Some(Off { success: weighing(by_set_alone()), least: 90.0 }),
    }
    .check();
}

#[test]
fn walking_over_months() {
    Attack {
        name: "walking over nested cohorts",
        learns: "whether X is in, from cohorts that grow by the month",
        questions: 2 * STEPS,
        targets: TARGETS,
        success: walking(usual()),
        bound: 75.0,
        off: Some(Off { success: walking(by_set_alone()), least: 95.0 }),
    }
    .check();
}
