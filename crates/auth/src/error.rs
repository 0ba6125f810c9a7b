//! Why the auth server does not do what it is asked, and what it says then.

use coda_audit::AuditError;
use coda_model::{Identity, NameError};
use coda_pki::KeyError;
use coda_policy::GrantRefusal;
use coda_policy::role::UnknownWord;
use coda_service::{CallerError, Failure, Reply};
use tokio::task::JoinError;
use tonic::Code;

use crate::grants::{GrantIdError, GrantsError, ProjectError};

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthError {
    /// It cannot be said who asks.
    #[error(transparent)]
    Caller(#[from] CallerError),
    /// A machine asks.
    #[error("{0} is not a person")]
    NotAPerson(Identity),
    /// Nobody has given the person a role.
    #[error("the person has no role")]
    NoRole,
    /// A user's or a site's name.
    #[error("the request has an invalid name")]
    Name(#[from] NameError),
    /// A role or permission.
    #[error("the request has an unknown role or permission")]
    Word(#[from] UnknownWord),
    /// A role with a scope or permission that it cannot have.
    #[error("the request has a role with a scope or permission that it cannot have")]
    Claim(#[source] GrantRefusal),
    /// A project.
    #[error("the request has an invalid project")]
    Project(#[from] ProjectError),
    /// An id.
    #[error("the request has an invalid id")]
    Id(#[from] GrantIdError),
    /// A time before 1970.
    #[error("the request has a time before 1970")]
    Time,
    /// The store of grants.
    #[error("the grants did not take it")]
    Grants(#[from] GrantsError),
    /// The revocation lists.
    #[error("the revocation lists cannot be used")]
    Revoked(#[from] coda_pki::RevocationError),
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

impl Failure for AuthError {
    fn reply(&self) -> Reply {
        let invalid = |reason, message: &'static str| Reply::refused(Code::InvalidArgument, reason, message);
        match self {
            Self::Caller(error) => error.reply(),
            Self::NotAPerson(_) => Reply::refused(
                Code::PermissionDenied,
                "not a person",
                "only people have roles; use a person's certificate",
            ),
            Self::NoRole => Reply::refused(Code::PermissionDenied, "no role", "no role in this network"),
            Self::Name(_) => invalid("name", "the name of the user or of the site is invalid"),
            Self::Word(_) => invalid("word", "there is no such role or permission"),
            Self::Claim(refusal) | Self::Grants(GrantsError::Refused(refusal)) => refused(refusal),
            Self::Project(_) => {
                invalid("project", "the project is longer than 200 characters or has control characters")
            }
            Self::Id(_) => invalid("id", "the id of a grant has 32 hexadecimal digits"),
            Self::Time | Self::Grants(GrantsError::Over) => invalid("time", "the grant would be over before it begins"),
            Self::Grants(GrantsError::Standing) => Reply::refused(
                Code::AlreadyExists,
                "grant stands",
                "the person has this role here for this project already; revoke it first",
            ),
            Self::Grants(GrantsError::Unknown) => {
                Reply::refused(Code::NotFound, "no grant", "no standing grant has this id")
            }
            Self::Grants(
                GrantsError::File { .. }
                | GrantsError::Open { .. }
                | GrantsError::Newer(_)
                | GrantsError::Database(_)
                | GrantsError::Row { .. },
            ) => failed("database"),
            Self::Grants(GrantsError::Audit(_)) | Self::Audit(_) => failed("audit"),
            Self::Revoked(_) => failed("revocation lists"),
            Self::Interrupted(_) => failed("stopping"),
            Self::Signature(_) => failed("key"),
        }
    }
}

fn failed(reason: &'static str) -> Reply {
    Reply::failed(Code::Unavailable, reason, "the auth server cannot do this now; its log says why")
}

fn refused(refusal: &GrantRefusal) -> Reply {
    let (code, reason, message) = match refusal {
        GrantRefusal::Scope(..) => (
            Code::InvalidArgument,
            "scope",
            "a role about one site needs its site, and a role over the network has none",
        ),
        GrantRefusal::Extra(..) => {
            (Code::InvalidArgument, "extra permission", "only site-researcher takes basic-queries and advanced-queries")
        }
        GrantRefusal::Oneself => (
            Code::PermissionDenied,
            "oneself",
            "nobody grants a role to themselves or ends their own; ask another administrator",
        ),
        GrantRefusal::NotYours(..) => (Code::PermissionDenied, "not yours", "you do not administer this role here"),
    };
    Reply::refused(code, reason, message)
}
