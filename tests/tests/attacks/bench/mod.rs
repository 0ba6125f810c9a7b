//! What attacks stand on: a ward of synthetic people with its query path in process, single sets made by hand, and how a guess is
//! scored.

mod attack;
mod score;
mod sets;
mod ward;
mod words;

use coda_disclosure::{Digits, Layer, RuleSet};
use coda_model::{rounding::Rounding, threshold::Threshold};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

pub(crate) use attack::{Attack, Off, percent};
pub(crate) use score::{Counts, Means, told_counts};
pub(crate) use sets::{Sets, normal};
pub(crate) use ward::{Raw, Ward};
pub(crate) use words::VARIABLES;

/// Random numbers that are the same in every run.
pub(crate) fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// How many random cases a property has: `CODA_CASES` raises it.
pub(crate) fn cases() -> u64 {
    std::env::var("CODA_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(10_000)
}

/// What a hospital has.
pub(crate) fn usual() -> RuleSet {
    RuleSet::perturbed(Threshold::default())
}

/// Counts and sums without what goes by the statement.
pub(crate) fn by_set_alone() -> RuleSet {
    let rounding = Rounding { step: 0, step_sensitive: 0, ..usual().rounding };
    RuleSet { rounding, statement_layer: Layer::Off, ..usual() }
}

/// Counts and sums without what goes by the set.
pub(crate) fn by_statement_alone() -> RuleSet {
    RuleSet { set_layer: Layer::Off, ..usual() }
}

/// Counts as they are, told from nobody on; sums without noise.
pub(crate) fn bare() -> RuleSet {
    let rounding = Rounding { told_from: 0, base: 1, step: 0, step_sensitive: 0 };
    RuleSet { rounding, noise: 0, digits: Digits::All, ..usual() }
}
