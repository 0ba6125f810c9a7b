//! Where the data breaks which rule.

mod notes;
mod text;

use coda_model::ids::{BuildId, People, Rows, TableId};

use crate::Rule;

pub(crate) use notes::{Notes, Spot};

/// What was read, what was taken, and what breaks a rule. It has no value of the data, but counts and line numbers of
/// rows: it is for the site alone. `Display` is the text for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The build that was published; none when the data was refused.
    pub build: Option<BuildId>,
    /// How many people the people table has.
    pub people: People,
    /// How many people of the people table are left out with their rows.
    pub left_out: u64,
    /// How many of the people of the build before these are; none where there was none, or nothing was published.
    pub known: Option<Known>,
    /// The tables, in the order of the dictionary.
    pub tables: Vec<TableReport>,
    /// The first findings of every rule, at most 20 each.
    pub findings: Vec<Finding>,
    /// All findings, counted by file, column and rule.
    pub totals: Vec<Total>,
}

/// How many people of the build before are in the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// People of the build before.
    pub of: u64,
    /// Those of them who are in the new one.
    pub again: u64,
}

/// What happened to one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableReport {
    /// The table.
    pub table: TableId,
    /// The name of its file.
    pub file: String,
    /// Rows in the file.
    pub read: Rows,
    /// Rows that break no rule.
    pub taken: Rows,
    /// Columns of the file that the dictionary does not have. Empty while a declared column is missing: then the first
    /// line may be no header but a person's values.
    pub not_taken: Vec<String>,
    /// What was recognised of how the file is written, such as its encoding.
    pub recognised: Vec<String>,
}

/// One place where the data breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The name of the file.
    pub file: String,
    /// The line of a CSV file, from 1; the row of a Parquet file, from 1.
    pub line: Option<u64>,
    /// The declared column.
    pub column: Option<String>,
    /// The rule.
    pub rule: Rule,
    /// What the dictionary declares, such as `0 to 600 mg/L`.
    pub declared: Option<String>,
}

/// How often a file breaks a rule in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// The name of the file.
    pub file: String,
    /// The declared column.
    pub column: Option<String>,
    /// The rule.
    pub rule: Rule,
    /// What the dictionary declares.
    pub declared: Option<String>,
    /// How often.
    pub count: u64,
}

impl Report {
    /// How often any rule is broken.
    pub fn count(&self) -> u64 {
        self.totals.iter().map(|total| total.count).sum()
    }
}

impl TableReport {
    /// Rows that were not taken.
    pub fn left_out(&self) -> Rows {
        Rows(self.read.0 - self.taken.0)
    }
}
