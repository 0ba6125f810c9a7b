//! Mean, spread and interval from whole-number sums.

use coda_model::{frame::FINE, scale::Scale};

/// Number, sum and sum of squares of codes, with the scale that makes them values. Sums are in 1/65,536 of a code, as sites
/// tell them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    scale: Scale,
    n: i128,
    sum: i128,
    squares: i128,
}

impl Moments {
    /// From told rows and sums.
    pub fn new(scale: Scale, rows: u64, sum: i128, squares: i128) -> Self {
        Self { scale, n: i128::from(rows), sum, squares }
    }

    /// Number of values.
    pub fn n(&self) -> f64 {
        self.n as f64
    }

    /// Mean, in the variable's unit; not a number of nobody.
    pub fn mean(&self) -> f64 {
        if self.n == 0 {
            return f64::NAN;
        }
        // Whole numbers until the last division, so that a common offset costs no digits.
        let codes = (self.sum / self.n) >> FINE;
        let rest = self.sum - ((codes * self.n) << FINE);
        let rounded = self.scale.value(codes as f64);
        if rest == 0 { rounded } else { self.scale.value(codes as f64 + rest as f64 / (self.n() * fine())) }
    }

    /// This mean less another of the same variable, in its unit; a common offset costs no digits.
    pub fn mean_less(&self, other: &Self) -> f64 {
        let numerator = self.sum * other.n - other.sum * self.n;
        self.scale.length(numerator as f64 / (self.n() * other.n() * fine()))
    }

    /// Sum of squared deviations, in the variable's unit squared.
    pub fn deviations(&self) -> f64 {
        // About the whole part of the mean first: exact, and no product of two sums that could outgrow 128 bits.
        let n = self.n.max(1);
        let (whole, rest) = (self.sum / n, self.sum % n);
        let about_whole = self.squares - whole * (self.sum + rest);
        let excess = rest * rest;
        let unit = self.scale.resolution() / fine();
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
}

/// What a code is in told sums.
fn fine() -> f64 {
    f64::from(1u32 << FINE)
}
