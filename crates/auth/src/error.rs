//! Why the auth server does not do what it is asked, and what it says then.

use coda_audit::AuditError;
use coda_model::{Identity, NameError};
use coda_pki::KeyError;
use coda_policy::role::UnknownWord;
use coda_policy::{GrantRefusal, ProjectError};
use coda_service::{CallerError, Failure, Reply, Unlikely};
use tokio::task::JoinError;
use tonic::Code;

use crate::accounts::{AccountError, PhoneError};
use crate::grants::{GrantIdError, GrantsError};
use crate::password::HashError;

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthError {
    /// It cannot be said who asks.
    #[error(transparent)]
    Caller(#[from] CallerError),
    /// A person calls what is for services.
    #[error("a person raises an alarm")]
    NotAService,
    /// An alarm that no service raises.
    #[error("there is no such alarm")]
    Alarm,
    /// A machine asks.
    #[error("{0} is not a person")]
    NotAPerson(Identity),
    /// A session asks for what needs a certificate.
    #[error("a token needs a certificate")]
    NoCertificate,
    /// Accounts.
    #[error("the account does not do it")]
    Account(#[from] AccountError),
    /// A telephone number.
    #[error("the request has an invalid telephone number")]
    Phone(#[from] PhoneError),
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
    /// No reason, or none that can be shown.
    #[error("the request has no reason")]
    Reason,
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
            Self::NotAPerson(_) => Reply::unlikely(
                Code::PermissionDenied,
                Unlikely::NotAPerson,
                "only people have roles; use a person's certificate",
            ),
            Self::NotAService => Reply::unlikely(
                Code::PermissionDenied,
                Unlikely::NotAService,
                "only services of the network raise an alarm",
            ),
            Self::Alarm => invalid("alarm", "there is no such alarm"),
            Self::NoCertificate => Reply::refused(
                Code::Unauthenticated,
                "no certificate",
                "a token is bound to a certificate; get one with coda init",
            ),
            Self::Account(error) => account(error),
            Self::Phone(_) => invalid("phone", "a telephone number is written as + and 7 to 15 digits"),
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
            Self::Reason => invalid("reason", "say why the role is given, in 1 to 500 characters (--reason)"),
            Self::Grants(GrantsError::NoProject) => invalid(
                "no project",
                "a role with access to data is given for an approved project; name it (--project)",
            ),
            Self::Grants(GrantsError::ProjectOfAdministrator) => {
                invalid("project of an administrator", "a role that administers is given for no project")
            }
            Self::Grants(GrantsError::UnknownProject) => Reply::refused(
                Code::NotFound,
                "no such project",
                "there is no such project, or it is over; the hub opens one with its approval (coda projects lists them)",
            ),
            Self::Grants(GrantsError::OtherSites) => {
                invalid("project of other sites", "the approval of the project does not have this site")
            }
            Self::Grants(GrantsError::BeyondProject) => invalid(
                "time",
                "the grant would outlive its project; give an earlier end, or none for the project's own",
            ),
            Self::Grants(GrantsError::NoAccount) => Reply::refused(
                Code::FailedPrecondition,
                "no account",
                "there is no open account of this name; open it first (coda account open)",
            ),
            Self::Grants(GrantsError::Unknown) => {
                Reply::refused(Code::NotFound, "no grant", "no standing grant has this id")
            }
            Self::Grants(GrantsError::Database(_)) => failed("database"),
            Self::Grants(GrantsError::Audit(_)) | Self::Audit(_) => failed("audit"),
            Self::Revoked(_) => failed("revocation lists"),
            Self::Interrupted(_) => failed("stopping"),
            Self::Signature(_) => failed("key"),
        }
    }
}

/// Whatever keeps somebody from logging in has one answer: it must not tell whether there is such an account.
fn account(error: &AccountError) -> Reply {
    use AccountError as E;
    let refused = |code, reason, message: &'static str| Reply::refused(code, reason, message);
    match error {
        E::Refused(_) => refused(
            Code::Unauthenticated,
            "log-in",
            "the address, the password or the code is wrong, or the account is locked; after ten wrong tries in a row an \
             administrator must unlock it",
        ),
        E::Codes => refused(Code::ResourceExhausted, "codes", "too many codes were sent; try again in ten minutes"),
        E::Visits => refused(
            Code::ResourceExhausted,
            "visits",
            "too many people log in from this address at this moment; try again in a minute",
        ),
        E::Redirect => refused(
            Code::InvalidArgument,
            "redirect",
            "the institution's provider may not send a browser back to this address; provider.redirect of auth.toml says to which",
        ),
        E::Begun => refused(
            Code::ResourceExhausted,
            "log-ins begun",
            "too many log-ins were begun from this address; try again in ten minutes",
        ),
        E::Provider(_) => Reply::failed(
            Code::Unavailable,
            "provider",
            "the institution's provider could not be asked; try again, and if it goes on, tell the network's administrators",
        ),
        E::Provided => refused(
            Code::FailedPrecondition,
            "provider",
            "you log in at your institution's provider, and have no password here",
        ),
        E::Session => refused(Code::Unauthenticated, "session", "the session is over; log in again"),
        E::MustChange => {
            refused(Code::PermissionDenied, "first password", "the first password must be changed before anything else")
        }
        E::Password(fault) => Reply::refused(Code::InvalidArgument, "password", fault.to_string()),
        E::Institution => {
            refused(Code::InvalidArgument, "institution", "the address is of no institution of the network")
        }
        E::Exists => refused(Code::AlreadyExists, "account exists", "there is an account of this name already"),
        E::Unknown => refused(Code::NotFound, "no account", "there is no open account of this name"),
        E::NotLocked => refused(Code::FailedPrecondition, "not locked", "the account is not locked"),
        E::Oneself => Reply::unlikely(
            Code::PermissionDenied,
            Unlikely::Oneself,
            "nobody administers their own account; ask another administrator",
        ),
        E::NotYours => {
            Reply::unlikely(Code::PermissionDenied, Unlikely::NotYours, "you do not administer this account")
        }
        E::Request(_) => refused(
            Code::InvalidArgument,
            "request",
            "the request for a certificate is not one, not signed by its key, or its key is of a kind that is not taken",
        ),
        E::Certificates => refused(
            Code::ResourceExhausted,
            "certificates",
            "you have ten certificates that stand; revoke one first (coda certificate list, coda certificate revoke)",
        ),
        E::NoCertificate => refused(Code::NotFound, "no certificate", "there is no such certificate that stands"),
        E::Hash(HashError::Busy) => {
            refused(Code::ResourceExhausted, "busy", "too many people log in at this moment; try again in a minute")
        }
        E::Post(_) => Reply::failed(
            Code::Unavailable,
            "post",
            "the code could not be sent; try again, and if it goes on, tell the network's administrators",
        ),
        E::Hash(_) | E::Breached(_) => failed("passwords"),
        E::Authority(_) => failed("authority"),
        E::Database(_) => failed("database"),
        E::Audit(_) => failed("audit"),
        E::Interrupted => failed("stopping"),
    }
}

fn failed(reason: &'static str) -> Reply {
    Reply::failed(Code::Unavailable, reason, "the auth server cannot do this now; its log says why")
}

fn refused(refusal: &GrantRefusal) -> Reply {
    let (invalid, denied) = (Code::InvalidArgument, Code::PermissionDenied);
    match refusal {
        GrantRefusal::Scope(..) => Reply::refused(
            invalid,
            "scope",
            "a role about one site needs its site, and a role over the network has none",
        ),
        GrantRefusal::Extra(..) => {
            Reply::refused(invalid, "extra permission", "only site-researcher takes basic-queries and advanced-queries")
        }
        GrantRefusal::Oneself => Reply::unlikely(
            denied,
            Unlikely::Oneself,
            "nobody grants a role to themselves or ends their own; ask another administrator",
        ),
        GrantRefusal::NotYours(..) => {
            Reply::unlikely(denied, Unlikely::NotYours, "you do not administer this role here")
        }
    }
}
