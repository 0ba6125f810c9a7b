//! Confidence interval of the mean.

use coda_model::{estimate::Figure, frame::Guard};

use crate::{
    merge::{Merged, MergedSlot},
    probability::student_quantile,
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// The mean with its 95 % confidence interval by Student's t; the variance of the perturbation is added (R9).
pub struct ConfidenceInterval;

impl Statistic for ConfidenceInterval {
    fn name(&self) -> &'static str {
        "ci"
    }

    fn summary(&self) -> &'static str {
        "mean with its 95 % CI (Student's t)"
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
        let scale = operands.scale(0);
        let interval = |slot: &MergedSlot| {
            let moments = slot.sums.moments(scale);
            let mean = moments.mean();
            let error = (moments.variance() / moments.n() + slot.sums.noise(scale)).sqrt();
            let half = student_quantile(0.975, moments.n() - 1.0) * error;
            Figure::number("mean", mean, operands.unit(0)).confidence(mean - half, mean + half)
        };
        merged.slots.iter().map(interval).collect()
    }
}
