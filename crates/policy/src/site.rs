//! A site's own policy: on what leaves the site it narrows what the network allows, and never widens it (B6, G4).
//!
//! The keys of `policy.toml` are those of disclosure.md 0.2, and fields have the names of their keys. How much may be asked,
//! and when an answer leaves, has a default and bounds but no floor: the site's privacy auditor decides.

mod error;
mod key;
mod read;
mod rule;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use coda_model::{DatasetId, UserId, threshold::Threshold};
use serde::Deserialize;

pub use error::PolicyError;

/// What a site allows. Values read by [`SitePolicy::parse`] keep to the floors; the default is the network's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitePolicy {
    /// Fewest people (`k`) and rows (`k_rows`) behind what is released.
    pub threshold: Threshold,
    /// When one or few people make up a sum.
    pub dominance: Dominance,
    /// How many people certain statistics need beyond the threshold.
    pub samples: Samples,
    /// Whether the smallest and the largest value leave the site (`minmax`).
    pub minmax: MinMax,
    /// What is done about an answer that gives something away together with earlier ones.
    pub history: History,
    /// How much may be asked.
    pub budgets: Budgets,
    /// Answers leave at whole multiples of so many milliseconds after the request came; at once when 0.
    pub reply_quantum_ms: u64,
    /// Whether queries are answered at all.
    pub queries: Queries,
    /// Users this site does not answer.
    pub refused_users: BTreeSet<UserId>,
    /// Data sets this site does not answer about.
    pub refused_datasets: BTreeSet<DatasetId>,
}

/// A whole number of hundredths, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(pub u64);

/// When one or few people make up a sum, so that it would tell their values (disclosure.md 1.2). Contributions are per person,
/// above the variable's lowest possible value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dominance {
    /// A sum leaves only if the people apart from the two largest contribute at least this share of the largest.
    pub p_percent: Percent,
    /// A sum leaves only if so many of the largest contribute at most this share of it; all pairs must hold.
    pub nk: BTreeMap<u64, Percent>,
}

/// How many people certain statistics need beyond the threshold (disclosure.md 1.3, 1.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Samples {
    /// Fewest people behind a standard deviation, a confidence interval, a standardised difference, a t test.
    pub n_sd: u64,
    /// Fewest people behind a skewness or kurtosis.
    pub n_shape: u64,
    /// Fewest people on the smaller side of a quantile: of `n` people the quantile `p` leaves only if
    /// `floor(n * min(p, 1 - p))` is at least this. Never under `k`.
    pub q_tail: u64,
}

/// Whether the smallest and the largest value leave the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MinMax {
    /// They never do; the dictionary's range is public.
    #[default]
    Never,
}

/// What is done about an answer that gives something away together with earlier ones (disclosure.md 2.3, 2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct History {
    /// What a nearly identical group is answered.
    pub mode: HistoryMode,
    /// Whether all answers so far are solved together.
    pub linear_audit: LinearAudit,
}

/// What a group gets that differs by fewer than `k` people, or by none, from one that was answered before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HistoryMode {
    /// The earlier answer.
    #[default]
    Snap,
    /// Nothing, also when the two groups are the same people.
    RefuseSymmetric,
}

/// Whether all answers so far are solved together, to see that a new one would not fix a small group's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LinearAudit {
    /// They are; this cannot be switched off.
    #[default]
    On,
}

/// How much may be asked (disclosure.md 2.5).
///
/// The defaults of the ranks are a third and a tenth of the people; to raise them is a decision of the site's privacy auditor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budgets {
    /// Most independent linear statistics released to everybody together, as a share of the people of a lineage of builds.
    pub rank_budget: Percent,
    /// The same for one user; never over `rank_budget`.
    pub rank_budget_user: Percent,
    /// Most requests of one user in a day.
    pub requests_per_day: u64,
    /// Most different groups of people one user may ask about in a day.
    pub cohorts_per_day: u64,
}

/// Whether a site answers queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
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
    /// What says the same is read as the same: `k_rows`, `n_sd` and `n_shape` under `k` mean `k`, because nothing leaves with
    /// fewer people; without `q_tail` it is `k`; without `rank_budget_user` it is no more than `rank_budget`.
    ///
    /// # Errors
    /// [`PolicyError`], the first: unknown keys and values that undercut the network are refused.
    pub fn parse(toml: &str) -> Result<Self, PolicyError> {
        read::policy(toml)
    }

    /// All values in effect, a line a key in a fixed order: the same for policies that mean the same, whatever their files
    /// look like. This is what a policy's hash is taken of.
    pub fn canonical(&self) -> String {
        words::canonical(self)
    }

    /// That the policy can be taken, and what it means, a sentence a line.
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
            dominance: Dominance::default(),
            samples: Samples::default(),
            minmax: MinMax::default(),
            history: History::default(),
            budgets: Budgets::default(),
            reply_quantum_ms: key::REPLY_QUANTUM_MS.usual,
            queries: Queries::default(),
            refused_users: BTreeSet::new(),
            refused_datasets: BTreeSet::new(),
        }
    }
}

impl Percent {
    /// This share of a number, rounded down.
    pub fn of(self, whole: u64) -> u64 {
        u64::try_from(u128::from(whole) * u128::from(self.0) / 100).unwrap_or(u64::MAX)
    }
}

impl Default for Dominance {
    fn default() -> Self {
        Self { p_percent: Percent(key::P_PERCENT.usual), nk: BTreeMap::from([key::NK]) }
    }
}

impl Default for Samples {
    fn default() -> Self {
        Self { n_sd: key::N_SD.usual, n_shape: key::N_SHAPE.usual, q_tail: key::Q_TAIL.usual }
    }
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            rank_budget: Percent(key::RANK_BUDGET.usual),
            rank_budget_user: Percent(key::RANK_BUDGET_USER.usual),
            requests_per_day: key::REQUESTS_PER_DAY.usual,
            cohorts_per_day: key::COHORTS_PER_DAY.usual,
        }
    }
}

#[cfg(test)]
mod tests;
