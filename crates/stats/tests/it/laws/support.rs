//! What a frame counts, against a count by hand that knows only the shape.

use std::collections::BTreeMap;

use coda_model::{
    frame::{Contributions, Frame, Guard, SetKey, Slot},
    ids::{People, Rows},
    variable::Missing,
};
use coda_stats::{Operands, Shape, find, kernel::buckets};
use proptest::prelude::*;

use crate::{
    sites::{Record, columns, records, tabulated, with_records},
    world::{Counted, counted, network, one_of_each, people, plan},
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn support_counts_distinct_people_and_sums_are_over_what_each_contributes(
        people in people(0..200),
        (counted, asks) in counted().prop_flat_map(|counted| (Just(counted), one_of_each(counted))),
    ) {
        let plan = plan(counted, &asks, &[]);
        let records = records(&people, counted);
        let columns = columns(&plan, &records);
        let all = tabulated(&plan, counted, &records);
        let hand = |shape: &Shape, summed: bool, here: &dyn Fn(Option<usize>) -> bool| {
            let chosen = (0..records.len()).filter(|record| here(place(shape, &columns, *record)));
            by_hand(chosen, &records, shape.value.filter(|_| summed).map(|value| &columns[value][..]))
        };
        prop_assert!(all.cohort == hand(&Shape::everybody(), false, &|_| true), "everybody");
        for (planned, found) in plan.asks.iter().zip(all.asks) {
            let shape = find(&planned.statistic).unwrap().shape(&Operands::of(&plan, &planned.operands));
            prop_assert_eq!(found.frames.len(), 1);
            let Frame { slots, valid, missing } = &found.frames[0];
            prop_assert_eq!(slots.len(), shape.slots());
            for (slot, counts) in slots.iter().enumerate() {
                let expected = hand(&shape, shape.sums, &|place| place == Some(slot));
                prop_assert!(*counts == expected, "{} slot {slot}", planned.text);
                prop_assert!(counts.people.0 <= counts.rows.0);
                prop_assert!(counted == Counted::LabRows || counts.people.0 == counts.rows.0);
            }
            prop_assert!(*valid == hand(&shape, shape.sums, &|place| place.is_some()), "{} valid", planned.text);
            prop_assert!(*missing == hand(&shape, false, &|place| place.is_none()), "{} missing", planned.text);
            let may_miss = |column: usize| plan.columns[column].variable.missing == Missing::May;
            prop_assert_eq!(found.missing == Missing::May, shape.columns().into_iter().any(may_miss));
            prop_assert!(found.missing == Missing::May || missing.rows.0 == 0);
            prop_assert_eq!(found.summed.map(|summed| summed.column), shape.value.filter(|_| shape.sums));
            prop_assert_eq!(found.unit, plan.unit);
        }
    }

    #[test]
    fn set_keys_and_contributions_add_up_over_sites(
        sites in network(0..150),
        (counted, asks) in counted().prop_flat_map(|counted| (Just(counted), one_of_each(counted))),
        by in prop::sample::select(vec![vec![], vec!["sex"], vec!["ward", "age@40,70"]]),
    ) {
        let plan = plan(counted, &asks, &by);
        let of = |people: &Vec<_>| tabulated(&plan, counted, &records(people, counted));
        let (apart, pooled): (Vec<_>, _) = (sites.iter().map(of).collect(), of(&sites.concat()));
        let sum = |slot: &dyn Fn(usize) -> Slot| {
            (0..apart.len()).fold(Slot::default(), |mut sum, site| {
                sum.add(&slot(site));
                sum
            })
        };
        prop_assert!(sum(&|site| apart[site].cohort.clone()) == pooled.cohort);
        for (ask, own) in pooled.asks.iter().enumerate() {
            for (cell, frame) in own.frames.iter().enumerate() {
                let at = |site: usize| &apart[site].asks[ask].frames[cell];
                prop_assert!(sum(&|site| at(site).valid.clone()) == frame.valid, "{}", asks[ask]);
                prop_assert!(sum(&|site| at(site).missing.clone()) == frame.missing, "{}", asks[ask]);
                for (place, slot) in frame.slots.iter().enumerate() {
                    prop_assert!(sum(&|site| at(site).slots[place].clone()) == *slot, "{} slot {place}", asks[ask]);
                }
            }
        }
    }

    #[test]
    fn bucket_sums_are_set_keys_taken_apart(
        people in people(0..150),
        (counted, asks) in counted().prop_flat_map(|counted| (Just(counted), one_of_each(counted))),
        by in prop::sample::select(vec![vec![], vec!["sex"], vec!["ward", "age@40,70"]]),
    ) {
        let plan = plan(counted, &asks, &by);
        let records = records(&people, counted);
        let found = with_records(&plan, counted, &records, |input| buckets::of_plan(&plan, input));
        let all = tabulated(&plan, counted, &records).asks;
        prop_assert_eq!(found.len(), all.len());
        for ((ask, found), text) in all.iter().zip(&found).zip(&asks) {
            prop_assert_eq!(found.is_distribution, matches!(ask.guard, Guard::Distribution { .. }));
            let sets: Vec<&Slot> = if found.is_distribution {
                ask.frames.iter().map(|frame| &frame.valid).collect()
            } else {
                ask.frames.iter().flat_map(|frame| &frame.slots).collect()
            };
            prop_assert_eq!(sets.len(), found.sets.len());
            for (set, (sums, people)) in sets.into_iter().zip(&found.sets) {
                prop_assert_eq!(set.people.0, *people);
                prop_assert!(set.key.0 == sums.iter().fold(0u64, |sum, bucket| sum.wrapping_add(*bucket)), "{text}");
            }
        }
    }
}

/// The slot of a record, the last axis changing fastest; none if a value is missing.
fn place(shape: &Shape, columns: &[Vec<i32>], record: usize) -> Option<usize> {
    if shape.value.is_some_and(|value| columns[value][record] < 0) {
        return None;
    }
    shape.axes.iter().try_fold(0, |place, axis| Some(place * axis.len() + axis.class(columns[axis.column][record])?))
}

/// Adds up, person by person, the key once and what the rows contribute.
fn by_hand(chosen: impl Iterator<Item = usize>, records: &[Record], summed: Option<&[i32]>) -> Slot {
    let mut persons: BTreeMap<i32, (u64, Vec<i128>)> = BTreeMap::new();
    for record in chosen {
        let Record { person, key, .. } = records[record];
        let value = summed.map_or(0, |column| column[record].into());
        persons.entry(person).or_insert((key, Vec::new())).1.push(value);
    }
    let mut slot = Slot::default();
    for (key, values) in persons.values() {
        let (n, x) = (values.len() as i128, values.iter().sum::<i128>());
        let q: i128 = values.iter().map(|value| value.pow(2)).sum();
        let Contributions { x: sum, q: squares, nn, nx, nq, xx, xq, qq } = &mut slot.sums;
        let products =
            [(sum, x), (squares, q), (nn, n * n), (nx, n * x), (nq, n * q), (xx, x * x), (xq, x * q), (qq, q * q)];
        for (sum, product) in products {
            *sum += product;
        }
        slot.key = SetKey(slot.key.0.wrapping_add(*key));
        slot.people = People(slot.people.0 + 1);
        slot.rows = Rows(slot.rows.0 + values.len() as u64);
    }
    slot
}
