//! Median.

use coda_model::{estimate::Figure, frame::Guard};

use crate::{
    merge::Merged,
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// median, 95 % CI; from 40 people on.
pub struct Median;

impl Statistic for Median {
    fn name(&self) -> &'static str {
        "median"
    }

    fn summary(&self) -> &'static str {
        "median, 95 % CI; from 40 people on"
    }

    fn forms(&self) -> &'static [&'static [Takes]] {
        &[&[Takes::Continuous]]
    }

    fn shape(&self, operands: &Operands<'_>) -> Shape {
        Shape::counts(operands.grid(0))
    }

    fn guard(&self) -> Guard {
        Guard::Distribution { least: 40 }
    }

    fn figures(&self, merged: &Merged, operands: &Operands<'_>) -> Vec<Figure> {
        merged.quantiles(operands, &[("median", 50)])
    }
}
