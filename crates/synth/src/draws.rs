//! Random draws, all from one seeded stream.

use std::f64::consts::TAU;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Which table a stream of draws belongs to. Each table draws from its own, so that writing fewer tables, or changing one,
/// leaves the others as they were.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    Sites,
    People,
    Encounters,
    Labs,
    Ventilations,
}

/// A seeded source of draws.
pub(crate) struct Draws(ChaCha8Rng);

impl Draws {
    pub(crate) fn new(seed: u64, stream: Stream) -> Self {
        let mut source = ChaCha8Rng::seed_from_u64(seed);
        source.set_stream(stream as u64);
        Self(source)
    }

    /// Uniform from 0 to below 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0.random()
    }

    /// Uniform from `low` to below `high`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Uniform over the whole numbers from `low` to `high`, both included.
    pub(crate) fn whole(&mut self, low: i64, high: i64) -> i64 {
        self.between(low as f64, high as f64 + 1.0).floor() as i64
    }

    /// Standard normal (Box and Muller 1958, doi:10.1214/aoms/1177706645).
    pub(crate) fn normal(&mut self) -> f64 {
        // one minus, because the logarithm must not meet 0
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (TAU * self.uniform()).cos()
    }

    /// True with the given probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// True with the probability whose log odds are given.
    pub(crate) fn odds(&mut self, log_odds: f64) -> bool {
        self.chance(1.0 / (1.0 + (-log_odds).exp()))
    }

    /// A value, or nothing with the given probability.
    pub(crate) fn unless_missing<T>(&mut self, missing: f64, value: T) -> Option<T> {
        (!self.chance(missing)).then_some(value)
    }
}

/// A measured value in whole steps of its resolution (`steps` to the unit), brought within bounds given in steps.
pub(crate) fn in_steps(value: f64, steps: f64, lower: i64, upper: i64) -> i64 {
    ((value * steps).round() as i64).clamp(lower, upper)
}
