//! Merged equals pooled, to the bit.

use coda_model::estimate::{CountFigure, Interval, Quantity};
use coda_stats::estimate;
use proptest::prelude::*;

use crate::{
    sites::{Teller, estimates, everything, name, network_estimates, of_network, records, spelled, tabulated, teller},
    world::{counted, network, one_of_each, plan},
};

/// A way to tell for each site of a network.
fn tellers() -> impl Strategy<Value = Vec<Teller>> {
    prop::collection::vec(teller(), 5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn splitting_people_over_sites_changes_nothing_to_the_bit(
        sites in network(0..150),
        (counted, asks) in counted().prop_flat_map(|counted| (Just(counted), one_of_each(counted))),
        by in prop::sample::select(vec![vec![], vec!["sex"], vec!["ward", "age@40,70"]]),
    ) {
        let plan = plan(counted, &asks, &by);
        let site = |people: &Vec<_>| everything(&plan, &tabulated(&plan, counted, &records(people, counted)));
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
        tellers in tellers(),
    ) {
        let plan = plan(counted, &asks, &by);
        let tell = |(people, teller): (&Vec<_>, &Teller)| {
            teller.tell(&plan, &tabulated(&plan, counted, &records(people, counted)))
        };
        let told = sites.iter().zip(&tellers).map(tell);
        let told: Vec<_> = told.enumerate().map(|(place, frames)| (name(place), frames)).collect();
        let other: Vec<_> = shuffled.iter().map(|place| told[*place].clone()).collect();
        prop_assert_eq!(
            spelled(&of_network(estimate(&plan, &told, &[]))),
            spelled(&of_network(estimate(&plan, &other, &[])))
        );
    }

    #[test]
    fn a_site_alone_is_a_network_of_one(
        sites in network(0..150),
        (counted, asks) in counted().prop_flat_map(|counted| (Just(counted), one_of_each(counted))),
        tellers in tellers(),
    ) {
        let plan = plan(counted, &asks, &[]);
        let tell = |(people, teller): (&Vec<_>, &Teller)| {
            teller.tell(&plan, &tabulated(&plan, counted, &records(people, counted)))
        };
        let frames: Vec<_> = sites.iter().zip(&tellers).map(tell).collect();
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
        tellers in tellers(),
    ) {
        let plan = plan(counted, &asks, &[]);
        let tell = |(people, teller): (&Vec<_>, &Teller)| {
            teller.tell(&plan, &tabulated(&plan, counted, &records(people, counted)))
        };
        let mut frames: Vec<_> = sites.iter().zip(&tellers).map(tell).collect();
        if constant {
            // One person many times over has no spread.
            let same: Vec<_> = sites.concat().into_iter().take(1).cycle().take(40).collect();
            frames = vec![tell((&same, &tellers[0]))];
        }
        for figure in network_estimates(&plan, &frames).into_iter().flatten().flat_map(|estimate| estimate.figures) {
            if let Quantity::Count(count) = figure.quantity {
                prop_assert!(count_is_sound(count), "{figure:?}");
            }
            let Quantity::Number(value) = figure.quantity else { continue };
            prop_assert!(value.is_finite(), "{figure:?}");
            for Interval { low, high } in [figure.confidence, figure.certain].into_iter().flatten() {
                prop_assert!(low <= value && value <= high, "{figure:?}");
                prop_assert!(low.is_finite() && high.is_finite(), "{figure:?}");
            }
            if figure.name == "share" {
                let ends = figure.confidence.map(|interval| (interval.low, interval.high));
                // Nobody knows the noise of perturbed rows.
                let may_lack = counted != crate::world::Counted::People;
                prop_assert!(ends.map_or(may_lack, |(low, high)| low >= 0.0 && high <= 1.0), "{figure:?}");
            }
        }
    }
}

/// What is said of a count does not contradict itself.
fn count_is_sound(CountFigure { value, certain, estimate }: CountFigure) -> bool {
    let (low, high) = certain.map_or((0.0, f64::INFINITY), |(low, high)| (low as f64, high as f64));
    let told = value.is_none_or(|value| low <= value as f64 && (value as f64 <= high));
    let estimated = estimate.is_none_or(|estimate| {
        let ends = estimate.interval.unwrap_or(Interval { low: estimate.value, high: estimate.value });
        low <= ends.low && ends.low <= estimate.value && estimate.value <= ends.high && ends.high <= high
    });
    low <= high && told && estimated
}
