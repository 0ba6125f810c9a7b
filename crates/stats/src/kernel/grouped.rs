//! The general case: any number of cells and axes, people or rows.

use coda_model::{
    frame::{Contributions, Frame, SetKey, Slot},
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

    // Two tallies more for each cell: those who miss a value, and all who do not.
    let width = slots + 2;
    let mut tallies = vec![Tally::default(); input.cells.count() * width];
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
        let person = input.persons.map_or(Some(record as i32), |persons| persons.get(record).copied());
        let Some(person) = person else { continue };
        let own = Record { person, key: input.keys.get(person as usize).copied().unwrap_or_default(), value };
        let place = cell * width + if complete { slot } else { slots };
        tallies.get_mut(place).into_iter().for_each(|tally| tally.add(own));
        // People have one record each, so that all who have a value are the slots together; of rows they are not.
        if complete && input.persons.is_some() {
            tallies.get_mut(cell * width + slots + 1).into_iter().for_each(|tally| tally.add(own));
        }
    }
    tallies
        .chunks(width)
        .map(|tallies| {
            let mut slots: Vec<Slot> = tallies.iter().map(|tally| tally.slot(shape.sums)).collect();
            let mut valid = slots.pop().unwrap_or_default();
            let missing = slots.pop().unwrap_or_default();
            if input.persons.is_none() {
                valid = Slot::default();
                for slot in &slots {
                    valid.add(slot);
                }
            }
            let sums = Contributions { nn: missing.sums.nn, ..Contributions::default() };
            Frame { slots, valid, missing: Slot { sums, ..missing } }
        })
        .collect()
}

/// A record in a slot.
#[derive(Clone, Copy)]
struct Record {
    person: i32,
    key: u64,
    value: i32,
}

/// What was counted of a slot, but for the person whose records are being read; they come person by person.
#[derive(Clone, Default)]
struct Tally {
    people: u64,
    rows: u64,
    key: SetKey,
    sums: Contributions,
    /// One more than the code of that person; none at first.
    person: i32,
    own: Own,
}

/// What one person contributes.
#[derive(Clone, Copy, Default)]
struct Own {
    n: i128,
    x: i128,
    q: i128,
}

impl Tally {
    fn add(&mut self, Record { person, key, value }: Record) {
        if self.person != person.saturating_add(1) {
            self.sums.add(&self.contributions());
            (self.person, self.own) = (person.saturating_add(1), Own::default());
            self.people += 1;
            self.key = self.key.plus(SetKey(key));
        }
        self.rows += 1;
        let value = i128::from(value);
        self.own = Own { n: self.own.n + 1, x: self.own.x + value, q: self.own.q + value * value };
    }

    fn contributions(&self) -> Contributions {
        let Own { n, x, q } = self.own;
        Contributions::of(n, x, q)
    }

    fn slot(&self, summed: bool) -> Slot {
        let mut sums = self.sums;
        sums.add(&self.contributions());
        if !summed {
            sums = Contributions { nn: sums.nn, ..Contributions::default() };
        }
        Slot { people: People(self.people), rows: Rows(self.rows), key: self.key, sums }
    }
}
