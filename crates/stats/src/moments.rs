//! Mean, spread and interval from whole-number sums (disclosure.md 3.1, 3.2).

use coda_model::scale::Scale;

use crate::probability::student_quantile;

/// Number, sum and sum of squares of codes, with the scale that makes them values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    scale: Scale,
    n: i128,
    sum: i128,
    squares: i128,
}

impl Moments {
    /// From a slot's rows and sums; squares may be absent where only the mean is wanted.
    pub fn new(scale: Scale, rows: u64, sums: &[i128]) -> Self {
        let at = |index: usize| sums.get(index).copied().unwrap_or_default();
        Self { scale, n: i128::from(rows), sum: at(0), squares: at(1) }
    }

    /// Number of values.
    pub fn n(&self) -> f64 {
        self.n as f64
    }

    /// Mean, in the variable's unit.
    pub fn mean(&self) -> f64 {
        // Whole numbers until the last division, so that a common offset costs no digits.
        let whole = self.sum / self.n.max(1);
        let part = (self.sum % self.n.max(1)) as f64 / self.n();
        let rounded = self.scale.value(whole as f64);
        if part == 0.0 { rounded } else { self.scale.value(whole as f64 + part) }
    }

    /// This mean less another of the same variable, in its unit; a common offset costs no digits.
    pub fn mean_less(&self, other: &Self) -> f64 {
        let numerator = self.sum * other.n - other.sum * self.n;
        self.scale.length(numerator as f64 / (self.n() * other.n()))
    }

    /// Sum of squared deviations, in the variable's unit squared.
    pub fn deviations(&self) -> f64 {
        // About the whole part of the mean first: exact, and no product of two sums that could outgrow 128 bits.
        let n = self.n.max(1);
        let (whole, rest) = (self.sum / n, self.sum % n);
        let about_whole = self.squares - whole * (self.sum + rest);
        let excess = rest * rest;
        let unit = self.scale.resolution();
        ((about_whole - excess / n) as f64 - (excess % n) as f64 / self.n()) * unit * unit
    }

    /// Variance with denominator n - 1.
    pub fn variance(&self) -> f64 {
        self.deviations() / (self.n() - 1.0)
    }

    /// Standard deviation with denominator n - 1.
    pub fn sd(&self) -> f64 {
        self.variance().sqrt()
    }

    /// Half the width of the 95 % confidence interval of the mean (Student's t, n - 1 degrees of freedom).
    pub fn half_width(&self) -> f64 {
        student_quantile(0.975, self.n() - 1.0) * self.sd() / self.n().sqrt()
    }
}
