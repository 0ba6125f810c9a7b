//! Why a query does not go out, and what the caller is told.

use coda_model::{Identity, query::QueryError};
use coda_service::{CallerError, Failure, Reply, Unlikely, causes};
use tonic::Code;

/// Why a query does not go out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CoordinatorError {
    #[error(transparent)]
    Caller(#[from] CallerError),
    #[error("{0} is not a person")]
    NotAPerson(Identity),
    #[error("the request lacks its envelope or its token")]
    Incomplete,
    #[error("the envelope is not signed by the caller")]
    EnvelopeSignature(#[source] Option<coda_pki::SignatureError>),
    #[error("the envelope is malformed")]
    Envelope(#[from] coda_wire::envelope::EnvelopeError),
    #[error("the token is not signed by the auth server of this network")]
    TokenSignature(#[source] Option<coda_pki::SignatureError>),
    #[error("the token is malformed")]
    Token(#[from] coda_wire::token::TokenError),
    #[error("the token is not the caller's")]
    TokenOwner,
    #[error("the token has expired, or is not valid yet")]
    TokenTime,
    #[error("the query does not fit the dictionary or the network")]
    Query(#[from] QueryError),
    #[error("the audit log cannot be read")]
    Log(#[from] coda_service::log::LogError),
    #[error("the work was interrupted")]
    Interrupted,
    #[error("the audit log cannot be written")]
    Audit(#[from] coda_audit::AuditError),
}

impl Failure for CoordinatorError {
    fn reply(&self) -> Reply {
        let forged = |kind, message: &'static str| Reply::unlikely(Code::Unauthenticated, kind, message);
        match self {
            Self::Caller(error) => error.reply(),
            Self::NotAPerson(_) => {
                Reply::unlikely(Code::PermissionDenied, Unlikely::Peer, "only people are answered here")
            }
            Self::Incomplete | Self::Envelope(_) | Self::Token(_) => {
                Reply::refused(Code::InvalidArgument, "request", "the request is not a signed query with a token")
            }
            Self::EnvelopeSignature(_) => forged(Unlikely::EnvelopeSignature, "the query is not signed by you"),
            Self::TokenSignature(_) => forged(Unlikely::TokenSignature, TOKEN),
            Self::TokenOwner => forged(Unlikely::TokenOwner, TOKEN),
            Self::TokenTime => Reply::refused(Code::Unauthenticated, "token time", TOKEN),
            Self::Query(error) => Reply::refused(Code::InvalidArgument, "query", error.to_string()),
            Self::Log(_) | Self::Interrupted | Self::Audit(_) => {
                Reply::failed(Code::Internal, "audit", "the coordinator cannot answer now")
            }
        }
    }

    fn logged(&self) -> String {
        match self {
            // Its words are the query's, whose constants may describe a person; they are for the asker alone.
            Self::Query(_) => self.to_string(),
            _ => causes(self),
        }
    }
}

const TOKEN: &str = "the access token is not yours or has expired; ask for a new one";
