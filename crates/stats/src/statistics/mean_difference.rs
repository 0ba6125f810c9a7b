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
/// Formulas: Welch 1947, Biometrika 34, 28-35. The variance of the perturbation is added to that of the difference (R9).
pub struct MeanDifference;

impl Statistic for MeanDifference {
    fn name(&self) -> &'static str {
        "mean_difference"
    }

    fn summary(&self) -> &'static str {
        "difference of two means (second class minus first), Welch and pooled, 95 % CI"
    }

    fn forms(&self) -> &'static [&'static [Takes]] {
        &[&[Takes::Measured, Takes::TwoClasses]]
    }

    fn shape(&self, operands: &Operands<'_>) -> Shape {
        Shape::sums(operands.column(0)).by(operands.axis(1))
    }

    fn guard(&self) -> Guard {
        Guard::All
    }

    fn figures(&self, merged: &Merged, operands: &Operands<'_>) -> Vec<Figure> {
        let (axis, unit) = (operands.axis(1), operands.unit(0));
        let ([first, second], [from, to]) = (merged.slots.as_slice(), axis.labels.as_slice()) else { return Vec::new() };
        let scale = operands.scale(0);
        let (a, b) = (second.sums.moments(scale), first.sums.moments(scale));
        let difference = a.mean_less(&b);
        let noise = second.sums.noise(scale) + first.sums.noise(scale);

        let welch = {
            let (va, vb) = (a.variance() / a.n(), b.variance() / b.n());
            let freedom = (va + vb).powi(2) / (va * va / (a.n() - 1.0) + vb * vb / (b.n() - 1.0));
            ((va + vb + noise).sqrt(), freedom)
        };
        let pooled = {
            let freedom = a.n() + b.n() - 2.0;
            let variance = (a.deviations() + b.deviations()) / freedom;
            ((variance * (1.0 / a.n() + 1.0 / b.n()) + noise).sqrt(), freedom)
        };

        let mut figures = Vec::new();
        for (name, (error, freedom)) in [("Welch", welch), ("pooled", pooled)] {
            let half = student_quantile(0.975, freedom) * error;
            let title = format!("difference {name}");
            figures.push(Figure::number(&title, difference, unit).confidence(difference - half, difference + half));
            figures.push(Figure::number(&format!("t {name}"), difference / error, None));
            figures.push(Figure::number(&format!("df {name}"), freedom, None));
            figures.push(Figure::number(&format!("p {name}"), student_p(difference / error, freedom), None));
        }
        figures.push(Figure::number("mean", a.mean(), unit).of(to));
        figures.push(Figure::number("mean", b.mean(), unit).of(from));
        figures
    }
}
