//! The fixed set of percentiles (any other is not a parameter: R16).

use coda_model::{estimate::Figure, frame::Guard};

use crate::{
    merge::Merged,
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// 5th, 10th, 25th, 50th, 75th, 90th and 95th percentile, 95 % CI; from 100 people on.
pub struct Percentiles;

impl Statistic for Percentiles {
    fn name(&self) -> &'static str {
        "percentiles"
    }

    fn summary(&self) -> &'static str {
        "5th, 10th, 25th, 50th, 75th, 90th and 95th percentile, 95 % CI; from 100 people on"
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
        merged.quantiles(operands, &[("p5", 5), ("p10", 10), ("p25", 25), ("median", 50), ("p75", 75), ("p90", 90), ("p95", 95)])
    }
}
