//! The registry itself.

use std::collections::HashSet;

use coda_model::frame::Guard;
use coda_stats::{ALL, Operands, Statistic, find};
use proptest::prelude::*;

use crate::{
    sites::{network_estimates, records, tabulated},
    world::{Counted, choices, counted, one_of_each, people, plan},
};

#[test]
fn every_statistic_has_a_name_of_its_own_a_summary_and_a_form() {
    let mut names = HashSet::new();
    for statistic in ALL {
        let name = statistic.name();
        assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{name:?}");
        assert!(names.insert(name), "{name} twice");
        assert!(!statistic.summary().trim().is_empty(), "{name} has no summary");
        assert!(!statistic.forms().is_empty(), "{name} takes nothing");
        assert_eq!(find(name).map(Statistic::name), Some(name));
    }
    assert!(find("").is_none() && find("Mean").is_none());
}

#[test]
fn every_form_of_every_statistic_is_tested_over_people_and_over_rows() {
    for counted in [Counted::People, Counted::LabRows] {
        let forms: usize = ALL.iter().map(|statistic| statistic.forms().len()).sum();
        assert_eq!(choices(counted).len(), forms);
        for (name, asks) in choices(counted) {
            assert!(!asks.is_empty(), "no ask for a form of {name} over {counted:?}: extend the test dictionary");
        }
    }
}

#[test]
fn every_guard_is_at_or_above_the_rules_of_the_specification() {
    for (name, asks) in choices(Counted::People) {
        let plan = plan(Counted::People, &asks[..1], &[]);
        let statistic = find(name).unwrap();
        let powers = statistic.shape(&Operands::of(&plan, &plan.asks[0].operands)).powers;
        match statistic.guard() {
            // disclosure.md 1.3: what tells a spread needs 10 people.
            Guard::Sample { least } | Guard::Together { least } => assert!(powers < 2 || least >= 10, "{name}"),
            // Sums of a few must not stand beside sums of all.
            Guard::Table => assert_eq!(powers, 0, "{name}"),
            // disclosure.md 1.7.
            Guard::Distribution { least } => assert!(powers == 0 && least >= 10, "{name}"),
        }
    }
}

#[test]
fn a_network_in_which_nobody_answered_tells_nothing() {
    for counted in [Counted::People, Counted::LabRows] {
        for (name, asks) in choices(counted) {
            let plan = plan(counted, &asks[..1], &["sex"]);
            for estimate in network_estimates(&plan, &[]).into_iter().flatten() {
                assert!(estimate.from.is_empty() && estimate.without.is_empty());
                let withheld = |figure: &coda_model::estimate::Figure| {
                    figure.quantity == coda_model::estimate::Quantity::Withheld && figure.interval.is_none()
                };
                assert!(estimate.figures.iter().all(withheld), "{name}: {:?}", estimate.figures);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn frames_of_asks_that_share_a_pass_are_those_of_each_ask_alone(
        people in people(0..80),
        (counted, asks) in counted().prop_flat_map(|counted| (Just(counted), one_of_each(counted))),
        by in prop::sample::select(vec![vec![], vec!["ward"]]),
    ) {
        let records = records(&people, counted);
        let shared = tabulated(&plan(counted, &asks, &by), counted, &records);
        prop_assert_eq!(shared.len(), asks.len());
        for (ask, shared) in asks.iter().zip(shared) {
            let alone = tabulated(&plan(counted, &[ask], &by), counted, &records).remove(0);
            prop_assert!(alone.frames == shared.frames, "{ask}");
            prop_assert!(alone.guard == shared.guard && alone.missing == shared.missing, "{ask}");
        }
    }
}
