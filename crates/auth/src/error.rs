//! Why the auth server does not do what it is asked, and what it says then.

use coda_audit::AuditError;
use coda_model::{Identity, NameError};
use coda_pki::{KeyError, PeerError};
use coda_policy::GrantRefusal;
use coda_policy::role::UnknownWord;
use tokio::task::JoinError;
use tonic::{Code, Status};

use crate::grants::{GrantIdError, GrantsError, ProjectError};

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthError {
    /// It cannot be said who asks.
    #[error("the caller has no identity")]
    Peer(#[from] PeerError),
    /// The certificate was valid when the connection was made, and is no longer.
    #[error("the caller's certificate is not valid now")]
    Certificate(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A machine asks.
    #[error("{0} is not a person")]
    NotAPerson(Identity),
    /// Nobody has given the person a role.
    #[error("the person has no role")]
    NoRole,
    /// A user's or a site's name.
    #[error("the request has an unlawful name")]
    Name(#[from] NameError),
    /// A role or permission.
    #[error("the request has an unknown role or permission")]
    Word(#[from] UnknownWord),
    /// A role with a scope or permission that it cannot have.
    #[error("the request has a role with a scope or permission that it cannot have")]
    Claim(#[source] GrantRefusal),
    /// A project.
    #[error("the request has an unlawful project")]
    Project(#[from] ProjectError),
    /// An id.
    #[error("the request has an unlawful id")]
    Id(#[from] GrantIdError),
    /// A time before 1970.
    #[error("the request has a time before 1970")]
    Time,
    /// The store of grants.
    #[error("the grants did not take it")]
    Grants(#[from] GrantsError),
    /// The answer could not be recorded.
    #[error("the answer was not given because it could not be recorded")]
    Audit(#[from] AuditError),
    /// The work was interrupted: the program is stopping.
    #[error("the change was interrupted")]
    Interrupted(#[from] JoinError),
    /// The token could not be signed.
    #[error("the token was not signed")]
    Signature(#[from] KeyError),
}

/// What the caller is told. The only place where an error of this service becomes an answer.
pub(crate) fn told(error: &AuthError) -> (Code, &'static str) {
    match error {
        AuthError::Peer(_) => (Code::Unauthenticated, "the connection does not say who you are"),
        AuthError::Certificate(_) => (Code::Unauthenticated, "your certificate is no longer valid; renew it"),
        AuthError::NotAPerson(_) => (Code::PermissionDenied, "only people have roles; use a person's certificate"),
        AuthError::NoRole => (Code::PermissionDenied, "no role in this network"),
        AuthError::Name(_) => (Code::InvalidArgument, "the name of the user or of the site is not lawful"),
        AuthError::Word(_) => (Code::InvalidArgument, "there is no such role or permission"),
        AuthError::Claim(refusal) => (Code::InvalidArgument, unlawful(refusal)),
        AuthError::Project(_) => {
            (Code::InvalidArgument, "the project is longer than 200 characters or has control characters")
        }
        AuthError::Id(_) => (Code::InvalidArgument, "the id of a grant has 32 hexadecimal digits"),
        AuthError::Time | AuthError::Grants(GrantsError::Over) => {
            (Code::InvalidArgument, "the grant would be over before it begins")
        }
        AuthError::Grants(GrantsError::Refused(refusal)) => (Code::PermissionDenied, refused(refusal)),
        AuthError::Grants(GrantsError::Standing) => {
            (Code::AlreadyExists, "the person has this role here for this project already; revoke it first")
        }
        AuthError::Grants(GrantsError::Unknown) => (Code::NotFound, "no standing grant has this id"),
        AuthError::Grants(
            GrantsError::File { .. }
            | GrantsError::Open { .. }
            | GrantsError::Newer(_)
            | GrantsError::Database(_)
            | GrantsError::Row { .. }
            | GrantsError::Audit(_),
        )
        | AuthError::Audit(_)
        | AuthError::Interrupted(_)
        | AuthError::Signature(_) => (Code::Unavailable, UNAVAILABLE),
    }
}

/// What is said when it is the server's own fault.
const UNAVAILABLE: &str = "the auth server cannot do this now; its log says why";

pub(crate) fn unavailable() -> Status {
    Status::new(Code::Unavailable, UNAVAILABLE)
}

fn unlawful(refusal: &GrantRefusal) -> &'static str {
    match refusal {
        GrantRefusal::Scope(..) => "a role about one site needs its site, and a role over the network has none",
        GrantRefusal::Extra(..) => "only site-researcher takes basic-queries and advanced-queries",
        GrantRefusal::Oneself | GrantRefusal::NotYours(..) => refused(refusal),
    }
}

fn refused(refusal: &GrantRefusal) -> &'static str {
    match refusal {
        GrantRefusal::Oneself => "nobody grants a role to themselves or ends their own; ask another administrator",
        GrantRefusal::NotYours(..) => "you do not administer this role here",
        GrantRefusal::Scope(..) | GrantRefusal::Extra(..) => unlawful(refusal),
    }
}
