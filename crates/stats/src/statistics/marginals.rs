//! Counts and shares of levels.

use coda_model::{estimate::Figure, frame::Guard};

use crate::{
    estimate::quantity,
    merge::Merged,
    probability::wilson,
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// The count of each level, and its share of those with a value with Wilson's 95 % interval.
pub struct Marginals;

impl Statistic for Marginals {
    fn name(&self) -> &'static str {
        "marginals"
    }

    fn summary(&self) -> &'static str {
        "count of each level, and its share with Wilson's 95 % interval"
    }

    fn forms(&self) -> &'static [&'static [Takes]] {
        &[&[Takes::Classes]]
    }

    fn shape(&self, operands: &Operands<'_>) -> Shape {
        Shape::counts(operands.axis(0))
    }

    fn guard(&self) -> Guard {
        Guard::Table
    }

    fn figures(&self, merged: &Merged, operands: &Operands<'_>) -> Vec<Figure> {
        let axis = operands.axis(0);
        let exact: Vec<_> = merged.slots.iter().map(|slot| slot.count.rows.exact()).collect();
        let total: Option<u64> = exact.iter().copied().sum();
        let mut figures = Vec::with_capacity(2 * exact.len());
        for ((label, slot), exact) in axis.labels.iter().zip(&merged.slots).zip(exact) {
            figures.push(Figure::count(label, quantity(slot.count.rows)));
            let name = format!("share of {label}");
            figures.push(match (exact, total) {
                (Some(count), Some(total)) if total > 0 => {
                    let (low, high) = wilson(count as f64, total as f64);
                    Figure::number(&name, count as f64 / total as f64, None).confidence(low, high)
                }
                _ => Figure::withheld(&name),
            });
        }
        figures
    }
}
