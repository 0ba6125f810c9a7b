//! Draws from the distributions that made-up people need.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

/// A draw from the standard normal distribution (Box and Muller 1958, doi:10.1214/aoms/1177706645).
pub(crate) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (radius, angle): (f64, f64) = (rng.random(), rng.random());
    (-2.0 * (1.0 - radius).ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

/// Whether something of this probability happens.
pub(crate) fn happens(probability: f64, rng: &mut ChaCha8Rng) -> bool {
    rng.random::<f64>() < probability
}

/// The place of one of these, by its probability.
pub(crate) fn one_of(probabilities: &[f64], rng: &mut ChaCha8Rng) -> usize {
    let mut left: f64 = rng.random();
    for (place, probability) in probabilities.iter().enumerate() {
        left -= probability;
        if left < 0.0 {
            return place;
        }
    }
    probabilities.len() - 1
}

/// Probabilities about these, as if they were known from so many people: a draw from the Dirichlet distribution.
pub(crate) fn about(probabilities: &[f64], people: f64, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let draws: Vec<f64> = probabilities.iter().map(|probability| gamma(probability * people, rng)).collect();
    let all: f64 = draws.iter().sum();
    draws.into_iter().map(|draw| draw / all).collect()
}

/// A draw from the gamma distribution of scale 1 (Marsaglia and Tsang 2000, doi:10.1145/358407.358414).
fn gamma(shape: f64, rng: &mut ChaCha8Rng) -> f64 {
    if shape < 1.0 {
        let power: f64 = 1.0 - rng.random::<f64>();
        return gamma(shape + 1.0, rng) * power.powf(1.0 / shape);
    }
    let size = shape - 1.0 / 3.0;
    let scale = 1.0 / (9.0 * size).sqrt();
    loop {
        let deviate = normal(rng);
        let cube = (1.0 + scale * deviate).powi(3);
        let uniform: f64 = 1.0 - rng.random::<f64>();
        if cube > 0.0 && uniform.ln() < 0.5 * deviate * deviate + size - size * cube + size * cube.ln() {
            return size * cube;
        }
    }
}
