//! What can go wrong between a client and a service.

use coda_model::{Identity, plain::plain};
use tonic::Code;

use crate::why::Why;

/// A call that did not come back with what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The address, the certificate or the time-outs do not make a connection.
    #[error("cannot prepare a connection to {0}")]
    Prepare(Identity, #[source] Box<dyn std::error::Error + Send + Sync>),
    /// Not reached, or the handshake was refused, or no answer in time.
    #[error("{peer} at {address}: {why}")]
    Unreachable {
        /// Who was called.
        peer: Identity,
        /// Where, `host:port`.
        address: Box<str>,
        /// What is wrong, and what to do.
        why: Why,
        /// What the transport said, for a log: its text shows internals and is no part of this one's.
        status: Box<tonic::Status>,
    },
    /// The service refused, and said why.
    #[error("{0} refuses: {1}")]
    Refused(Identity, String),
    /// The request is wrong, and the service said how.
    #[error("{1}")]
    Invalid(Identity, String),
    /// The site has too few people to answer alone (R13).
    #[error("{0} has too few people to answer alone")]
    TooSmall(Identity),
    /// The service has a fault of its own.
    #[error("{0} could not answer")]
    Fault(Identity, #[source] Box<tonic::Status>),
    /// The service answered something that is no answer.
    #[error("{0} answered what cannot be understood")]
    Odd(Identity, #[source] Box<dyn std::error::Error + Send + Sync>),
    /// What the hub handed over does not hold; nothing of it is shown.
    #[error("the answer cannot be trusted")]
    Evidence(#[source] Box<crate::EvidenceError>),
    /// The audit log is not the one that the sites cosigned.
    #[error("the coordinator's audit log cannot be trusted")]
    Log(#[source] Box<crate::AccessError>),
    /// This party's own key cannot sign.
    #[error("the query cannot be signed with this key")]
    Sign(#[source] coda_pki::KeyError),
}

impl ClientError {
    /// Why a call to a peer failed. The peer's words are taken only where the protocol says they are for the caller.
    pub(crate) fn of(peer: &Identity, address: &str, status: tonic::Status) -> Self {
        let peer = peer.clone();
        match status.code() {
            Code::InvalidArgument | Code::FailedPrecondition | Code::NotFound | Code::AlreadyExists => {
                Self::Invalid(peer, words(&status))
            }
            Code::PermissionDenied | Code::Unauthenticated | Code::ResourceExhausted => {
                Self::Refused(peer, words(&status))
            }
            Code::OutOfRange if matches!(peer, Identity::Compute(_)) => Self::TooSmall(peer),
            Code::Internal | Code::DataLoss | Code::Unimplemented => Self::Fault(peer, Box::new(status)),
            _ => Self::Unreachable { peer, address: address.into(), why: Why::of(&status), status: Box::new(status) },
        }
    }
}

/// Longest words taken of a peer, in characters. They end on somebody's terminal.
pub(crate) const LONGEST_WORDS: usize = 500;

fn words(status: &tonic::Status) -> String {
    plain(status.message(), LONGEST_WORDS)
}
