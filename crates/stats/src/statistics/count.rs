//! Number of people, or of rows.

use coda_model::{estimate::Figure, frame::Guard};

use crate::{
    merge::{Merged, figure},
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// How many there are, or how many have a value.
pub struct Count;

impl Statistic for Count {
    fn name(&self) -> &'static str {
        "count"
    }

    fn summary(&self) -> &'static str {
        "how many people (or rows) there are, or have a value"
    }

    fn forms(&self) -> &'static [&'static [Takes]] {
        &[&[], &[Takes::Anything]]
    }

    fn shape(&self, operands: &Operands<'_>) -> Shape {
        if operands.count() == 0 { Shape::everybody() } else { Shape::valid(operands.column(0)) }
    }

    fn guard(&self) -> Guard {
        Guard::Each
    }

    fn figures(&self, merged: &Merged, _: &Operands<'_>) -> Vec<Figure> {
        merged.slots.iter().map(|slot| Figure::count(self.name(), figure(&slot.count))).collect()
    }
}
