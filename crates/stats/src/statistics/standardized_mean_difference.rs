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
/// Formulas: Hedges 1981, Journal of Educational Statistics 6(2), 107-128; disclosure.md 3.2.
pub struct StandardizedMeanDifference;

impl Statistic for StandardizedMeanDifference {
    fn name(&self) -> &'static str {
        "smd"
    }

    fn summary(&self) -> &'static str {
        "standardized mean difference (second class less first), d and g, with 95 % intervals; from 10 people a class on"
    }

    fn forms(&self) -> &'static [&'static [Takes]] {
        &[&[Takes::Measured, Takes::TwoClasses]]
    }

    fn shape(&self, operands: &Operands<'_>) -> Shape {
        Shape::sums(operands.column(0), 2).by(operands.axis(1))
    }

    fn guard(&self) -> Guard {
        Guard::Together { least: 10 }
    }

    fn figures(&self, merged: &Merged, operands: &Operands<'_>) -> Vec<Figure> {
        let [first, second] = merged.slots.as_slice() else { return Vec::new() };
        let (a, b) = (second.moments(operands.scale(0)), first.moments(operands.scale(0)));
        let freedom = a.n() + b.n() - 2.0;
        let spread = ((a.deviations() + b.deviations()) / freedom).sqrt();
        let d = a.mean_less(&b) / spread;
        let error = ((a.n() + b.n()) / (a.n() * b.n()) + d * d / (2.0 * (a.n() + b.n()))).sqrt();
        let correction = 1.0 - 3.0 / (4.0 * freedom - 1.0);
        let figure = |name, value: f64, error: f64| {
            Figure::number(name, value, None).confidence(value - NORMAL_975 * error, value + NORMAL_975 * error)
        };
        vec![figure("d", d, error), figure("g", correction * d, correction * error)]
    }
}
