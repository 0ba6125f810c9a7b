//! Why a query does not go out, and what the caller is told.

use coda_model::query::QueryError;
use tonic::{Code, Status};

/// Why a query does not go out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CoordinatorError {
    #[error("the peer is no person")]
    Peer,
    #[error("the peer's certificate is not valid now")]
    Certificate(#[source] coda_pki::ChainError),
    #[error("the request lacks its envelope or its token")]
    Incomplete,
    #[error("the envelope is not signed by the caller")]
    EnvelopeSignature(#[source] Option<coda_pki::SignatureError>),
    #[error("the envelope does not read")]
    Envelope(#[from] coda_wire::envelope::EnvelopeError),
    #[error("the token is not signed by the auth server of this network")]
    TokenSignature(#[source] Option<coda_pki::SignatureError>),
    #[error("the token does not read")]
    Token(#[from] coda_wire::token::TokenError),
    #[error("the token is not the caller's, or has expired")]
    TokenOwner,
    #[error("the query does not fit the dictionary or the network")]
    Query(#[from] QueryError),
    #[error("the audit log cannot be written")]
    Audit(#[from] coda_audit::AuditError),
}

impl CoordinatorError {
    /// The status for the caller: a constant, or words that depend on the request and the dictionary alone.
    pub(crate) fn status(&self) -> Status {
        match self {
            Self::Peer => Status::new(Code::PermissionDenied, "only people are answered here"),
            Self::Certificate(_) => Status::new(Code::Unauthenticated, "your certificate is no longer valid; renew it"),
            Self::Incomplete | Self::Envelope(_) | Self::Token(_) => {
                Status::new(Code::InvalidArgument, "the request is not a signed query with a token")
            }
            Self::EnvelopeSignature(_) => Status::new(Code::Unauthenticated, "the query is not signed by you"),
            Self::TokenSignature(_) | Self::TokenOwner => {
                Status::new(Code::Unauthenticated, "the access token is not yours or has expired; ask for a new one")
            }
            Self::Query(error) => Status::new(Code::InvalidArgument, error.to_string()),
            Self::Audit(_) => Status::new(Code::Internal, "the coordinator cannot answer now"),
        }
    }

    /// The constant for the record.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Peer => "peer",
            Self::Certificate(_) => "certificate",
            Self::Incomplete | Self::Envelope(_) | Self::Token(_) => "request",
            Self::EnvelopeSignature(_) => "envelope signature",
            Self::TokenSignature(_) => "token signature",
            Self::TokenOwner => "token owner",
            Self::Query(_) => "query",
            Self::Audit(_) => "audit",
        }
    }
}
