//! What a frame counts, against a count by hand that knows only the shape.

use std::collections::HashSet;

use coda_model::{frame::Slot, plan::Plan};
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
        people in people(0..60),
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
            for (slot, counts) in frame.slots.iter().enumerate() {
                let here = |record: usize| place(&shape, &columns, record) == Some(slot);
                prop_assert!(*counts == by_hand(&shape, &columns, &records, here), "{} slot {slot}", planned.text);
                prop_assert!(counts.people.0 <= counts.rows.0);
                prop_assert!(counted == Counted::LabRows || counts.people.0 == counts.rows.0);
            }
            let nowhere = |record: usize| place(&shape, &columns, record).is_none();
            let missing = Slot { sums: vec![], ..by_hand(&shape, &columns, &records, nowhere) };
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
    Slot {
        people: coda_model::People(persons.len() as u64),
        rows: coda_model::Rows(chosen.len() as u64),
        sums: (1..=u32::from(shape.powers)).map(power).collect(),
    }
}

fn distinct_columns(plan: &Plan, shape: &Shape) -> Vec<usize> {
    let needed = |column: &usize| shape.value == Some(*column) || shape.axes.iter().any(|axis| axis.column == *column);
    (0..plan.columns.len()).filter(needed).collect()
}
