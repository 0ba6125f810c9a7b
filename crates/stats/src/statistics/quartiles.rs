//! Median and quartiles.

use coda_model::{estimate::Figure, frame::Guard};

use crate::{
    merge::Merged,
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// median and quartiles, 95 % CI; from 100 people on.
pub struct Quartiles;

impl Statistic for Quartiles {
    fn name(&self) -> &'static str {
        "quartiles"
    }

    fn summary(&self) -> &'static str {
        "median and quartiles, 95 % CI; from 100 people on"
    }

    fn forms(&self) -> &'static [&'static [Takes]] {
        &[&[Takes::Continuous]]
    }

    fn shape(&self, operands: &Operands<'_>) -> Shape {
        Shape::counts(operands.grid(0))
    }

    fn guard(&self) -> Guard {
        Guard::Distribution { least: 100 }
    }

    fn figures(&self, merged: &Merged, operands: &Operands<'_>) -> Vec<Figure> {
        merged.quantiles(operands, &[("p25", 25), ("median", 50), ("p75", 75)])
    }
}
