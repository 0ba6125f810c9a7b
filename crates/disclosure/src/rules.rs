//! The rules as a value. A hospital has [`RuleSet::perturbed`] or [`RuleSet::exact`]; a test may leave a defence out.

use coda_model::{
    dictionary::ReleaseMode,
    rounding::{NOISE, Rounding},
    threshold::Threshold,
};

/// What is done to what leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleSet {
    /// How counts are told (R4, R5).
    pub rounding: Rounding,
    /// Noise of sums in SDs of the contributions: w of R6; 0 where sums are exact.
    pub noise: u8,
    /// Digits of means and SDs (R7).
    pub digits: Digits,
    /// The layer keyed by who the set is.
    pub set_layer: Layer,
    /// The layer of the noise of sums that is keyed by the statement; of counts it is the step of [`Self::rounding`].
    pub statement_layer: Layer,
}

/// Digits of means and SDs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digits {
    /// A mean in steps of at most one standard error, or of w·s where the values may all be equal; an SD with two digits.
    Told,
    /// Every digit.
    All,
}

/// A layer of the perturbation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// The layer is applied.
    On,
    /// It is left out: in tests, to show what it is for.
    Off,
}

impl RuleSet {
    /// The rules of a data set under a site's threshold.
    pub fn of(mode: ReleaseMode, threshold: Threshold) -> Self {
        match mode {
            ReleaseMode::Perturbed => Self::perturbed(threshold),
            ReleaseMode::Exact => Self::exact(threshold),
        }
    }

    /// Counts rounded at random, sums with the noise of about two people.
    pub fn perturbed(threshold: Threshold) -> Self {
        Self {
            rounding: Rounding::random(threshold),
            noise: NOISE,
            digits: Digits::Told,
            set_layer: Layer::On,
            statement_layer: Layer::On,
        }
    }

    /// Sums as they are, and counts from the threshold on (R14).
    pub fn exact(threshold: Threshold) -> Self {
        Self { rounding: Rounding::exact(threshold), noise: 0, digits: Digits::All, ..Self::perturbed(threshold) }
    }

    /// Whether sums leave as they are.
    pub(crate) fn is_exact(&self) -> bool {
        self.rounding.is_exact() && self.noise == 0 && self.digits == Digits::All
    }
}
