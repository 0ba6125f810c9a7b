//! A cell of a grouped query is the query of those people alone.

use proptest::prelude::*;

use crate::{
    sites::{Record, everything, network_estimates, records, spelled, tabulated},
    world::{DICTIONARY, counted, one_of_each, people, plan},
};

/// What makes a record a member of one cell, written out by hand: a variable and its lowest and highest code.
type Members = &'static [(&'static str, i32, i32)];

/// Groupings, and who is in each of their cells, in order.
const GROUPINGS: &[(&[&str], &[Members])] = &[
    (&["sex"], &[&[("sex", 0, 0)], &[("sex", 1, 1)]]),
    (&["ward"], &[&[("ward", 0, 0)], &[("ward", 1, 1)], &[("ward", 2, 2)], &[("ward", -1, -1)]]),
    (&["ward=a"], &[&[("ward", 1, 2)], &[("ward", 0, 0)], &[("ward", -1, -1)]]),
    (&["age@40,70"], &[&[("age", 0, 39)], &[("age", 40, 69)], &[("age", 70, 110)]]),
    (
        &["icu", "sex"],
        &[
            &[("icu", 0, 0), ("sex", 0, 0)],
            &[("icu", 0, 0), ("sex", 1, 1)],
            &[("icu", 1, 1), ("sex", 0, 0)],
            &[("icu", 1, 1), ("sex", 1, 1)],
            &[("icu", -1, -1), ("sex", 0, 0)],
            &[("icu", -1, -1), ("sex", 1, 1)],
        ],
    ),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_cell_of_a_group_is_the_query_of_that_group_alone(
        people in people(0..120),
        (counted, asks) in counted().prop_flat_map(|counted| (Just(counted), one_of_each(counted))),
        (by, cells) in prop::sample::select(GROUPINGS.to_vec()),
    ) {
        let (grouped, alone) = (plan(counted, &asks, by), plan(counted, &asks, &[]));
        let all = records(&people, counted);
        let frames = everything(&grouped, &tabulated(&grouped, counted, &all));
        let figures = spelled(&network_estimates(&grouped, std::slice::from_ref(&frames)));
        prop_assert_eq!(grouped.cells(), cells.len());
        for (cell, members) in cells.iter().enumerate() {
            let of_cell: Vec<Record> = records(&people, counted)
                .into_iter()
                .filter(|record| members.iter().all(|(name, low, high)| (*low..=*high).contains(&record.codes[place(name)])))
                .collect();
            let one = everything(&alone, &tabulated(&alone, counted, &of_cell));
            for (ask, frame) in frames.asks.iter().zip(&one.asks) {
                prop_assert_eq!(&ask[cell], &frame[0]);
            }
            let one = spelled(&network_estimates(&alone, &[one]));
            for (ask, one) in figures.iter().zip(&one) {
                prop_assert_eq!(&ask[cell], &one[0]);
            }
        }
    }
}

fn place(name: &str) -> usize {
    DICTIONARY.datasets[0].variables().position(|(_, _, variable)| variable.id.as_str() == name).unwrap()
}
