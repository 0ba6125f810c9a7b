//! Standardized difference of two means.

use coda_model::{estimate::Figure, frame::Guard};

use crate::{
    merge::Merged,
    probability::NORMAL_975,
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// Cohen's d with the pooled standard deviation, and Hedges' g with J = 1 - 3 / (4 (n1 + n2 - 2) - 1); the second class
/// less the first.
///
/// Formulas: Hedges 1981, Journal of Educational Statistics 6(2), 107-128. The variance of the perturbation is added (R9).
pub struct StandardizedMeanDifference;

impl Statistic for StandardizedMeanDifference {
    fn name(&self) -> &'static str {
        "smd"
    }

    fn summary(&self) -> &'static str {
        "standardized mean difference (second class minus first), d and g, 95 % CI"
    }

    fn forms(&self) -> &'static [&'static [Takes]] {
        &[&[Takes::Measured, Takes::TwoClasses]]
    }

    fn shape(&self, operands: &Operands<'_>) -> Shape {
        Shape::sums(operands.column(0)).by(operands.axis(1))
    }

    fn guard(&self) -> Guard {
        Guard::All
    }

    fn figures(&self, merged: &Merged, operands: &Operands<'_>) -> Vec<Figure> {
        let [first, second] = merged.slots.as_slice() else { return Vec::new() };
        let scale = operands.scale(0);
        let (a, b) = (second.sums.moments(scale), first.sums.moments(scale));
        let freedom = a.n() + b.n() - 2.0;
        let spread = ((a.deviations() + b.deviations()) / freedom).sqrt();
        let d = a.mean_less(&b) / spread;
        let noise = (second.sums.noise(scale) + first.sums.noise(scale)) / (spread * spread);
        let error = ((a.n() + b.n()) / (a.n() * b.n()) + d * d / (2.0 * (a.n() + b.n())) + noise).sqrt();
        let correction = 1.0 - 3.0 / (4.0 * freedom - 1.0);
        let figure = |name, value: f64, error: f64| {
            Figure::number(name, value, None).confidence(value - NORMAL_975 * error, value + NORMAL_975 * error)
        };
        vec![figure("d", d, error), figure("g", correction * d, correction * error)]
    }
}
