//! A site's own policy: it narrows what the network allows, and never widens it (docs/compliance.md, B6 and G4).
//!
//! Fields have the names of the keys of `policy.toml`. How much may be asked, and when an answer leaves, has a default and
//! bounds but no minimum: the site's privacy auditor decides.

mod error;
mod key;
mod read;
mod rule;
mod words;

use std::collections::BTreeSet;

use coda_model::{DatasetId, UserId, threshold::Threshold};

pub use error::PolicyError;

/// What a site allows. Values read by [`SitePolicy::parse`] keep to the network's minimums; the default is the network's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitePolicy {
    /// Minimum frequency: fewest people behind what is told (`k`).
    pub threshold: Threshold,
    /// A data set of fewer people than this is not answered alone (R13).
    pub alone: u64,
    /// Whether data sets that the dictionary declares public or synthetic are released exactly (R14).
    pub exact: ExactRelease,
    /// How much may be asked (R15).
    pub limits: Limits,
    /// Answers leave at whole multiples of so many milliseconds after the request came; at once when 0.
    pub reply_quantum_ms: u64,
    /// Whether queries are answered at all.
    pub queries: Queries,
    /// Users this site does not answer.
    pub refused_users: BTreeSet<UserId>,
    /// Data sets this site does not answer about.
    pub refused_datasets: BTreeSet<DatasetId>,
}

/// How much may be asked (docs/disclosure.md, R15). An ask is one statistic of one cohort; a repeated ask is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most distinct cohorts of a project, until the privacy auditor renews.
    pub cohorts_per_project: u64,
    /// Most asks of a project, until the privacy auditor renews.
    pub asks_per_project: u64,
    /// Most new asks of a person in a day.
    pub asks_per_day: u64,
}

/// What a site does with data sets that the dictionary declares public or synthetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExactRelease {
    /// It releases them exactly.
    #[default]
    Allowed,
    /// It perturbs them like any other.
    Forbidden,
}

/// Whether a site answers queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Queries {
    /// It does.
    #[default]
    Answered,
    /// It refuses all, such as during an incident.
    Refused,
}

impl SitePolicy {
    /// Reads `policy.toml`. A key that is absent has the network's value.
    ///
    /// # Errors
    /// [`PolicyError`], the first: unknown keys and values that undercut the network are refused.
    pub fn parse(toml: &str) -> Result<Self, PolicyError> {
        read::policy(toml)
    }

    /// All values in effect, a line a key in a fixed order: the same for policies that mean the same, whatever their files
    /// look like. This is what a policy's digest is taken of.
    pub fn canonical(&self) -> String {
        words::canonical(self)
    }

    /// That the policy is valid, and what it means, a sentence a line.
    pub fn check(&self) -> String {
        words::check(self)
    }

    /// All values in effect as a commented `policy.toml`, which [`SitePolicy::parse`] reads back as this policy.
    pub fn show(&self) -> String {
        words::show(self)
    }

    /// For a privacy auditor: what each rule protects against, with an example, and how it could be tightened.
    pub fn explain(&self) -> String {
        words::explain(self)
    }
}

impl Default for SitePolicy {
    fn default() -> Self {
        Self {
            threshold: Threshold::default(),
            alone: key::ALONE.usual,
            exact: ExactRelease::default(),
            limits: Limits::default(),
            reply_quantum_ms: key::REPLY_QUANTUM_MS.usual,
            queries: Queries::default(),
            refused_users: BTreeSet::new(),
            refused_datasets: BTreeSet::new(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            cohorts_per_project: key::COHORTS_PER_PROJECT.usual,
            asks_per_project: key::ASKS_PER_PROJECT.usual,
            asks_per_day: key::ASKS_PER_DAY.usual,
        }
    }
}

#[cfg(test)]
mod tests;
