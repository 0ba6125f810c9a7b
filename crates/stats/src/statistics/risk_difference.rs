//! Risk difference.

use coda_model::{estimate::Figure, frame::Guard};

use super::two_by_two::{self, TwoByTwo};
use crate::{
    merge::Merged,
    probability::{NORMAL_975, wilson},
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// Intervals: Wald, and Newcombe 1998, Statistics in Medicine 17, 873-890, method 10.
pub struct RiskDifference;

impl Statistic for RiskDifference {
    fn name(&self) -> &'static str {
        "risk_difference"
    }

    fn summary(&self) -> &'static str {
        "risk in the exposed minus risk in the unexposed, 95 % CI (Newcombe, and Wald)"
    }

    fn forms(&self) -> &'static [&'static [Takes]] {
        two_by_two::FORMS
    }

    fn shape(&self, operands: &Operands<'_>) -> Shape {
        two_by_two::shape(operands)
    }

    fn guard(&self) -> Guard {
        two_by_two::GUARD
    }

    fn figures(&self, merged: &Merged, operands: &Operands<'_>) -> Vec<Figure> {
        let Some(table) = TwoByTwo::of(merged) else { return Vec::new() };
        let TwoByTwo { a, b, c, d, .. } = table;
        let (p, q, n, m) = (table.exposed(), table.unexposed(), a + b, c + d);
        let difference = p - q;
        let noise = table.noise([b / (n * n), -a / (n * n), -d / (m * m), c / (m * m)]);
        let wald = NORMAL_975 * (p * (1.0 - p) / n + q * (1.0 - q) / m + noise).sqrt();
        // What the perturbation adds is added to the squares of Newcombe's arms.
        let noise = NORMAL_975 * NORMAL_975 * noise;
        let ((p_low, p_high), (q_low, q_high)) = (wilson(a, n), wilson(c, m));
        let low = difference - ((p - p_low).powi(2) + (q_high - q).powi(2) + noise).sqrt();
        let high = difference + ((p_high - p).powi(2) + (q - q_low).powi(2) + noise).sqrt();
        let figure = |name| Figure::number(name, difference, None);
        let mut figures = vec![
            figure("risk difference Newcombe").confidence(low, high),
            figure("risk difference Wald").confidence(difference - wald, difference + wald),
        ];
        figures.extend(two_by_two::risks(&table, operands));
        figures
    }
}
