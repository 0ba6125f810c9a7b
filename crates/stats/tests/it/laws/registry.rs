//! The registry itself.

use std::collections::HashSet;

use coda_model::{
    estimate::{Figure, Quantity},
    frame::Guard,
};
use coda_stats::{ALL, Operands, Statistic, estimate, find};
use proptest::prelude::*;

use crate::{
    sites::{name, network_estimates, records, tabulated},
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
            // A distribution is one of people (docs/disclosure.md, R8).
            let of_people = matches!(find(name).unwrap().guard(), Guard::Distribution { .. });
            let expected = counted == Counted::LabRows && of_people;
            assert_eq!(
                asks.is_empty(),
                expected,
                "asks for a form of {name} over {counted:?}: extend the test dictionary"
            );
        }
    }
}

#[test]
fn every_guard_is_at_or_above_the_rules_of_the_specification() {
    for (name, asks) in choices(Counted::People) {
        let plan = plan(Counted::People, &asks[..1], &[]);
        let statistic = find(name).unwrap();
        let shape = statistic.shape(&Operands::of(&plan, &plan.asks[0].operands));
        let figures = network_estimates(&plan, &[]).remove(0).remove(0).figures;
        let has = |percentile: &str| figures.iter().any(|figure| figure.name == percentile);
        match statistic.guard() {
            // Sums of a few must not stand beside sums of all.
            Guard::Each => assert!(!shape.sums, "{name}"),
            Guard::All => {}
            // docs/disclosure.md, R8: one distribution on the public grid; a median from 40 people, other quantiles from 100.
            Guard::Distribution { least } => {
                assert!(!shape.sums && shape.value.is_none() && shape.axes.len() == 1, "{name}");
                assert!(!has("median") || least >= 40, "{name}");
                assert!(!["p5", "p10", "p25", "p75", "p90", "p95"].into_iter().any(has) || least >= 100, "{name}");
            }
        }
    }
}

#[test]
fn a_network_in_which_nobody_answered_tells_nothing_and_names_who_did_not() {
    let others = [name(3), name(1)];
    for counted in [Counted::People, Counted::LabRows] {
        for (statistic, asks) in choices(counted).iter().filter(|(_, asks)| !asks.is_empty()) {
            let plan = plan(counted, &asks[..1], &["sex"]);
            for cell in estimate(&plan, &[], &others).into_iter().flat_map(|ask| ask.cells) {
                assert!(cell.sites.is_empty() && cell.network.sites_in.is_empty());
                assert_eq!(cell.network.sites_out, others);
                let suppressed = |figure: &Figure| {
                    figure.quantity == Quantity::Suppressed && figure.confidence.is_none() && figure.certain.is_none()
                };
                let figures = &cell.network.figures;
                assert!(!figures.is_empty() && figures.iter().all(suppressed), "{statistic}: {figures:?}");
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
        let shared = tabulated(&plan(counted, &asks, &by), counted, &records).asks;
        prop_assert_eq!(shared.len(), asks.len());
        for (ask, shared) in asks.iter().zip(shared) {
            let mut alone = tabulated(&plan(counted, &[ask], &by), counted, &records).asks.remove(0);
            // Columns are counted from the first that the plan has.
            prop_assert_eq!(alone.summed.map(|summed| summed.scale), shared.summed.map(|summed| summed.scale));
            alone.summed = shared.summed;
            prop_assert!(alone == shared, "{ask}");
        }
    }
}
