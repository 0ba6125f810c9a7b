//! What risk ratio, odds ratio and risk difference share: a binary outcome in two classes of an exposure.

use coda_model::{estimate::Figure, frame::Guard};

use crate::{
    merge::Merged,
    shape::Shape,
    statistic::{Operands, Takes},
};

/// The outcome, then the exposure.
pub(super) const FORMS: &[&[Takes]] = &[&[Takes::TwoClasses, Takes::TwoClasses]];

/// All four cells, or nothing (disclosure.md 1.8).
pub(super) const GUARD: Guard = Guard::Together { least: 0 };

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
}

impl TwoByTwo {
    /// From merged slots, whose order is that of [`shape`].
    pub(super) fn of(merged: &Merged) -> Option<Self> {
        let count = |slot: usize| Some(merged.slots.get(slot)?.count.rows.low as f64);
        Some(Self { a: count(3)?, b: count(2)?, c: count(1)?, d: count(0)? })
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
        Figure::number(&format!("risk if {exposed}"), table.exposed(), None),
        Figure::number(&format!("risk if {unexposed}"), table.unexposed(), None),
    ]
}

/// A ratio with its interval, given the standard error of its logarithm.
pub(super) fn ratio(name: &str, value: f64, error: f64) -> Figure {
    let factor = (crate::probability::NORMAL_975 * error).exp();
    Figure::number(name, value, None).confidence(value / factor, value * factor)
}
