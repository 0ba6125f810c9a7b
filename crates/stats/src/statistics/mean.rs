//! Arithmetic mean.

use coda_model::{estimate::Figure, frame::Guard};

use crate::{
    merge::Merged,
    moments::Moments,
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// The mean, in the variable's unit.
pub struct Mean;

impl Statistic for Mean {
    fn name(&self) -> &'static str {
        "mean"
    }

    fn summary(&self) -> &'static str {
        "arithmetic mean"
    }

    fn forms(&self) -> &'static [&'static [Takes]] {
        &[&[Takes::Measured]]
    }

    fn shape(&self, operands: &Operands<'_>) -> Shape {
        Shape::sums(operands.column(0))
    }

    fn guard(&self) -> Guard {
        Guard::All
    }

    fn figures(&self, merged: &Merged, operands: &Operands<'_>) -> Vec<Figure> {
        let mean = |moments: Moments| Figure::number(self.name(), moments.mean(), operands.unit(0));
        merged.slots.iter().map(|slot| mean(slot.sums.moments(operands.scale(0)))).collect()
    }
}
