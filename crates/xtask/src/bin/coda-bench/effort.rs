//! How much a run of the benchmark measures.

use crate::data::VARIABLES;

/// How much is measured.
pub(crate) struct Effort {
    /// People at each site, of the big query.
    pub(crate) people: usize,
    /// Warm runs of the big query.
    pub(crate) runs: usize,
    /// Variables in the big query.
    pub(crate) variables: usize,
    /// People at each site, of the small query.
    pub(crate) few: usize,
    /// Runs of the small query and of the echo that are not measured.
    pub(crate) warming: usize,
    /// Runs of the small query and of the echo that are.
    pub(crate) calls: usize,
}

impl Effort {
    /// What `cargo xtask bench` measures when it is told nothing else.
    pub(crate) const FULL: Self =
        Self { people: 1_000_000, runs: 15, variables: VARIABLES.len(), few: 1000, warming: 50, calls: 400 };
    /// Each part once, on little data.
    pub(crate) const QUICK: Self = Self { people: 1000, runs: 1, variables: 1, few: 1000, warming: 1, calls: 1 };
}
