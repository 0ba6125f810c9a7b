//! The append-only log of what was asked and answered, and those who would notice if it were another one.
//!
//! One event is one line of JSON. The lines are the leaves of a Merkle tree (RFC 6962), so that 32 bytes, the root, say what
//! all of them are:
//!
//! ```text
//! audit.jsonl              the lines: the truth, on the disk before anything happens on the strength of them
//! audit.jsonl.from-000000000001   a closed volume: the lines of an earlier month
//! audit.jsonl.hashes       the tree: can be computed anew, and shows which line was changed or that lines were cut off
//!
//! coda/site/north/compute  a checkpoint (C2SP tlog-checkpoint): the log's origin,
//! 3                        how many records it has,
//! 7Yq4…=                   and its root;
//!
//! — coda/site/north/compute x7…=     the log's signature,
//! — coda/site/south/compute/witness k2…=     and the cosignature of a witness (C2SP tlog-cosignature)
//! ```
//!
//! Whoever may write both files can make them fit each other again; whoever has the log's key can sign them. What they cannot
//! do is make a witness forget: a [`Witness`] at another site cosigns a checkpoint only when a proof shows that it continues
//! the last one. So the steps are [`AuditLog::checkpoint`], [`Submission::new`], [`Witness::add`],
//! [`SignedCheckpoint::add`], and later, by anybody, [`verify_cosigned()`] for a whole log or [`RecordProof`] for one record.
//!
//! No event has a field for a number of people, for a constant of a cohort or for anything else that comes out of a
//! patient's record, so none can get into the log by mistake.

pub mod certified;
pub mod checkpoint;
pub mod coverage;
mod disk;
pub mod error;
pub mod event;
mod follow;
mod group;
mod hashes;
pub mod key;
mod line;
pub mod log;
pub mod name;
pub mod policy;
pub mod proof;
pub mod snapshot;
pub mod submission;
mod text;
pub mod tiles;
pub mod tree;
pub mod vkey;
pub mod volumes;
pub mod witness;

pub use certified::{Certified, CertifiedError};
pub use checkpoint::{CheckpointError, Cosignature, SignedCheckpoint};
pub use coverage::{Coverage, VerifyError, verify_cosigned};
pub use error::AuditError;
pub use event::{Event, Outcome};
pub use follow::{LONGEST, Removal};
pub use key::{KeyError, LogKey, Seed, WitnessKey};
pub use line::time_of;
pub use log::{AuditLog, SigningError, Years, YearsError};
pub use name::{Name, NameError};
pub use policy::{Policy, PolicyError, PolicyRefusal, Trusted};
pub use proof::{ProofError, RecordProof};
pub use snapshot::{Snapshot, verify};
pub use submission::{Submission, SubmissionError};
pub use tree::{Root, TreeHead};
pub use vkey::{LogVerifier, VkeyError, WitnessVerifier};
pub use witness::{Witness, WitnessRefusal};
