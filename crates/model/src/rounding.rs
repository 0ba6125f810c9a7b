//! How a site tells counts: from how many people on, to a multiple of what, and how far a told count may be off
//! (docs/disclosure.md, R4, R5).
//!
//! A threshold of 5 people and the usual step of 4 give: counts are told from 10 on, as multiples of 5, within 8 of the truth.

use crate::threshold::Threshold;

/// Counts are rounded at random to a multiple of this (Statistics Canada does the same with the census).
pub const BASE: u64 = 5;

/// Noise of a sum, in SDs of the contributions: w of R6.
pub const NOISE: u8 = 2;
/// A sum's noise is never smaller than that of contributions with an SD of the bounds through so many (R6).
const PARTS_OF_BOUNDS: i32 = 200;

/// The smallest SD of contributions that noise is made for, in codes, of a variable whose bounds are so far apart (R6).
pub fn least_spread(span: i32) -> i32 {
    (span / PARTS_OF_BOUNDS).max(1)
}

/// A told edge of a distribution is above the last one by this part of everybody, at least (R8).
const PARTS_OF_EVERYBODY: u64 = 64;

/// Whether what a figure is about names a variable that the dictionary declares `sensitive`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Sensitivity {
    /// It names none.
    #[default]
    Plain,
    /// It names one: counts are perturbed more.
    Sensitive,
}

/// How a site tells counts. It travels with every answer, because sites may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounding {
    /// The smallest count that is told, as told: T of R4.
    pub told_from: u64,
    /// Told counts are multiples of this; 1 where they are exact.
    pub base: u64,
    /// Half-width E of the step that goes by the statement; 0 where counts are exact.
    pub step: u64,
    /// The same where a sensitive variable is named.
    pub step_sensitive: u64,
}

impl Rounding {
    /// Random rounding, as R4 has it.
    pub fn random(threshold: Threshold) -> Self {
        Self { told_from: BASE * (threshold.least() + 5).div_ceil(BASE), base: BASE, step: 4, step_sensitive: 8 }
    }

    /// Counts as they are, from the threshold on (R14).
    pub fn exact(threshold: Threshold) -> Self {
        Self { told_from: threshold.least(), base: 1, step: 0, step_sensitive: 0 }
    }

    /// Whether counts and sums are told as they are.
    pub fn is_exact(&self) -> bool {
        self.base == 1 && self.step == 0 && self.step_sensitive == 0
    }

    /// The half-width of the step.
    pub fn step(&self, sensitivity: Sensitivity) -> u64 {
        match sensitivity {
            Sensitivity::Plain => self.step,
            Sensitivity::Sensitive => self.step_sensitive,
        }
    }

    /// A told count is within so many of the truth, for certain.
    pub fn error(&self, sensitivity: Sensitivity) -> u64 {
        self.step(sensitivity) + self.base - 1
    }

    /// By how many people a told edge of a distribution of so many is above the last one, at least (R8): more than `k` are
    /// between two told edges, for certain. Both edges have one step, and each may be rounded by `base` - 1. An edge under the
    /// threshold may lack the step; that it is added here covers that.
    pub fn rise(&self, all: u64, sensitivity: Sensitivity) -> u64 {
        (self.told_from + self.step(sensitivity)).max(all.div_ceil(PARTS_OF_EVERYBODY))
    }

    /// The largest count that may be suppressed.
    pub fn suppressed_at_most(&self) -> u64 {
        self.told_from.saturating_sub(1)
    }

    /// Variance of a told count about the truth: that of a whole number uniform on -E..E, and that of random rounding, averaged
    /// over the remainders. 10.7 for a step of 4, 28 for a step of 8.
    pub fn variance(&self, sensitivity: Sensitivity) -> f64 {
        let (step, base) = (self.step(sensitivity) as f64, self.base as f64);
        step * (step + 1.0) / 3.0 + (base * base - 1.0) / 6.0
    }
}

impl Sensitivity {
    /// Sensitive if either is.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_of_told_counts_is_a_multiple_of_five_above_k() {
        let told = |k| Rounding::random(Threshold::new(k).unwrap()).told_from;
        assert_eq!([5, 6, 7, 10, 11, 20].map(told), [10, 15, 15, 15, 20, 25]);
    }

    #[test]
    fn bounds_and_variances_are_those_of_the_rule() {
        let usual = Rounding::random(Threshold::default());
        assert_eq!((usual.error(Sensitivity::Plain), usual.error(Sensitivity::Sensitive)), (8, 12));
        assert_eq!((usual.rise(40, Sensitivity::Plain), usual.rise(40, Sensitivity::Sensitive)), (14, 18));
        assert_eq!(usual.rise(1_000, Sensitivity::Plain), 16);
        assert!((usual.variance(Sensitivity::Plain) - 32.0 / 3.0).abs() < 1e-12);
        assert!((usual.variance(Sensitivity::Sensitive) - 28.0).abs() < 1e-12);
        let exact = Rounding::exact(Threshold::default());
        assert_eq!((exact.told_from, exact.error(Sensitivity::Sensitive)), (5, 0));
        assert!(exact.is_exact() && exact.variance(Sensitivity::Plain).abs() < 1e-12);
    }
}
