//! Who is in a slot, and what a slot comes to over records of one's choice.

use std::collections::HashSet;

use coda_model::frame::Slot;
use coda_stats::{
    Cells, Input, Operands, Shape, find,
    kernel::{Members, measure, members, tabulate},
};
use proptest::prelude::*;

use crate::{
    sites::{columns, records, with_input},
    world::{Counted, counted, one_of_each, people, plan},
};

/// The people, rows and sums of a slot: all that is counted of it.
fn counted_of(slot: &Slot) -> (u64, u64, Vec<i128>) {
    (slot.people.0, slot.rows.0, slot.sums.clone())
}

/// How many people and rows these records are.
fn sizes(input: &Input<'_>, records: &[u32]) -> (u64, u64) {
    let person = |record: &u32| input.persons.map_or(*record as i32, |persons| persons[*record as usize]);
    (records.iter().map(person).collect::<HashSet<_>>().len() as u64, records.len() as u64)
}

/// The cell of each record that counts, and none for the others.
fn cells_of(input: &Input<'_>, who: &[u32]) -> Vec<i32> {
    let mut cells = vec![-1; input.cells.records()];
    for record in who {
        cells[*record as usize] = match input.cells {
            Cells::One(_) => 0,
            Cells::Coded { codes, .. } => codes[*record as usize],
        };
    }
    cells
}

/// The slots of a frame's members hold whom the frame counts, each record once, and come to what the frame says.
fn members_are_counted(shape: &Shape, input: &Input<'_>, who: &[u32]) -> Result<(), TestCaseError> {
    let cells = cells_of(input, who);
    let among = Input { cells: Cells::Coded { codes: &cells, count: input.cells.count() }, ..*input };
    let frames = tabulate(shape, &among);
    let found = members(shape, input, who);
    prop_assert_eq!(found.len(), frames.len());
    let mut seen = Vec::new();
    for (cell, (Members { slots, missing }, frame)) in found.iter().zip(&frames).enumerate() {
        prop_assert_eq!(slots.len(), frame.slots.len());
        for (records, slot) in slots.iter().chain([missing]).zip(frame.slots.iter().chain([&frame.missing])) {
            prop_assert_eq!(sizes(input, records), (slot.people.0, slot.rows.0));
            prop_assert!(records.is_sorted_by(|one, next| one < next));
            prop_assert!(records.iter().all(|record| cells[*record as usize] == cell as i32));
        }
        for (records, slot) in slots.iter().zip(&frame.slots) {
            prop_assert!(counted_of(&measure(shape, input, records)) == counted_of(slot));
        }
        seen.extend(slots.iter().chain([missing]).flatten().copied());
    }
    seen.sort_unstable();
    prop_assert!(seen == who, "a record is lost, or in two places");
    Ok(())
}

/// Over records of which some miss the value, sums are those of the others times all by the others, to the nearest whole
/// code, halves up: a mean is off by at most half a code over the number of rows.
fn means_stay(shape: &Shape, input: &Input<'_>, records: &[u32]) -> Result<(), TestCaseError> {
    let found = measure(shape, input, records);
    prop_assert_eq!((found.people.0, found.rows.0), sizes(input, records));
    prop_assert_eq!(found.sums.len(), usize::from(shape.powers));
    let Some(value) = shape.value else { return Ok(()) };
    let codes = records.iter().map(|record| input.columns[value][*record as usize]);
    let values: Vec<i128> = codes.filter(|code| *code >= 0).map(i128::from).collect();
    let (rows, valid) = (records.len() as i128, values.len() as i128);
    for (power, sum) in (1u32..).zip(&found.sums) {
        let known: i128 = values.iter().map(|value| value.pow(power)).sum();
        let off = 2 * (sum * valid - known * rows);
        if valid == 0 {
            prop_assert_eq!(*sum, 0);
        } else {
            // Squares may be moved on, to where some values have them with this sum.
            prop_assert!(power == 2 || -valid < off && off <= valid, "off by {off} / {}", 2 * valid);
            prop_assert!(found.sums.get(1).is_none_or(|second| found.sums[0].pow(2) <= rows * second));
            prop_assert!(valid < rows || *sum == known);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_members_of_every_slot_are_those_it_counts_and_come_to_what_it_says(
        people in people(0..80),
        (counted, asks) in counted().prop_flat_map(|counted| (Just(counted), one_of_each(counted))),
        by in prop::sample::select(vec![vec![], vec!["sex"], vec!["ward", "age@40,70"]]),
        chosen in prop::collection::vec(prop::bool::weighted(0.8), 1..20),
    ) {
        let plan = plan(counted, &asks, &by);
        let records = records(&people, counted);
        let persons: Vec<i32> = records.iter().map(|record| record.person).collect();
        let persons = (counted == Counted::LabRows).then_some(persons.as_slice());
        let everybody: Vec<u32> = (0..).take(records.len()).collect();
        let some: Vec<u32> =
            everybody.iter().zip(chosen.iter().cycle()).filter(|(_, chosen)| **chosen).map(|(record, _)| *record).collect();
        let shapes = plan.asks.iter().map(|ask| find(&ask.statistic).unwrap().shape(&Operands::of(&plan, &ask.operands)));
        with_input(&plan, &columns(&plan, &records), records.len(), persons, |input| {
            for shape in shapes {
                for who in [&everybody, &some] {
                    members_are_counted(&shape, input, who)?;
                    means_stay(&shape, input, who)?;
                }
                // A slot with those who miss a value beside it, as they are counted with the largest.
                for Members { slots, missing } in members(&shape, input, &everybody) {
                    let largest = slots.into_iter().max_by_key(Vec::len).unwrap_or_default();
                    let mut records = [largest, missing].concat();
                    records.sort_unstable();
                    means_stay(&shape, input, &records)?;
                }
            }
            Ok::<(), TestCaseError>(())
        })?;
    }
}
