//! What risk ratio, odds ratio and risk difference share: a binary outcome in two classes of an exposure.

use coda_model::{estimate::Figure, frame::Guard};

use crate::{
    merge::Merged,
    shape::Shape,
    statistic::{Operands, Takes},
};

/// The outcome, then the exposure.
pub(super) const FORMS: &[&[Takes]] = &[&[Takes::TwoClasses, Takes::TwoClasses]];

/// A site is in only with all four cells.
pub(super) const GUARD: Guard = Guard::All;

/// The four counts; exposed is the second class of the exposure, with the event the second class of the outcome.
pub(super) struct TwoByTwo {
    /// Exposed, with the event.
    pub(super) a: f64,
    /// Exposed, without.
    pub(super) b: f64,
    /// Not exposed, with the event.
    pub(super) c: f64,
    /// Not exposed, without.
    pub(super) d: f64,
    /// Variance of each cell about the exact count (R9).
    noise: [f64; 4],
}

impl TwoByTwo {
    /// From merged slots, whose order is that of [`shape`].
    pub(super) fn of(merged: &Merged) -> Option<Self> {
        let count = |slot: usize| merged.slots.get(slot).map(|slot| &slot.count);
        let (a, b, c, d) = (count(3)?, count(2)?, count(1)?, count(0)?);
        let noise = [a, b, c, d].map(|cell| cell.variance);
        Some(Self { a: a.rows as f64, b: b.rows as f64, c: c.rows as f64, d: d.rows as f64, noise })
    }

    /// Variance that the perturbation gives a figure with these derivatives by a, b, c and d.
    pub(super) fn noise(&self, derivatives: [f64; 4]) -> f64 {
        derivatives.into_iter().zip(self.noise).map(|(derivative, noise)| derivative * derivative * noise).sum()
    }

    /// Risk of the event among the exposed.
    pub(super) fn exposed(&self) -> f64 {
        self.a / (self.a + self.b)
    }

    /// Risk of the event among the others.
    pub(super) fn unexposed(&self) -> f64 {
        self.c / (self.c + self.d)
    }
}

/// Exposure, then outcome.
pub(super) fn shape(operands: &Operands<'_>) -> Shape {
    Shape::counts(operands.axis(1)).by(operands.axis(0))
}

/// The risks in both classes, named by their labels.
pub(super) fn risks(table: &TwoByTwo, operands: &Operands<'_>) -> Vec<Figure> {
    let axis = operands.axis(1);
    let [unexposed, exposed] = axis.labels.as_slice() else { return Vec::new() };
    vec![
        Figure::number("risk", table.exposed(), None).of(exposed),
        Figure::number("risk", table.unexposed(), None).of(unexposed),
    ]
}

/// A ratio with its interval, given the standard error of its logarithm.
pub(super) fn ratio(name: &str, value: f64, error: f64) -> Figure {
    let factor = (crate::probability::NORMAL_975 * error).exp();
    Figure::number(name, value, None).confidence(value / factor, value * factor)
}
