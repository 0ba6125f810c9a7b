//! The proof that one record is in a log (C2SP tlog-proof).

use std::fmt;
use std::str::FromStr;

use tlog_tiles::{Hash, check_record, prove_record, record_hash};

use crate::checkpoint::SignedCheckpoint;
use crate::error::AuditError;
use crate::line;
use crate::policy::{Policy, PolicyRefusal, Trusted};
use crate::snapshot::Snapshot;
use crate::text::{lines_of_hashes, number};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
/// Hashes of an inclusion proof at most.
const HASHES: usize = 63;
/// Bytes of a proof at most.
const LONGEST: usize = 24 * 1024;

/// Shows, with the record itself, that it is in the log of a checkpoint, to whoever has the log's and the witnesses' public
/// keys. Its text is kept in a file `.tlog-proof`.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordProof {
    index: u64,
    path: Vec<Hash>,
    checkpoint: SignedCheckpoint,
}

/// Why a proof shows nothing.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// Not the text of a proof.
    #[error("not a proof of a record: the first line should be {FIRST_LINE}")]
    Form,
    /// The checkpoint is not to be believed.
    #[error("the proof's checkpoint is not to be believed")]
    Policy(#[from] PolicyRefusal),
    /// The line has another number than the proof's.
    #[error("the proof is of record {0}, and the line has another number")]
    OtherRecord(u64),
    /// The line is not in the log.
    #[error("record {0} of the log is another one")]
    NotIncluded(u64),
}

impl RecordProof {
    /// The proof of the record with this number, counted from 1, under `checkpoint`.
    ///
    /// # Errors
    /// [`AuditError::Absent`] when the checkpoint has fewer records; [`AuditError::OtherTree`] when `log` has not its tree;
    /// [`AuditError::Hashes`].
    pub fn new(log: &Snapshot, sequence: u64, checkpoint: &SignedCheckpoint) -> Result<Self, AuditError> {
        let head = checkpoint.claimed();
        if log.head_at(head.size)? != head {
            return Err(AuditError::OtherTree { path: log.path().to_owned(), size: head.size });
        }
        let index = sequence.checked_sub(1).filter(|index| *index < head.size).ok_or(AuditError::Absent(sequence))?;
        let path = prove_record(head.size, index, log.hashes()).map_err(|source| log.unproved(source))?;
        let leaf = record_hash(&log.line(sequence)?);
        check_record(&path, head.size, head.root.hash(), index, leaf).map_err(|source| log.unproved(source))?;
        Ok(Self { index, path, checkpoint: checkpoint.clone() })
    }

    /// The record's number, counted from 1.
    pub fn sequence(&self) -> u64 {
        self.index.saturating_add(1)
    }

    /// Checks that `line`, without its line feed, is the record that the proof is of, in a log that `policy` believes.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn verify(&self, line: &[u8], policy: &Policy) -> Result<Trusted, ProofError> {
        let trusted = policy.trust(&self.checkpoint)?;
        if line::sequence(line) != Some(self.sequence()) {
            return Err(ProofError::OtherRecord(self.sequence()));
        }
        let root = trusted.head.root.hash();
        match check_record(&self.path, trusted.head.size, root, self.index, record_hash(line)) {
            Ok(()) => Ok(trusted),
            Err(_) => Err(ProofError::NotIncluded(self.sequence())),
        }
    }
}

impl FromStr for RecordProof {
    type Err = ProofError;

    fn from_str(text: &str) -> Result<Self, ProofError> {
        if text.len() > LONGEST {
            return Err(ProofError::Form);
        }
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofError::Form)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(ProofError::Form);
        }
        // No signature covers it, and we have no use for it.
        lines.next_if(|line| line.starts_with("extra "));
        let index = lines.next().and_then(|line| number(line.strip_prefix("index ")?)).ok_or(ProofError::Form)?;
        let path = lines_of_hashes(lines, HASHES).ok_or(ProofError::Form)?;
        let checkpoint = checkpoint.parse().map_err(|_| ProofError::Form)?;
        Ok(Self { index, path, checkpoint })
    }
}

impl fmt::Display for RecordProof {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, path, checkpoint } = self;
        writeln!(out, "{FIRST_LINE}\nindex {index}")?;
        path.iter().try_for_each(|hash| writeln!(out, "{hash}"))?;
        write!(out, "\n{checkpoint}")
    }
}
