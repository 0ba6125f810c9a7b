//! Median.

use coda_model::{estimate::Figure, frame::Guard};

use crate::{
    merge::Merged,
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// median, with the interval that holds the pooled median for certain; from 10 people on.
pub struct Median;

impl Statistic for Median {
    fn name(&self) -> &'static str {
        "median"
    }

    fn summary(&self) -> &'static str {
        "median, with the interval that holds the pooled median for certain; from 10 people on"
    }

    fn forms(&self) -> &'static [&'static [Takes]] {
        &[&[Takes::Continuous]]
    }

    fn shape(&self, operands: &Operands<'_>) -> Shape {
        Shape::counts(operands.grid(0))
    }

    fn guard(&self) -> Guard {
        Guard::Distribution { least: 10 }
    }

    fn figures(&self, merged: &Merged, operands: &Operands<'_>) -> Vec<Figure> {
        merged.quantiles(operands, &[("median", 50)])
    }
}
