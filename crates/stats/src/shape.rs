//! Which slots and sums a statistic needs.

use coda_model::plan::Axis;

/// The slots of a frame, and whether a value is summed in each. Asks of the same shape share one pass over the data.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shape {
    /// The slots are the product of these axes' classes, the last changing fastest; one slot without axes.
    pub axes: Vec<Axis>,
    /// Place of the column that must have a value, if any.
    pub value: Option<usize>,
    /// Whether that column is summed.
    pub sums: bool,
}

impl Shape {
    /// One slot with counts only: everybody.
    pub fn everybody() -> Self {
        Self { axes: Vec::new(), value: None, sums: false }
    }

    /// One slot: those with a value in this column.
    pub fn valid(column: usize) -> Self {
        Self { value: Some(column), ..Self::everybody() }
    }

    /// One slot with sums of a column.
    pub fn sums(column: usize) -> Self {
        Self { sums: true, ..Self::valid(column) }
    }

    /// Counts by the classes of one axis.
    pub fn counts(axis: Axis) -> Self {
        Self { axes: vec![axis], ..Self::everybody() }
    }

    /// The same in each class of an axis.
    #[must_use]
    pub fn by(mut self, axis: Axis) -> Self {
        self.axes.push(axis);
        self
    }

    /// Number of slots.
    pub fn slots(&self) -> usize {
        self.axes.iter().map(Axis::len).product()
    }

    /// Places of all columns that must have a value, ascending, each once.
    pub fn columns(&self) -> Vec<usize> {
        let mut columns: Vec<usize> = self.axes.iter().map(|axis| axis.column).collect();
        columns.extend(self.value);
        columns.sort_unstable();
        columns.dedup();
        columns
    }
}
