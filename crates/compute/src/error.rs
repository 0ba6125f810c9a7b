//! Why a query is not answered, and the constant that the caller is told.

use coda_client::ClientError;
use coda_engine::TablesError;
use coda_model::query::QueryError;
use coda_policy::Refusal;
use tonic::{Code, Status};

use crate::policies::PoliciesError;

/// Why a query is not answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ComputeError {
    #[error("the peer is not the coordinator")]
    Peer,
    #[error("the request lacks its envelope or its token")]
    Incomplete,
    #[error("the envelope is not signed by a person of this network")]
    EnvelopeSignature(#[source] coda_pki::SignatureError),
    #[error("the envelope does not read")]
    Envelope(#[from] coda_wire::envelope::EnvelopeError),
    #[error("the envelope's signer is no person")]
    NoPerson,
    #[error("the token is not signed by the auth server of this network")]
    TokenSignature(#[source] Option<coda_pki::SignatureError>),
    #[error("the token does not read")]
    Token(#[from] coda_wire::token::TokenError),
    #[error("the envelope was answered before")]
    Replay,
    #[error("not permitted")]
    Refusal(#[from] Refusal),
    #[error("the query does not fit the dictionary")]
    Query(#[from] QueryError),
    #[error("the build was made with another dictionary")]
    Dictionary,
    #[error("the storage node did not help")]
    Storage(#[source] ClientError),
    #[error("the site has no build of the data set")]
    NoBuild,
    #[error("a column does not read")]
    Column(#[from] coda_engine::columns::ColumnError),
    #[error("the columns do not fit")]
    Tables(#[from] TablesError),
    #[error("who the people of the build are does not read")]
    Keys(#[from] coda_engine::keys::KeysError),
    #[error("the ledger does not help")]
    Ledger(#[from] coda_ledger::LedgerError),
    #[error("an answer that was kept does not read")]
    Kept,
    #[error("the policy cannot be taken")]
    Policy(#[from] PoliciesError),
    #[error("the asker's budget is spent")]
    Budget { spent: u64, allowed: u64 },
    #[error("the asker's requests of today are spent")]
    Requests,
    #[error("the asker's cohorts of today are spent")]
    Cohorts,
    #[error("the series is bound to another granularity")]
    Granularity(String),
    #[error("sums of the variable were given out in another way")]
    OtherSum(String),
    #[error("the audit log cannot be written")]
    Audit(#[source] coda_audit::AuditError),
    #[error("a task of the computation died")]
    Task(#[from] tokio::task::JoinError),
}

impl ComputeError {
    /// What the caller is told: a constant, or words that depend on the request, the dictionary, the roles and the policy
    /// alone (disclosure.md 1.13).
    pub(crate) fn told(&self) -> (Code, String) {
        let constant = |code, text: &str| (code, text.to_owned());
        match self {
            Self::Peer => constant(Code::PermissionDenied, "only the coordinator is answered"),
            Self::Incomplete | Self::Envelope(_) | Self::Token(_) => {
                constant(Code::InvalidArgument, "the request is not a signed query with a token")
            }
            Self::EnvelopeSignature(_) | Self::NoPerson => {
                constant(Code::Unauthenticated, "the query is not signed by a person of this network")
            }
            Self::TokenSignature(_) => constant(Code::Unauthenticated, "the token is not of this network"),
            Self::Replay => constant(Code::PermissionDenied, "this signed query was answered before; sign it anew"),
            Self::Refusal(refusal) => (Code::PermissionDenied, refusal.to_string()),
            Self::Query(error) => (Code::InvalidArgument, error.to_string()),
            Self::Dictionary => constant(
                Code::FailedPrecondition,
                "the site's data were built with another dictionary; its administrator must build again",
            ),
            Self::NoBuild => constant(Code::FailedPrecondition, "the site has no published data of this data set"),
            Self::Budget { spent, allowed } => (
                Code::ResourceExhausted,
                format!(
                    "your budget at this site is spent: {spent} of {allowed} figures; what you asked before is answered again \
                     for nothing, and the site's privacy auditor can grant more"
                ),
            ),
            Self::Requests => {
                constant(Code::ResourceExhausted, "you have no requests left at this site today; ask tomorrow")
            }
            Self::Cohorts => constant(
                Code::ResourceExhausted,
                "you have asked about as many cohorts at this site as you may in a day; ask about one of them, or tomorrow",
            ),
            Self::Granularity(bound) => (
                Code::FailedPrecondition,
                format!("this cohort's series over that date was given out by {bound}, and stays so; ask by {bound}"),
            ),
            Self::OtherSum(variable) => (
                Code::FailedPrecondition,
                format!(
                    "figures from sums of {variable} were given out in another way at this site, of its rows or of another value a \
                     person, and stay so; ask for the median, or divide the value into classes"
                ),
            ),
            Self::Keys(_)
            | Self::Ledger(_)
            | Self::Kept
            | Self::Policy(_)
            | Self::Storage(_)
            | Self::Column(_)
            | Self::Tables(_)
            | Self::Audit(_)
            | Self::Task(_) => {
                constant(Code::Internal, "the site cannot answer now; its administrator finds the reason in its log")
            }
        }
    }

    /// The constant for the record.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::Peer => "peer",
            Self::Incomplete | Self::Envelope(_) | Self::Token(_) => "request",
            Self::EnvelopeSignature(_) | Self::NoPerson => "envelope signature",
            Self::TokenSignature(_) => "token signature",
            Self::Replay => "replay",
            Self::Refusal(_) => "not permitted",
            Self::Query(_) => "query",
            Self::Dictionary => "dictionary",
            Self::NoBuild => "no build",
            Self::Storage(_) => "storage",
            Self::Column(_) | Self::Tables(_) => "columns",
            Self::Keys(_) => "keys",
            Self::Ledger(_) | Self::Kept => "ledger",
            Self::Policy(_) => "policy file",
            Self::Budget { .. } | Self::Requests | Self::Cohorts => "budget",
            Self::Granularity(_) => "granularity",
            Self::OtherSum(_) => "other sums",
            Self::Audit(_) => "audit",
            Self::Task(_) => "task",
        }
    }

    /// Whether the fault is the site's own.
    pub(crate) fn is_own(&self) -> bool {
        let refused = matches!(self, Self::Granularity(_) | Self::OtherSum(_));
        !refused && matches!(self.told().0, Code::Internal | Code::FailedPrecondition)
    }

    /// The status for the caller.
    pub(crate) fn status(&self) -> Status {
        let (code, text) = self.told();
        Status::new(code, text)
    }
}
