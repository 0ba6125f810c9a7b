//! Risk ratio.

use coda_model::{estimate::Figure, frame::Guard};

use super::two_by_two::{self, TwoByTwo};
use crate::{
    merge::Merged,
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// Interval: Katz, Baptista, Azen and Pike 1978, Biometrics 34, 469-474.
pub struct RiskRatio;

impl Statistic for RiskRatio {
    fn name(&self) -> &'static str {
        "risk_ratio"
    }

    fn summary(&self) -> &'static str {
        "risk in the exposed divided by risk in the unexposed, 95 % CI (Katz)"
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
        let (n, m) = (a + b, c + d);
        let noise = table.noise([1.0 / a - 1.0 / n, -1.0 / n, 1.0 / m - 1.0 / c, 1.0 / m]);
        let error = (1.0 / a - 1.0 / n + 1.0 / c - 1.0 / m + noise).sqrt();
        let mut figures = vec![two_by_two::ratio("risk ratio", table.exposed() / table.unexposed(), error)];
        figures.extend(two_by_two::risks(&table, operands));
        figures
    }
}
