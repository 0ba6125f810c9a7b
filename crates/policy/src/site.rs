//! A site's own policy: it narrows what the network allows, and never widens it (B6, G4).

use std::collections::BTreeSet;

use coda_model::{DatasetId, UserId, threshold::Threshold};
use serde::Deserialize;

/// What a site allows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SitePolicy {
    /// Fewest people and rows behind what is released.
    pub threshold: Threshold,
    /// Whether queries are answered at all.
    pub queries: Queries,
    /// Users this site does not answer.
    pub refused_users: BTreeSet<UserId>,
    /// Data sets this site does not answer about.
    pub refused_datasets: BTreeSet<DatasetId>,
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

/// A policy file that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML, or an unknown key.
    #[error("line {0}: {1}")]
    Syntax(usize, String),
    /// Under the network's floor.
    #[error("{0} is under the network's floor of 5; a site may raise it, never lower it")]
    Floor(&'static str),
    /// A name is not lawful.
    #[error("{0}: the name is not lawful")]
    Name(&'static str, #[source] coda_model::NameError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default = "floor")]
    k: u64,
    #[serde(default)]
    queries: Queries,
    #[serde(default)]
    refused_users: Vec<String>,
    #[serde(default)]
    refused_datasets: Vec<String>,
}

impl SitePolicy {
    /// Reads `policy.toml`. A key that is absent has the network's value.
    ///
    /// # Errors
    /// [`PolicyError`]: unknown keys and values under the floor are refused.
    pub fn parse(toml: &str) -> Result<Self, PolicyError> {
        let file: File = toml::from_str(toml).map_err(|error| {
            let before = toml.get(..error.span().map_or(0, |span| span.start)).unwrap_or_default();
            PolicyError::Syntax(before.matches('\n').count() + 1, error.message().replace('\n', " "))
        })?;
        let File { k, queries, refused_users, refused_datasets } = file;
        let threshold = Threshold::new(k).map_err(|_| PolicyError::Floor("k"))?;
        let users = refused_users.iter().map(|user| UserId::new(user));
        let datasets = refused_datasets.iter().map(|dataset| DatasetId::new(dataset));
        Ok(Self {
            threshold,
            queries,
            refused_users: users.collect::<Result<_, _>>().map_err(|e| PolicyError::Name("refused_users", e))?,
            refused_datasets: datasets
                .collect::<Result<_, _>>()
                .map_err(|e| PolicyError::Name("refused_datasets", e))?,
        })
    }
}

fn floor() -> u64 {
    coda_model::threshold::FLOOR
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_may_raise_the_threshold_and_never_lower_it() {
        assert_eq!(SitePolicy::parse("k = 11").unwrap().threshold.least(), 11);
        assert_eq!(SitePolicy::parse("").unwrap(), SitePolicy::default());
        assert_eq!(SitePolicy::parse("k = 4"), Err(PolicyError::Floor("k")));
        assert!(matches!(SitePolicy::parse("k = 5\nthreshold = 3"), Err(PolicyError::Syntax(2, _))));
        assert_eq!(SitePolicy::parse("queries = \"refused\"").unwrap().queries, Queries::Refused);
    }
}
