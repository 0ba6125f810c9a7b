//! R3: the key of what a query set is said to be.

use std::fmt;

use coda_model::{calendar::Bucket, plan::Statement, rounding::Sensitivity};
use time::Date;

use crate::SiteSecret;

/// The key of a statement: of the canonical predicate of a query set, in a lineage and a calendar quarter of its build.
///
/// `Debug` is silent: with the secret it would tell what was asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct StatementKey {
    pub(crate) key: [u8; 32],
    pub(crate) sensitivity: Sensitivity,
}

/// The statement keys of a query.
#[derive(Debug, Clone)]
pub struct Statements {
    /// Of the cohort.
    pub cohort: StatementKey,
    /// Of each cell of it.
    pub cells: Vec<StatementKey>,
    /// Of the parts of each ask.
    pub asks: Vec<AskStatements>,
}

/// The statement keys of the parts of an ask.
#[derive(Debug, Clone)]
pub struct AskStatements {
    /// Of each slot, cell by cell; empty where the only slot is everybody of the cell who has a value, whose
    /// statement is the cell's, and of a distribution, which has one statement.
    pub slots: Vec<StatementKey>,
    /// Of those who miss a value, cell by cell.
    pub missing: Vec<StatementKey>,
    /// Canonical text of the value that is summed.
    pub source: String,
}

impl StatementKey {
    /// The key of a statement about a lineage's people, asked of a build made on that day.
    pub fn of(secret: &SiteSecret, lineage: &[u8; 16], made: Date, statement: &Statement) -> Self {
        let quarter = Bucket::Quarter.label(Bucket::Quarter.start(made));
        let fields: [&[u8]; 3] = [lineage, quarter.as_bytes(), statement.text.as_bytes()];
        Self { key: secret.digest("statement", &fields), sensitivity: statement.sensitivity }
    }

    /// The key as the watch and the ledger keep it.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.key
    }
}

impl fmt::Debug for StatementKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StatementKey(…)")
    }
}
