//! Odds ratio.

use coda_model::{estimate::Figure, frame::Guard};

use super::two_by_two::{self, TwoByTwo};
use crate::{
    merge::Merged,
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// Interval: Woolf 1955, Annals of Human Genetics 19, 251-253.
pub struct OddsRatio;

impl Statistic for OddsRatio {
    fn name(&self) -> &'static str {
        "odds_ratio"
    }

    fn summary(&self) -> &'static str {
        "odds in the exposed divided by odds in the unexposed, 95 % CI (Woolf)"
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
        let noise = table.noise([1.0 / a, -1.0 / b, -1.0 / c, 1.0 / d]);
        let error = (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d + noise).sqrt();
        let mut figures = vec![two_by_two::ratio("odds ratio", a * d / (b * c), error)];
        figures.extend(two_by_two::risks(&table, operands));
        figures
    }
}
