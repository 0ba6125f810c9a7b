//! The site's policy, read anew when its file changes.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use coda_policy::{PolicyError, SitePolicy};

/// Why the site's policy cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum PoliciesError {
    /// The file cannot be read.
    #[error("cannot read the policy {}", .0.display())]
    Read(PathBuf, #[source] std::io::Error),
    /// The file is not valid.
    #[error("the policy {} is not valid; nothing is answered until it is", .0.display())]
    Wrong(PathBuf, #[source] PolicyError),
}

/// The policy in force.
pub(crate) struct Policies {
    path: Option<PathBuf>,
    kept: Mutex<Option<(Stamp, Arc<Policy>)>>,
    /// What has not been put on record.
    changed: Mutex<Option<PolicyChange>>,
}

/// A change of the policy, in canonical form.
pub(crate) struct PolicyChange {
    pub(crate) old: Option<String>,
    pub(crate) new: String,
}

/// What tells one state of a file from another.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    changed: SystemTime,
    length: u64,
}

/// A policy.
pub(crate) struct Policy {
    pub(crate) site: SitePolicy,
}

impl Policies {
    /// The policy of a file, or the network's values.
    ///
    /// # Errors
    /// [`PoliciesError`] when the file is not valid now.
    pub(crate) fn open(path: Option<PathBuf>) -> Result<Self, PoliciesError> {
        let policies = Self { path, kept: Mutex::new(None), changed: Mutex::new(None) };
        policies.now()?;
        Ok(policies)
    }

    /// Gives a change that is not on record yet to `record`; it stays until `record` succeeds.
    pub(crate) fn record_change<E>(&self, record: impl FnOnce(&PolicyChange) -> Result<(), E>) -> Result<(), E> {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        changed.as_ref().map_or(Ok(()), record)?;
        *changed = None;
        Ok(())
    }

    /// The policy as its file says now. A file that is not valid refuses everything rather than going on with what it said
    /// before: whoever changed it may have meant to forbid something.
    ///
    /// # Errors
    /// [`PoliciesError`].
    pub(crate) fn now(&self) -> Result<Arc<Policy>, PoliciesError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = match &self.path {
            None => Stamp { changed: SystemTime::UNIX_EPOCH, length: 0 },
            Some(path) => stamp(path)?,
        };
        if let Some((_, policy)) = kept.as_ref().filter(|(known, _)| *known == stamp) {
            return Ok(policy.clone());
        }
        let site = match &self.path {
            None => SitePolicy::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| PoliciesError::Read(path.clone(), error))?;
                SitePolicy::parse(&text).map_err(|error| PoliciesError::Wrong(path.clone(), error))?
            }
        };
        let policy = Arc::new(Policy { site });
        if kept.is_some() {
            tracing::info!("the site's policy has changed and is in force");
        }
        let before = kept.as_ref().map(|(_, policy)| policy.site.canonical());
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        // Of two that were not put on record the first one's old text counts.
        let old = changed.take().map_or(before, |changed| changed.old);
        *changed = Some(PolicyChange { old, new: policy.site.canonical() });
        *kept = Some((stamp, policy.clone()));
        Ok(policy)
    }
}

fn stamp(path: &Path) -> Result<Stamp, PoliciesError> {
    let read = |error| PoliciesError::Read(path.to_owned(), error);
    let about = std::fs::metadata(path).map_err(read)?;
    Ok(Stamp { changed: about.modified().map_err(read)?, length: about.len() })
}
