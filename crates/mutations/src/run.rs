//! Runs a check on many mutations, always the same ones.

use std::cell::Cell;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use crate::change::{changed, changes};

/// Mutations of one message (issue 10: "10,000 mutated …").
pub const CASES: u32 = 10_000;

/// Hands `check` as many mutations of `valid` as [`CASES`] says, some of which have parts of `other`. It says whether a mutation
/// was accepted, and fails when one means something else. The number of those that were accepted comes back.
///
/// # Panics
/// When a check fails, with the smallest changes that make it fail.
pub fn run(valid: &[u8], other: &[u8], check: impl Fn(&[u8]) -> Result<bool, TestCaseError>) -> u32 {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let accepted = Cell::new(0);
    let outcome = runner.run(&changes(), |changes| {
        accepted.set(accepted.get() + u32::from(check(&changed(valid, other, &changes))?));
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    accepted.get()
}
