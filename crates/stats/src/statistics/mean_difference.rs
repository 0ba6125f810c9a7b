//! Difference of two means.

use coda_model::{estimate::Figure, frame::Guard};

use crate::{
    merge::Merged,
    probability::{student_p, student_quantile},
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// Mean of the second class less mean of the first, by Welch (unequal variances) and pooled (equal variances).
///
/// Formulas: Welch 1947, Biometrika 34, 28-35; disclosure.md 3.2.
pub struct MeanDifference;

impl Statistic for MeanDifference {
    fn name(&self) -> &'static str {
        "mean_difference"
    }

    fn summary(&self) -> &'static str {
        "difference of two means (second class less first), Welch and pooled, with 95 % intervals; from 10 people a class on"
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
        let (axis, unit) = (operands.axis(1), operands.unit(0));
        let ([first, second], [from, to]) = (merged.slots.as_slice(), axis.labels.as_slice()) else { return Vec::new() };
        let (a, b) = (second.moments(operands.scale(0)), first.moments(operands.scale(0)));
        let difference = a.mean_less(&b);

        let (va, vb) = (a.variance() / a.n(), b.variance() / b.n());
        let welch = (va + vb).sqrt();
        let welch_freedom = (va + vb).powi(2) / (va * va / (a.n() - 1.0) + vb * vb / (b.n() - 1.0));

        let freedom = a.n() + b.n() - 2.0;
        let pooled = ((a.deviations() + b.deviations()) / freedom * (1.0 / a.n() + 1.0 / b.n())).sqrt();

        let mut figures = Vec::new();
        for (name, error, freedom) in [("Welch", welch, welch_freedom), ("pooled", pooled, freedom)] {
            let half = student_quantile(0.975, freedom) * error;
            let title = format!("difference {name}");
            figures.push(Figure::number(&title, difference, unit).confidence(difference - half, difference + half));
            figures.push(Figure::number(&format!("t {name}"), difference / error, None));
            figures.push(Figure::number(&format!("df {name}"), freedom, None));
            figures.push(Figure::number(&format!("p {name}"), student_p(difference / error, freedom), None));
        }
        figures.push(Figure::number(&format!("mean of {to}"), a.mean(), unit));
        figures.push(Figure::number(&format!("mean of {from}"), b.mean(), unit));
        figures
    }
}
