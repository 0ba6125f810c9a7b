//! A whole log, checked against what witnesses remember of it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tlog_tiles::{Hash, record_hash, stored_hash_count};

use crate::checkpoint::SignedCheckpoint;
use crate::error::AuditError;
use crate::follow::{Followed, Kept, follow};
use crate::hashes::{self, Hashes};
use crate::policy::{Policy, PolicyRefusal, Trusted};
use crate::snapshot;
use crate::tree::{Edge, TreeHead};
use crate::volumes::{Lines, Volumes};

/// How much of a log a checkpoint covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// What is believed, and on whose word. Its size is the number of records that are as they were.
    pub trusted: Trusted,
    /// Number of records after those. No checkpoint covers them yet.
    pub uncovered: u64,
}

/// Why a log is not what its checkpoint says.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The checkpoint is not to be believed.
    #[error("the checkpoint is not to be believed")]
    Policy(#[from] PolicyRefusal),
    /// The log cannot be read, or a line of it was changed or cut off.
    #[error(transparent)]
    Log(#[from] AuditError),
    /// The log has fewer records than its checkpoint.
    #[error("{} has {records} records, and its checkpoint has {covered}: lines were cut off; keep the file and find out who did it", path.display())]
    Cut {
        /// The log.
        path: PathBuf,
        /// Records it has.
        records: u64,
        /// Records the checkpoint has.
        covered: u64,
    },
    /// The records are others than those of the checkpoint, and the hashes beside the log do not say which.
    #[error("the first {covered} records of {} are not those of its checkpoint: the log was rewritten; keep the file and find out who did it", path.display())]
    Rewritten {
        /// The log.
        path: PathBuf,
        /// Records the checkpoint has.
        covered: u64,
    },
    /// The records are those of the checkpoint, but the hashes beside the log are not theirs.
    #[error("the records are those of the checkpoint, but {} is not what was written; keep it and find out who changed it, then remove it: it is made anew", .0.display())]
    Hashes(PathBuf),
}

/// Checks each record of the log at `path` against `checkpoint`, which `policy` must believe. Changes nothing.
///
/// Unlike [`verify`](crate::verify()) this finds a log that was written anew with all that is beside it, and with the log's
/// own key: the witnesses cosigned another one.
///
/// # Errors
/// [`VerifyError`], with the record where one can be named.
pub fn verify_cosigned(path: &Path, checkpoint: &SignedCheckpoint, policy: &Policy) -> Result<Coverage, VerifyError> {
    let trusted = policy.trust(checkpoint)?;
    let failed = |source| AuditError::File { path: path.to_owned(), source };
    let Lines { gone, reader } = Volumes::lines(path).map_err(failed)?;
    if trusted.head.size < gone {
        return Err(AuditError::Removed(trusted.head.size).into());
    }
    // The hashes beside the log may have been changed as well, so only those of removed records are used; with others the root would not
    // be the checkpoint's.
    let begun = before(path, gone)?;
    let mut covered = (trusted.head.size == gone).then(|| begun.head());
    let Followed { edge, torn, removed, .. } = follow(path, begun, reader, io::empty(), |edge, _| {
        if edge.size() == trusted.head.size {
            covered = Some(edge.head());
        }
    })?;
    if !snapshot::is_said(removed, gone) {
        return Err(AuditError::Cut(path.to_owned()).into());
    }
    let Some(covered) = covered else {
        return Err(VerifyError::Cut { path: path.to_owned(), records: edge.size(), covered: trusted.head.size });
    };
    if covered != trusted.head {
        return Err(first_changed(path, trusted.head)?
            .unwrap_or_else(|| VerifyError::Rewritten { path: path.to_owned(), covered: trusted.head.size }));
    }
    if torn > 0 {
        return Err(AuditError::Changed { path: path.to_owned(), line: edge.size().saturating_add(1) }.into());
    }
    match snapshot::verify(path) {
        Ok(records) => Ok(Coverage { uncovered: records.saturating_sub(trusted.head.size), trusted }),
        Err(AuditError::Changed { line, .. }) if line <= trusted.head.size => {
            Err(VerifyError::Hashes(hashes::beside(path)))
        }
        Err(error) => Err(error.into()),
    }
}

/// The tree of the records that are no longer kept.
fn before(path: &Path, gone: u64) -> Result<Edge, AuditError> {
    if gone == 0 {
        return Ok(Edge::default());
    }
    let file = File::open(hashes::beside(path)).map_err(|source| AuditError::File { path: path.to_owned(), source })?;
    let hashes = Hashes { file: Some(file), in_file: stored_hash_count(gone), rest: Vec::new() };
    Edge::at(gone, &hashes).map_err(|source| AuditError::Hashes { path: path.to_owned(), source })
}

/// The first record that differs from the hashes beside the log, provided that these have the tree `head`.
fn first_changed(path: &Path, head: TreeHead) -> Result<Option<VerifyError>, AuditError> {
    let failed = |source| AuditError::File { path: path.to_owned(), source };
    let mut kept = match File::open(hashes::beside(path)) {
        Ok(file) => Kept::new(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let (mut edge, mut leaves): (Edge, Vec<Hash>) = (Edge::default(), Vec::new());
    while edge.size() < head.size {
        let Some(leaf) = kept.next().map_err(failed)? else { return Ok(None) };
        // The nodes after the leaf follow from it.
        for _ in edge.push(leaf).iter().skip(1) {
            kept.next().map_err(failed)?;
        }
        leaves.push(leaf);
    }
    if edge.head() != head {
        return Ok(None);
    }
    let Lines { gone, reader } = Volumes::lines(path).map_err(failed)?;
    let (mut leaves, mut changed) = (leaves.into_iter().skip(gone as usize), None);
    follow(path, before(path, gone)?, reader, io::empty(), |edge, line| {
        if leaves.next().is_some_and(|leaf| leaf != record_hash(line)) {
            changed.get_or_insert(edge.size());
        }
    })?;
    Ok(changed.map(|line| AuditError::Changed { path: path.to_owned(), line }.into()))
}
