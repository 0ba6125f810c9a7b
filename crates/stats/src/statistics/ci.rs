//! Confidence interval of the mean.

use coda_model::{estimate::Figure, frame::Guard};

use crate::{
    merge::Merged,
    moments::Moments,
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// The mean with its 95 % confidence interval by Student's t, from 10 people on.
pub struct ConfidenceInterval;

impl Statistic for ConfidenceInterval {
    fn name(&self) -> &'static str {
        "ci"
    }

    fn summary(&self) -> &'static str {
        "mean with its 95 % confidence interval (Student's t); from 10 people on"
    }

    fn forms(&self) -> &'static [&'static [Takes]] {
        &[&[Takes::Measured]]
    }

    fn shape(&self, operands: &Operands<'_>) -> Shape {
        Shape::sums(operands.column(0), 2)
    }

    fn guard(&self) -> Guard {
        Guard::Sample { least: 10 }
    }

    fn figures(&self, merged: &Merged, operands: &Operands<'_>) -> Vec<Figure> {
        let interval = |moments: Moments| {
            let (mean, half) = (moments.mean(), moments.half_width());
            Figure::number("mean", mean, operands.unit(0)).confidence(mean - half, mean + half)
        };
        merged.slots.iter().map(|slot| interval(slot.moments(operands.scale(0)))).collect()
    }
}
