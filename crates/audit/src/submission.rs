//! What a log hands to a witness (C2SP tlog-witness, `add-checkpoint`).

use std::fmt;
use std::str::FromStr;

use tlog_tiles::{Hash, check_tree, prove_tree};

use crate::checkpoint::SignedCheckpoint;
use crate::error::AuditError;
use crate::snapshot::Snapshot;
use crate::text::{lines_of_hashes, number};

/// Hashes of a consistency proof at most.
pub(crate) const HASHES: usize = 63;
/// Bytes of a submission at most.
const LONGEST: usize = 24 * 1024;

/// A checkpoint with the proof that its tree continues an earlier one.
///
/// Its text is the body of an `add-checkpoint` request.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    pub(crate) old_size: u64,
    pub(crate) proof: Vec<Hash>,
    pub(crate) checkpoint: SignedCheckpoint,
}

/// The text is not a submission.
#[derive(Debug, thiserror::Error)]
#[error("not a checkpoint with a consistency proof")]
pub struct SubmissionError;

impl Submission {
    /// Hands in `checkpoint` to a witness that saw `old_size` records last: 0 when nothing is known of it, else what it
    /// cosigned last or said in [`WitnessRefusal::OtherSize`](crate::WitnessRefusal::OtherSize).
    ///
    /// # Errors
    /// [`AuditError::OtherTree`] when `log` has not the tree of the checkpoint, or fewer records than the witness saw: then
    /// the log was cut or replaced. [`AuditError::Hashes`].
    pub fn new(log: &Snapshot, old_size: u64, checkpoint: &SignedCheckpoint) -> Result<Self, AuditError> {
        let claimed = checkpoint.claimed();
        let other = |size| AuditError::OtherTree { path: log.path().to_owned(), size };
        if log.head_at(claimed.size)? != claimed {
            return Err(other(claimed.size));
        }
        if old_size > claimed.size {
            return Err(other(old_size));
        }
        let proof = if old_size == 0 {
            vec![]
        } else {
            let unproved = |source| log.unproved(source);
            let proof = prove_tree(claimed.size, old_size, log.hashes()).map_err(unproved)?;
            let old = log.head_at(old_size)?.root.hash();
            check_tree(&proof, claimed.size, claimed.root.hash(), old_size, old).map_err(unproved)?;
            proof
        };
        Ok(Self { old_size, proof, checkpoint: checkpoint.clone() })
    }

    /// The checkpoint that is handed in.
    pub fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }
}

impl FromStr for Submission {
    type Err = SubmissionError;

    fn from_str(text: &str) -> Result<Self, SubmissionError> {
        if text.len() > LONGEST {
            return Err(SubmissionError);
        }
        let (head, checkpoint) = text.split_once("\n\n").ok_or(SubmissionError)?;
        let mut lines = head.split('\n');
        let old_size = lines.next().and_then(|line| number(line.strip_prefix("old ")?)).ok_or(SubmissionError)?;
        let proof = lines_of_hashes(lines, HASHES).ok_or(SubmissionError)?;
        let checkpoint = checkpoint.parse().map_err(|_| SubmissionError)?;
        Ok(Self { old_size, proof, checkpoint })
    }
}

impl fmt::Display for Submission {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { old_size, proof, checkpoint } = self;
        writeln!(out, "old {old_size}")?;
        proof.iter().try_for_each(|hash| writeln!(out, "{hash}"))?;
        write!(out, "\n{checkpoint}")
    }
}
