//! Who calls.

use std::net::SocketAddr;

use coda_model::{Identity, UserId};
use coda_pki::{ChainError, Peer, PeerError, Roots};
use time::OffsetDateTime;
use tonic::Code;

use crate::{reply::Reply, unlikely::Unlikely};

/// A party whose certificate, or session, is valid at the time of the call.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who it is.
    pub identity: Identity,
    /// SHA-256 of its certificate in DER; none for a session.
    pub thumbprint: Option<[u8; 32]>,
    /// Where it connects from.
    pub address: Option<SocketAddr>,
    /// When it called.
    pub now: OffsetDateTime,
}

/// A caller who is a person.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who it is.
    pub user: UserId,
    /// SHA-256 of the certificate in DER, which access tokens are bound to; none for a session.
    pub thumbprint: Option<[u8; 32]>,
    /// Where the person connects from.
    pub address: Option<SocketAddr>,
    /// When the person called.
    pub now: OffsetDateTime,
}

/// Why a call has no caller.
#[derive(Debug, thiserror::Error)]
pub enum CallerError {
    /// The connection does not say who is at its other end.
    #[error("the caller has no identity")]
    Peer(#[from] PeerError),
    /// The certificate was valid when the connection was made, and is no longer.
    #[error("the caller's certificate is not valid now")]
    Certificate(#[from] ChainError),
}

impl Caller {
    /// The handshake verified the certificate once, and a connection may outlive it: so it is verified for each call.
    pub(crate) fn verify(peer: &Peer, roots: &Roots, now: OffsetDateTime) -> Result<Self, CallerError> {
        let identity = roots.verify(&peer.chain, now)?;
        Ok(Self { identity, thumbprint: Some(peer.thumbprint), address: peer.address, now })
    }

    /// The caller as a person.
    ///
    /// # Errors
    /// Who calls, when that is a service.
    pub fn person(self) -> Result<Person, Identity> {
        let Self { identity, thumbprint, address, now } = self;
        match identity {
            Identity::User(user) => Ok(Person { user, thumbprint, address, now }),
            other => Err(other),
        }
    }
}

impl CallerError {
    /// What the caller is told, by every service alike.
    pub fn reply(&self) -> Reply {
        match self {
            Self::Peer(_) => Reply::refused(Code::Unauthenticated, "peer", "the connection does not say who you are"),
            Self::Certificate(ChainError::RevocationUnknown) => Reply::failed(
                Code::Unavailable,
                "revocation unknown",
                "it cannot be found out now which certificates were revoked; try again later",
            ),
            Self::Certificate(ChainError::Revoked) => Reply::unlikely(
                Code::Unauthenticated,
                Unlikely::Certificate,
                "your certificate was revoked; ask your administrator",
            ),
            Self::Certificate(_) => {
                Reply::refused(Code::Unauthenticated, "certificate", "your certificate is no longer valid; renew it")
            }
        }
    }
}
