//! Why a log has no checkpoint, or a witness no cosignature.

use std::path::PathBuf;

use coda_audit::{AuditError, CertifiedError, CheckpointError, KeyError, NameError, SigningError, WitnessRefusal};
use coda_model::Identity;
use tonic::Code;

use crate::{caller::CallerError, failure::Failure, reply::Reply, unlikely::Unlikely};

/// Why something with a log was not done.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Nobody known calls.
    #[error("the caller is not known")]
    Unknown(#[from] CallerError),
    /// Somebody else than the coordinator calls.
    #[error("{0} is not the coordinator")]
    Caller(Identity),
    /// The log.
    #[error("the audit log cannot be used")]
    Audit(#[from] AuditError),
    /// A key of the log.
    #[error("a key of the audit log cannot be used")]
    Key(#[from] KeyError),
    /// The name of the log.
    #[error("the log has no name")]
    Name(#[from] NameError),
    /// The checkpoint was not signed.
    #[error("there is no checkpoint")]
    Signing(#[from] SigningError),
    /// The keys were not signed.
    #[error("the keys of the log cannot be certified")]
    Certifying(#[source] coda_pki::KeyError),
    /// A checkpoint, submission or cosignature.
    #[error("what came is no checkpoint of this log")]
    Checkpoint(#[from] CheckpointError),
    /// Nobody else has cosigned, or a signature is false.
    #[error("the checkpoint is not to be believed")]
    Policy(#[from] coda_audit::PolicyRefusal),
    /// A submission.
    #[error("what came is no submission")]
    Submission(#[from] coda_audit::SubmissionError),
    /// Keys of another party.
    #[error("the keys of another log are refused")]
    Certified(#[from] CertifiedError),
    /// A part of the message is missing.
    #[error("the request lacks its keys")]
    Incomplete,
    /// The witness refuses: the log was rewritten, cut or forked, or is another's.
    #[error("the log of {log} is not cosigned")]
    Witness {
        /// Whose log.
        log: Identity,
        /// Why.
        source: WitnessRefusal,
    },
    /// A party is no witness of its own log.
    #[error("a party is no witness of its own log")]
    Own,
    /// The checkpoint is of fewer records than the one that is kept.
    #[error("the checkpoint is older than the one that is kept")]
    Older,
    /// A file beside the log.
    #[error("cannot use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The program is stopping.
    #[error("the work was interrupted")]
    Interrupted,
}

impl Failure for LogError {
    fn by(&self) -> Option<Identity> {
        match self {
            // The coordinator only carries it.
            Self::Witness { log, .. } => Some(log.clone()),
            _ => None,
        }
    }

    fn reply(&self) -> Reply {
        match self {
            Self::Unknown(error) => error.reply(),
            Self::Caller(_) => {
                Reply::unlikely(Code::PermissionDenied, Unlikely::Peer, "only the coordinator is answered here")
            }
            Self::Checkpoint(_)
            | Self::Policy(_)
            | Self::Submission(_)
            | Self::Certified(_)
            | Self::Incomplete
            | Self::Own
            | Self::Older => {
                Reply::refused(Code::InvalidArgument, "checkpoint", "what came is no checkpoint with its keys")
            }
            Self::Witness { .. } => Reply::unlikely(
                Code::FailedPrecondition,
                Unlikely::Witness,
                "the log does not continue what was seen of it",
            ),
            _ => Reply::failed(Code::Internal, "audit", "the audit log cannot be used now"),
        }
    }
}
