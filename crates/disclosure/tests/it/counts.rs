//! R4 and R5 over random sets: what is told, what is suppressed, and how far a figure is from the truth.

use coda_model::{frame::SetKey, rounding::Sensitivity};
use rand::RngExt;

use crate::world::{cases, rng, rules, secret, statement};

/// Random sets of up to 40, or up to 5,000 people, with the told count under every threshold and sensitivity.
fn over_random_sets(check: impl Fn(u64, Sensitivity, u64, Option<u64>)) {
    let secret = secret(1);
    for threshold in [5, 7, 10, 20] {
        let (rules, mut rng) = (rules(threshold), rng(threshold));
        for case in 0..cases() {
            let people = rng.random_range(0..if case % 2 == 0 { 40 } else { 5_000 });
            let (key, text) = (SetKey(rng.random()), rng.random::<u64>().to_string());
            let sensitivity = if case % 3 == 0 { Sensitivity::Sensitive } else { Sensitivity::Plain };
            let told = rules.told(&secret, people, key, &statement(&secret, &text, sensitivity));
            check(threshold, sensitivity, people, told.value().copied());
        }
    }
}

#[test]
fn a_told_count_has_more_than_k_people_and_never_under_six() {
    over_random_sets(|threshold, _, people, told| {
        assert!(told.is_none() || (people > threshold && people >= 6), "{people} told as {told:?}, k = {threshold}");
    });
}

#[test]
fn a_suppressed_count_is_as_small_as_is_said() {
    over_random_sets(|threshold, _, people, told| {
        let least = rules(threshold).rounding.told_from;
        assert!(told.is_some() || people < least, "{people} suppressed, told from {least}");
    });
}

#[test]
fn a_told_count_is_a_multiple_of_five_within_its_bound() {
    over_random_sets(|threshold, sensitivity, people, told| {
        let rounding = rules(threshold).rounding;
        if let Some(told) = told {
            assert!(told % 5 == 0 && told >= rounding.told_from);
            assert!(told.abs_diff(people) <= rounding.error(sensitivity), "{people} told as {told}");
        }
    });
}

#[test]
fn exact_counts_are_told_from_the_threshold_on() {
    let (secret, exact) = (secret(2), coda_disclosure::RuleSet::exact(coda_model::threshold::Threshold::default()));
    for people in 0..50 {
        let statement = statement(&secret, "all", Sensitivity::Plain);
        let told = exact.told(&secret, people, SetKey(people), &statement);
        assert_eq!(told.value().copied(), (people >= 5).then_some(people));
    }
}
