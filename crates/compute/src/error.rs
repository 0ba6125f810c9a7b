//! Why a query is not answered, and the constant that the caller is told.

use coda_client::ClientError;
use coda_engine::TablesError;
use coda_ledger::NotCounted;
use coda_model::{Identity, UserId, query::QueryError};
use coda_policy::Refusal;
use coda_service::{CallerError, Failure, Reply, Unlikely, causes};
use tonic::Code;

use crate::{answering::not_counted, policies::PoliciesError};

/// Why a query is not answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ComputeError {
    #[error(transparent)]
    Caller(#[from] CallerError),
    #[error("{0} is not the coordinator")]
    Peer(Identity),
    #[error("the request lacks its envelope or its token")]
    Incomplete,
    /// An incident is looked into.
    #[error("the site is cut off")]
    Isolated,
    #[error("the envelope is not signed by a person of this network")]
    EnvelopeSignature(#[source] coda_pki::SignatureError),
    #[error("the envelope is malformed")]
    Envelope(#[from] coda_wire::envelope::EnvelopeError),
    #[error("the envelope's signer is not a person")]
    NoPerson,
    #[error("the token is not signed by the auth server of this network")]
    TokenSignature(#[source] Option<coda_pki::SignatureError>),
    #[error("the token is malformed")]
    Token(#[from] coda_wire::token::TokenError),
    #[error("not permitted")]
    Refusal(#[source] Refusal, UserId),
    #[error("the query does not fit the dictionary")]
    Query(#[from] QueryError),
    #[error("the query was written for another dictionary")]
    QueryDictionary,
    #[error("the coordinator has another dictionary")]
    OtherDictionary,
    #[error("the build was made with another dictionary")]
    BuildDictionary,
    #[error("storage node request failed")]
    Storage(#[source] ClientError),
    #[error("the site has no build of the data set")]
    NoBuild,
    #[error("the data set has too few people to be answered alone")]
    TooSmall,
    #[error("a column is malformed")]
    Column(#[from] coda_engine::columns::ColumnError),
    #[error("the columns do not fit")]
    Tables(#[from] TablesError),
    #[error("the pseudonyms of the build are malformed")]
    Keys(#[from] coda_engine::keys::KeysError),
    #[error("the ledger failed")]
    Ledger(#[from] coda_ledger::LedgerError),
    #[error("the site's policy is not valid")]
    Policy(#[from] PoliciesError),
    #[error("not counted: {0:?}")]
    NotCounted(NotCounted, UserId),
    #[error("the receipt cannot be signed")]
    Sign(#[from] coda_pki::KeyError),
    #[error("the audit log cannot be written")]
    Audit(#[from] coda_audit::AuditError),
    /// Without its cause: a panic may name a value.
    #[error("a task of the computation died")]
    Task,
}

impl Failure for ComputeError {
    /// A constant, or words that depend on the request, the dictionary, the roles and the policy alone.
    fn reply(&self) -> Reply {
        let own = |reason| {
            Reply::failed(
                Code::Internal,
                reason,
                "the site cannot answer now; its administrator finds the reason in its log",
            )
        };
        match self {
            Self::Caller(error) => error.reply(),
            Self::Peer(_) => {
                Reply::unlikely(Code::PermissionDenied, Unlikely::Peer, "only the coordinator is answered")
            }
            Self::Isolated => Reply::refused(
                Code::PermissionDenied,
                "isolated",
                "this site answers nobody while it looks into an incident; ask its administrator",
            ),
            Self::Incomplete | Self::Envelope(_) | Self::Token(_) => {
                Reply::refused(Code::InvalidArgument, "request", "the request is not a signed query with a token")
            }
            Self::EnvelopeSignature(_) | Self::NoPerson => Reply::unlikely(
                Code::Unauthenticated,
                Unlikely::EnvelopeSignature,
                "the query is not signed by a person of this network",
            ),
            Self::TokenSignature(_) => {
                Reply::unlikely(Code::Unauthenticated, Unlikely::TokenSignature, "the token is not of this network")
            }
            Self::Refusal(refusal, _) => {
                let (code, kind, words) = (Code::PermissionDenied, Unlikely::NotPermitted, refusal.to_string());
                match refusal {
                    Refusal::Signer | Refusal::Token | Refusal::EnvelopeLife | Refusal::Site | Refusal::Role => {
                        Reply::unlikely(code, kind, words)
                    }
                    Refusal::TokenTime | Refusal::EnvelopeTime | Refusal::Project | Refusal::Policy => {
                        Reply::refused(code, kind.word(), words)
                    }
                }
            }
            Self::Query(error) => Reply::refused(Code::InvalidArgument, "query", error.to_string()),
            Self::QueryDictionary => Reply::refused(
                Code::FailedPrecondition,
                "dictionary version",
                "the query was written for another version of the dictionary than this site has; see coda describe",
            ),
            Self::OtherDictionary => Reply::failed(
                Code::FailedPrecondition,
                "other dictionary",
                "the hub and this site have different dictionaries; their administrators must agree on one",
            ),
            Self::BuildDictionary => Reply::failed(
                Code::FailedPrecondition,
                "dictionary",
                "the site's data were built with another dictionary; its administrator must build again",
            ),
            Self::NoBuild => {
                Reply::failed(Code::FailedPrecondition, "no build", "the site has no published data of this data set")
            }
            Self::TooSmall => Reply::refused(Code::OutOfRange, "too small", "too small to answer alone"),
            Self::NotCounted(why, _) => {
                let (exhausted, words) = (Code::ResourceExhausted, not_counted(*why));
                match why {
                    NotCounted::Replay => Reply::unlikely(Code::PermissionDenied, Unlikely::Replay, words),
                    NotCounted::Held => Reply::refused(exhausted, "held", words),
                    NotCounted::Today | NotCounted::Asks | NotCounted::Cohorts => {
                        Reply::refused(exhausted, "limit", words)
                    }
                }
            }
            Self::Storage(_) => own("storage"),
            Self::Column(_) | Self::Tables(_) => own("columns"),
            Self::Keys(_) => own("keys"),
            Self::Ledger(_) => own("ledger"),
            Self::Policy(_) => own("policy file"),
            Self::Sign(_) => own("signature"),
            Self::Audit(_) => own("audit"),
            Self::Task => own("task"),
        }
    }

    fn by(&self) -> Option<Identity> {
        match self {
            Self::Refusal(_, signer) | Self::NotCounted(_, signer) => Some(Identity::User(signer.clone())),
            _ => None,
        }
    }

    fn logged(&self) -> String {
        // A refusal's cause repeats the query's words, whose constants may describe a person.
        if self.reply().is_own() { causes(self) } else { self.to_string() }
    }
}
