//! Codes to classes through a table, so that the inner loop neither branches nor searches.

use coda_model::plan::Axis;

/// Largest code for which a table is made; beyond it (no real variable) classes are searched for.
const TABLE_LIMIT: i32 = 1 << 21;

/// The class of every code of an axis; missing is a class of its own, the last.
pub(super) enum ClassOf<'a> {
    /// The class of code `c` is at `c + 1`.
    Table(Vec<u16>),
    /// Too many codes for a table.
    Search(&'a Axis),
}

impl<'a> ClassOf<'a> {
    pub(super) fn new(axis: &'a Axis, highest: i32) -> Self {
        if highest > TABLE_LIMIT || axis.len() > usize::from(u16::MAX - 1) {
            return Self::Search(axis);
        }
        let missing = axis.len();
        Self::Table((-1..=highest).map(|code| axis.class(code).unwrap_or(missing).min(missing) as u16).collect())
    }

    /// The class; the number of classes for missing and for codes that cannot be.
    pub(super) fn class(&self, code: i32, missing: usize) -> usize {
        match self {
            Self::Table(table) => table.get((code + 1) as usize).map_or(missing, |class| usize::from(*class)),
            Self::Search(axis) => axis.class(code).unwrap_or(missing).min(missing),
        }
    }
}
