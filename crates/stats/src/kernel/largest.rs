//! The two largest parts that one person has in a sum, for the rules of dominance (disclosure.md 1.2).

use super::{Cells, Input, classes::ClassOf};
use crate::shape::Shape;

/// For each cell and slot of a shape that sums a column, the two largest sums over the records of one person.
///
/// A person's records must follow each other, as they do in the tables of a build ("holdings", Handbook on SDC 4.2).
pub(crate) fn largest(shape: &Shape, input: &Input<'_>) -> Vec<Vec<[i128; 2]>> {
    let slots = shape.slots();
    let mut found = vec![Holding::default(); input.cells.count() * slots];
    let column = |column: usize| input.columns.get(column).copied().unwrap_or_default();
    let highest = |column: usize| input.highest.get(column).copied().unwrap_or_default();
    let axes: Vec<_> = shape
        .axes
        .iter()
        .map(|axis| (column(axis.column), ClassOf::new(axis, highest(axis.column)), axis.len()))
        .collect();
    let Some(values) = shape.value.map(column) else { return vec![vec![[0; 2]; slots]; input.cells.count()] };
    for (record, value) in values.iter().enumerate() {
        let cell = match input.cells {
            Cells::One(_) => Some(0),
            Cells::Coded { codes, .. } => codes.get(record).and_then(|cell| usize::try_from(*cell).ok()),
        };
        let mut slot = Some(0);
        for (column, classes, count) in &axes {
            let class = classes.class(column.get(record).copied().unwrap_or(-1), *count);
            slot = slot.filter(|_| class < *count).map(|slot| slot * count + class);
        }
        let (Some(cell), Some(slot), Ok(value)) = (cell, slot, u32::try_from(*value)) else { continue };
        let person = input.persons.and_then(|persons| persons.get(record)).copied().unwrap_or(record as i32);
        if let Some(holding) = found.get_mut(cell * slots + slot) {
            holding.add(person, i128::from(value));
        }
    }
    found.chunks(slots.max(1)).map(|cell| cell.iter().map(Holding::top).collect()).collect()
}

/// The largest parts so far, and the part of the person whose records are being read.
#[derive(Clone, Copy, Default)]
pub(super) struct Holding {
    /// One more than the code of the person; none at first.
    person: i32,
    own: i128,
    largest: [i128; 2],
}

impl Holding {
    pub(super) fn add(&mut self, person: i32, value: i128) {
        if self.person != person.saturating_add(1) {
            self.largest = self.top();
            (self.person, self.own) = (person.saturating_add(1), 0);
        }
        self.own += value;
    }

    pub(super) fn top(&self) -> [i128; 2] {
        let [first, second] = self.largest;
        [first.max(self.own), second.max(first.min(self.own))]
    }
}
