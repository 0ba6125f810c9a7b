//! The general case: any number of cells and axes, people or rows.

use coda_model::{
    frame::{Frame, Slot},
    ids::{People, Rows},
};

use super::{Cells, Input, classes::ClassOf};
use crate::shape::Shape;

pub(super) fn tabulate(shape: &Shape, input: &Input<'_>) -> Vec<Frame> {
    let slots = shape.slots();
    let highest = |column: usize| input.highest.get(column).copied().unwrap_or_default();
    let column = |column: usize| input.columns.get(column).copied().unwrap_or_default();
    let axes: Vec<_> = shape
        .axes
        .iter()
        .map(|axis| (column(axis.column), ClassOf::new(axis, highest(axis.column)), axis.len()))
        .collect();
    let value = shape.value.map(column);

    // One tally more for each cell: those who miss a value.
    let mut tallies = vec![Tally::default(); input.cells.count() * (slots + 1)];
    for record in 0..input.cells.records() {
        let cell = match input.cells {
            Cells::One(_) => 0,
            Cells::Coded { codes, .. } => {
                match codes.get(record).copied().and_then(|cell| usize::try_from(cell).ok()) {
                    Some(cell) => cell,
                    None => continue,
                }
            }
        };
        let code = |column: &[i32]| column.get(record).copied().unwrap_or(-1);
        let mut slot = 0;
        let mut complete = true;
        for (column, classes, count) in &axes {
            let class = classes.class(code(column), *count);
            complete &= class < *count;
            slot = slot * count + class;
        }
        let value = value.map_or(0, code);
        complete &= value >= 0;
        let person = input.persons.and_then(|persons| persons.get(record)).copied();
        let place = cell * (slots + 1) + if complete { slot } else { slots };
        if let Some(tally) = tallies.get_mut(place) {
            tally.add(person, i128::from(value));
        }
    }
    tallies
        .chunks(slots + 1)
        .map(|tallies| {
            let mut slots: Vec<Slot> = tallies.iter().map(|tally| tally.slot(shape.powers)).collect();
            let missing = slots.pop().unwrap_or_default();
            Frame { slots, missing: Slot { sums: Vec::new(), ..missing }, ..Frame::default() }
        })
        .collect()
}

#[derive(Clone)]
struct Tally {
    rows: u64,
    people: u64,
    /// The person counted last; rows come person by person.
    last: i32,
    first: i128,
    second: i128,
}

impl Default for Tally {
    fn default() -> Self {
        Self { rows: 0, people: 0, last: -1, first: 0, second: 0 }
    }
}

impl Tally {
    fn add(&mut self, person: Option<i32>, value: i128) {
        self.rows += 1;
        match person {
            None => self.people += 1,
            Some(person) => {
                self.people += u64::from(person != self.last);
                self.last = person;
            }
        }
        self.first += value;
        self.second += value * value;
    }

    fn slot(&self, powers: u8) -> Slot {
        let sums = [self.first, self.second].into_iter().take(usize::from(powers)).collect();
        Slot { people: People(self.people), rows: Rows(self.rows), sums, ..Slot::default() }
    }
}
