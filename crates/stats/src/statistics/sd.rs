//! Standard deviation.

use coda_model::{
    estimate::Figure,
    frame::Guard,
};

use crate::{
    merge::Merged,
    moments::Moments,
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// Standard deviation with denominator n - 1.
pub struct StandardDeviation;

impl Statistic for StandardDeviation {
    fn name(&self) -> &'static str {
        "sd"
    }

    fn summary(&self) -> &'static str {
        "standard deviation (denominator n - 1)"
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
        let sd = |moments: Moments| Figure::number(self.name(), moments.sd(), operands.unit(0));
        merged.slots.iter().map(|slot| sd(slot.sums.moments(operands.scale(0)))).collect()
    }
}
