//! Histogram on the dictionary's bins.

use coda_model::{estimate::Figure, frame::Guard};

use crate::{
    estimate::quantity,
    merge::Merged,
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// Counts in the dictionary's bins; their edges never come from data.
pub struct Histogram;

impl Statistic for Histogram {
    fn name(&self) -> &'static str {
        "histogram"
    }

    fn summary(&self) -> &'static str {
        "counts in the dictionary's bins"
    }

    fn forms(&self) -> &'static [&'static [Takes]] {
        &[&[Takes::Continuous]]
    }

    fn shape(&self, operands: &Operands<'_>) -> Shape {
        Shape::counts(operands.bins(0))
    }

    fn guard(&self) -> Guard {
        Guard::Table
    }

    fn figures(&self, merged: &Merged, operands: &Operands<'_>) -> Vec<Figure> {
        let bins = operands.bins(0);
        let counts = merged.slots.iter().map(|slot| quantity(slot.count.rows));
        bins.labels.iter().zip(counts).map(|(label, count)| Figure::count(label, count)).collect()
    }
}
