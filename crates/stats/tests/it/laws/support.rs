//! What a frame counts, against a count by hand that knows only the shape.

use std::collections::{BTreeMap, HashSet};

use coda_model::{
    frame::Slot,
    plan::Plan,
    variable::{Kind, Tail},
};
use coda_stats::{Operands, Shape, find};
use proptest::prelude::*;

use crate::{
    sites::{Record, columns, records, tabulated},
    world::{Counted, counted, one_of_each, people, plan},
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn support_counts_distinct_people_and_sums_are_over_rows(
        people in people(0..200),
        (counted, asks) in counted().prop_flat_map(|counted| (Just(counted), one_of_each(counted))),
    ) {
        let plan = plan(counted, &asks, &[]);
        let records = records(&people, counted);
        let columns = columns(&plan, &records);
        for (planned, found) in plan.asks.iter().zip(tabulated(&plan, counted, &records)) {
            let shape = find(&planned.statistic).unwrap().shape(&Operands::of(&plan, &planned.operands));
            prop_assert_eq!(found.frames.len(), 1);
            let frame = &found.frames[0];
            prop_assert_eq!(frame.slots.len(), shape.slots());
            let in_slot = |slot: usize| {
                by_hand(&shape, &columns, &records, |record| place(&shape, &columns, record) == Some(slot))
            };
            let mut expected: Vec<Slot> = (0..shape.slots()).map(in_slot).collect();
            if !dominable(&plan, &shape, &expected) {
                for slot in &mut expected {
                    slot.largest = [0; 2];
                }
            }
            for (slot, (counts, expected)) in frame.slots.iter().zip(&expected).enumerate() {
                prop_assert!(counts == expected, "{} slot {slot}", planned.text);
                prop_assert!(counts.people.0 <= counts.rows.0);
                prop_assert!(counted == Counted::LabRows || counts.people.0 == counts.rows.0);
            }
            let nowhere = |record: usize| place(&shape, &columns, record).is_none();
            let missing = Slot { sums: vec![], largest: [0; 2], ..by_hand(&shape, &columns, &records, nowhere) };
            prop_assert!(frame.missing == missing, "{} missing", planned.text);
            prop_assert!(found.missing == coda_model::variable::Missing::May || missing.rows.0 == 0);
            let may_miss = |column: &usize| plan.columns[*column].variable.missing == coda_model::variable::Missing::May;
            let needed: Vec<usize> = distinct_columns(&plan, &shape).into_iter().filter(may_miss).collect();
            prop_assert_eq!(&found.columns, &needed);
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

fn by_hand(shape: &Shape, columns: &[Vec<i32>], records: &[Record], here: impl Fn(usize) -> bool) -> Slot {
    let chosen: Vec<usize> = (0..records.len()).filter(|record| here(*record)).collect();
    let persons: HashSet<i32> = chosen.iter().map(|record| records[*record].person).collect();
    let power = |power: u32| {
        let column = shape.value.map(|value| &columns[value]);
        let value = |record: &usize| column.map_or(0, |column| i128::from(column[*record])).pow(power);
        chosen.iter().map(value).sum::<i128>()
    };
    let mut parts: BTreeMap<i32, i128> = BTreeMap::new();
    for record in &chosen {
        *parts.entry(records[*record].person).or_default() +=
            shape.value.map_or(0, |value| columns[value][*record].into());
    }
    let mut parts: Vec<i128> = parts.into_values().chain([0, 0]).collect();
    parts.sort_unstable_by(|one, other| other.cmp(one));
    Slot {
        people: coda_model::People(persons.len() as u64),
        rows: coda_model::Rows(chosen.len() as u64),
        sums: (1..=u32::from(shape.powers)).map(power).collect(),
        largest: if shape.powers == 0 { [0; 2] } else { [parts[0], parts[1]] },
        ..Slot::default()
    }
}

/// Whether the largest parts of a person are looked for: the variable has an open tail, and some slot has less than 64
/// times what one person can have at most.
fn dominable(plan: &Plan, shape: &Shape, slots: &[Slot]) -> bool {
    let Some(Kind::Continuous(summed)) = shape.value.map(|value| &plan.columns[value].variable.kind) else {
        return false;
    };
    let most = i128::from(summed.scale.span()) * i128::from(plan.records_per_person);
    summed.tail == Tail::Open && slots.iter().any(|slot| slot.sums.first().is_some_and(|sum| *sum < 64 * most))
}

fn distinct_columns(plan: &Plan, shape: &Shape) -> Vec<usize> {
    let needed = |column: &usize| shape.value == Some(*column) || shape.axes.iter().any(|axis| axis.column == *column);
    (0..plan.columns.len()).filter(needed).collect()
}
