//! Merged equals pooled, to the bit.

use coda_model::estimate::Quantity;
use proptest::prelude::*;

use crate::{
    sites::{estimates, everything, honest, network_estimates, records, spelled, tabulated},
    world::{counted, network, one_of_each, plan},
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn splitting_people_over_sites_changes_nothing_to_the_bit(
        sites in network(0..150),
        (counted, asks) in counted().prop_flat_map(|counted| (Just(counted), one_of_each(counted))),
        by in prop::sample::select(vec![vec![], vec!["sex"], vec!["ward", "age@40,70"]]),
    ) {
        let plan = plan(counted, &asks, &by);
        let site = |people: &Vec<_>| everything(&tabulated(&plan, counted, &records(people, counted)));
        let apart: Vec<_> = sites.iter().map(site).collect();
        let together = site(&sites.concat());
        prop_assert_eq!(
            spelled(&network_estimates(&plan, &apart)),
            spelled(&network_estimates(&plan, &[together]))
        );
    }

    #[test]
    fn the_order_of_the_sites_changes_nothing_to_the_bit(
        (sites, shuffled) in network(0..400).prop_flat_map(|sites| {
            let places: Vec<usize> = (0..sites.len()).collect();
            (Just(sites), Just(places).prop_shuffle())
        }),
        (counted, asks) in counted().prop_flat_map(|counted| (Just(counted), one_of_each(counted))),
        by in prop::sample::select(vec![vec![], vec!["sex"]]),
    ) {
        let plan = plan(counted, &asks, &by);
        let frames: Vec<_> =
            sites.iter().map(|people| honest(&tabulated(&plan, counted, &records(people, counted)))).collect();
        let other: Vec<_> = shuffled.iter().map(|place| frames[*place].clone()).collect();
        prop_assert_eq!(
            spelled(&network_estimates(&plan, &frames)),
            spelled(&network_estimates(&plan, &other))
        );
    }

    #[test]
    fn a_site_alone_is_a_network_of_one(
        sites in network(0..150),
        (counted, asks) in counted().prop_flat_map(|counted| (Just(counted), one_of_each(counted))),
    ) {
        let plan = plan(counted, &asks, &[]);
        let frames: Vec<_> =
            sites.iter().map(|people| honest(&tabulated(&plan, counted, &records(people, counted)))).collect();
        let all = estimates(&plan, &frames);
        for (place, one) in frames.iter().enumerate() {
            let own: Vec<Vec<_>> = all.iter().map(|ask| vec![ask.cells[0].sites[place].1.clone()]).collect();
            prop_assert_eq!(spelled(&own), spelled(&network_estimates(&plan, std::slice::from_ref(one))));
        }
    }

    #[test]
    fn every_number_that_is_told_is_finite_and_lies_in_its_interval(
        sites in network(0..400),
        (counted, asks) in counted().prop_flat_map(|counted| (Just(counted), one_of_each(counted))),
        constant: bool,
    ) {
        let plan = plan(counted, &asks, &[]);
        let frames = |people: &Vec<_>| honest(&tabulated(&plan, counted, &records(people, counted)));
        let mut frames: Vec<_> = sites.iter().map(frames).collect();
        if constant {
            // One person many times over has no spread.
            let same: Vec<_> = sites.concat().into_iter().take(1).cycle().take(40).collect();
            frames = vec![honest(&tabulated(&plan, counted, &records(&same, counted)))];
        }
        for figure in network_estimates(&plan, &frames).into_iter().flatten().flat_map(|estimate| estimate.figures) {
            if let Quantity::CountBetween(low, high) = figure.quantity {
                prop_assert!(low < high, "{figure:?}");
            }
            let Quantity::Number(value) = figure.quantity else { continue };
            prop_assert!(value.is_finite(), "{figure:?}");
            if let Some(interval) = figure.interval {
                prop_assert!(interval.low <= value && value <= interval.high, "{figure:?}");
                prop_assert!(interval.low.is_finite() && interval.high.is_finite(), "{figure:?}");
            }
            if figure.name.starts_with("share of ") {
                let ends = figure.interval.map(|interval| (interval.low, interval.high));
                prop_assert!(ends.is_some_and(|(low, high)| low >= 0.0 && high <= 1.0), "{figure:?}");
            }
        }
    }
}
