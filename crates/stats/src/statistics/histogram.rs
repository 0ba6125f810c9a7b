//! Histogram on the dictionary's bins.

use coda_model::{estimate::Figure, frame::Guard, variable::Continuous};

use crate::{
    merge::Merged,
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// Counts in the dictionary's bins, read off the distribution that quantiles are read off too (R8).
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
        Shape::counts(operands.grid(0))
    }

    fn guard(&self) -> Guard {
        Guard::Distribution { least: 1 }
    }

    fn figures(&self, merged: &Merged, operands: &Operands<'_>) -> Vec<Figure> {
        let bins = operands.bins(0);
        let ends = operands.continuous(0).map(Continuous::bin_ends).unwrap_or_default();
        let counts = merged.distribution.bins(&ends);
        bins.labels.iter().zip(counts).map(|(label, count)| Figure::count("count", count).of(label)).collect()
    }
}
