//! Counts and shares of levels.

use coda_model::{estimate::Figure, frame::Guard};

use crate::{
    merge::{Merged, MergedCount, figure},
    probability::{NORMAL_975, wilson},
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// The count of each level, and its share of those with a value. Interval: Wilson's, with the variance of the perturbation
/// added to the squares of its arms (R9).
pub struct Marginals;

impl Statistic for Marginals {
    fn name(&self) -> &'static str {
        "marginals"
    }

    fn summary(&self) -> &'static str {
        "count of each level, and its share, 95 % CI (Wilson)"
    }

    fn forms(&self) -> &'static [&'static [Takes]] {
        &[&[Takes::Classes]]
    }

    fn shape(&self, operands: &Operands<'_>) -> Shape {
        Shape::counts(operands.axis(0))
    }

    fn guard(&self) -> Guard {
        Guard::Each
    }

    fn figures(&self, merged: &Merged, operands: &Operands<'_>) -> Vec<Figure> {
        let axis = operands.axis(0);
        let all = merged.valid;
        let mut figures = Vec::with_capacity(2 * axis.labels.len());
        for (label, slot) in axis.labels.iter().zip(&merged.slots) {
            figures.push(Figure::count("count", figure(&slot.count)).of(label));
            figures.push(share(&slot.count, &all).unwrap_or_else(|| Figure::suppressed("share")).of(label));
        }
        figures
    }
}

/// The share of a level. Where a site suppresses its part of it, the sum of the others is no share of all: the estimate takes its
/// place, with its own variance (R9).
fn share(count: &MergedCount, all: &MergedCount) -> Option<Figure> {
    let told = count.value().filter(|_| count.telling == all.telling);
    let told = told.map(|rows| (rows as f64, count.variance, all.rows as f64));
    let whole = all.estimate.map_or(all.rows as f64, |estimate| estimate.value);
    let estimated = || count.estimate.map(|estimate| (estimate.value, count.estimate_variance, whole));
    let (count, variance, total) = told.or_else(estimated).filter(|(.., total)| *total > 0.0)?;
    let count = count.min(total);
    let (p, (low, high)) = (count / total, wilson(count, total));
    let noise = NORMAL_975.powi(2) * (variance + p * p * all.variance) / (total * total);
    let (below, above) = (((p - low).powi(2) + noise).sqrt(), ((high - p).powi(2) + noise).sqrt());
    let share = Figure::number("share", p, None);
    Some(if noise.is_finite() { share.confidence((p - below).max(0.0), (p + above).min(1.0)) } else { share })
}
