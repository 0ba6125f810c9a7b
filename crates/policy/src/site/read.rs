//! From the text of `policy.toml` to a policy.

mod value;

use coda_model::{DatasetId, UserId, query::QueryError, threshold::Threshold};
use toml::de::DeTable;

use super::{
    ExactRelease, PolicyError, Queries, SitePolicy,
    key::{self, Number},
};
use value::{Entry, line};

pub(super) fn policy(text: &str) -> Result<SitePolicy, PolicyError> {
    let table = DeTable::parse(text).map_err(|error| PolicyError::Syntax {
        line: line(text, error.span().map_or(0, |span| span.start)),
        problem: error.message().lines().map(str::trim).collect::<Vec<_>>().join(" "),
    })?;
    let mut policy = SitePolicy::default();
    for (name, value) in table.get_ref() {
        let line = line(text, name.span().start);
        let key = known(name.get_ref(), line)?;
        take(&mut policy, &Entry { text, key, value })?;
    }
    Ok(policy)
}

fn take(policy: &mut SitePolicy, entry: &Entry<'_>) -> Result<(), PolicyError> {
    let number = |number: &Number| entry.number(number);
    match entry.key {
        "k" => {
            policy.threshold = Threshold::new(number(&key::K)?).map_err(|_| key::K.under(entry.line(), 0))?;
        }
        "alone" => policy.alone = number(&key::ALONE)?,
        "exact" => {
            policy.exact = entry.word(&[("allowed", ExactRelease::Allowed), ("forbidden", ExactRelease::Forbidden)])?;
        }
        "cohorts_per_project" => policy.limits.cohorts_per_project = number(&key::COHORTS_PER_PROJECT)?,
        "asks_per_project" => policy.limits.asks_per_project = number(&key::ASKS_PER_PROJECT)?,
        "asks_per_day" => policy.limits.asks_per_day = number(&key::ASKS_PER_DAY)?,
        "reply_quantum_ms" => policy.reply_quantum_ms = number(&key::REPLY_QUANTUM_MS)?,
        "queries" => {
            policy.queries = entry.word(&[("answered", Queries::Answered), ("refused", Queries::Refused)])?;
        }
        "refused_users" => policy.refused_users = entry.names(UserId::new)?,
        "refused_datasets" => policy.refused_datasets = entry.names(DatasetId::new)?,
        _ => {}
    }
    Ok(())
}

/// The key of this name, or what to say about the name.
fn known(name: &str, line: usize) -> Result<&'static str, PolicyError> {
    if let Some(key) = key::ALL.iter().find(|key| **key == name) {
        return Ok(key);
    }
    if let Some((key, why)) = key::GONE.iter().find(|(key, _)| *key == name) {
        return Err(PolicyError::Gone { line, key, why });
    }
    let advice = match QueryError::unknown("", "key", name, key::ALL.iter().copied()) {
        QueryError::Unknown { right, .. } if right.starts_with("did you mean") => right,
        _ => format!("there are {}", key::ALL.join(", ")),
    };
    Err(PolicyError::Unknown { line, key: value::short(name), advice })
}
