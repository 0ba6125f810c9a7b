//! From columns of codes to frames: one pass of plain loops over slices.

pub mod buckets;
mod classes;
mod grouped;
mod whole;

use coda_model::frame::Frame;

use crate::shape::Shape;

/// The data of a site as the kernels see it: one record a person, or a row.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The columns of the plan, in its order, all of one length.
    pub columns: &'a [&'a [i32]],
    /// The largest code of each column.
    pub highest: &'a [i32],
    /// Which cell each record is in.
    pub cells: Cells<'a>,
    /// The code of the person of each record, ascending, when records are rows; `None` when they are people.
    pub persons: Option<&'a [i32]>,
    /// The record key of each person: by record when records are people, else by the code of the person.
    pub keys: &'a [u64],
}

/// Which cell each record is in.
#[derive(Clone, Copy)]
pub enum Cells<'a> {
    /// All records are in the one cell there is; the number of records.
    One(usize),
    /// A cell for each record, negative for none.
    Coded {
        /// The cell of each record.
        codes: &'a [i32],
        /// Number of cells.
        count: usize,
    },
}

impl Cells<'_> {
    /// Number of cells.
    pub fn count(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Coded { count, .. } => *count,
        }
    }

    /// Number of records, in a cell or not.
    pub fn records(&self) -> usize {
        match self {
            Self::One(records) => *records,
            Self::Coded { codes, .. } => codes.len(),
        }
    }
}

/// The frames of a shape, one a cell.
pub fn tabulate(shape: &Shape, input: &Input<'_>) -> Vec<Frame> {
    match (input.cells, input.persons) {
        (Cells::One(records), None) => {
            whole::tabulate(shape, input, records).map_or_else(|| grouped::tabulate(shape, input), |frame| vec![frame])
        }
        _ => grouped::tabulate(shape, input),
    }
}

#[cfg(test)]
mod tests;
