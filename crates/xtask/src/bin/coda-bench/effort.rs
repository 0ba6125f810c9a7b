//! How much a run of the benchmark measures.

use crate::data::VARIABLES;

/// How much is measured.
pub(crate) struct Effort {
    /// People at each site, of the big query.
    pub(crate) people: usize,
    /// Warm runs of the big query, and runs of it with new cohorts.
    pub(crate) runs: usize,
    /// Variables in the big query.
    pub(crate) variables: usize,
    /// Counts of new cohorts of as many people, whose CPU is measured together.
    pub(crate) counts: usize,
    /// People at each site, of the query of many cells.
    pub(crate) some: usize,
    /// Runs of the query of many cells.
    pub(crate) tables: usize,
    /// People at each site, of the small query.
    pub(crate) few: usize,
    /// Runs of the small query and of the echo that are not measured.
    pub(crate) warming: usize,
    /// Runs of the small query and of the echo that are.
    pub(crate) calls: usize,
    /// Earlier asks in the ledgers of the networks of the small query, in asks of [`ASKS`]; the first has none.
    pub(crate) earlier: [usize; 3],
    /// Log-ins by password and code.
    pub(crate) log_ins: usize,
}

/// Asks of an earlier question.
pub(crate) const ASKS: usize = 25;

impl Effort {
    /// What `cargo xtask bench` measures when it is told nothing else.
    pub(crate) const FULL: Self = Self {
        people: 1_000_000,
        runs: 15,
        variables: VARIABLES.len(),
        counts: 30,
        some: 50_000,
        tables: 40,
        few: 1000,
        warming: 30,
        calls: 300,
        earlier: [0, 3000, 10_000],
        log_ins: 100,
    };
    /// Each part once, on little data.
    pub(crate) const QUICK: Self = Self {
        people: 1000,
        runs: 1,
        variables: 1,
        counts: 1,
        some: 1000,
        tables: 1,
        few: 1000,
        warming: 1,
        calls: 1,
        earlier: [0, ASKS, 2 * ASKS],
        log_ins: 1,
    };
}
