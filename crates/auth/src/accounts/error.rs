//! Why an account does not do what is asked of it.

use coda_audit::AuditError;

use crate::database::DatabaseError;
use crate::password::{BreachedError, HashError, PasswordFault};
use crate::post::PostError;
use crate::provider::ProviderError;

/// Why something with an account was not done.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Somebody does not log in, whatever the reason: the answer does not tell.
    #[error("the log-in is refused: {0}")]
    Refused(&'static str),
    /// More codes than anybody needs.
    #[error("too many codes were asked for")]
    Codes,
    /// The code was not sent.
    #[error("the code was not sent")]
    Post(#[from] PostError),
    /// More calls come from one address than its people make.
    #[error("too many calls come from one address")]
    Visits,
    /// The browser may not be sent back there.
    #[error("the browser may not be sent back there")]
    Redirect,
    /// More log-ins were begun from one address than its people need.
    #[error("too many log-ins were begun from one address")]
    Begun,
    /// The provider of the person's institution.
    #[error("the provider of the institution cannot be used")]
    Provider(#[source] Box<ProviderError>),
    /// The password is kept elsewhere.
    #[error("the person logs in at their institution's provider, and has no password here")]
    Provided,
    /// No such session, or it is over.
    #[error("there is no such session, or it is over")]
    Session,
    /// Nothing else before the first password is changed.
    #[error("the first password has not been changed yet")]
    MustChange,
    /// The new password.
    #[error("the new password is refused")]
    Password(#[from] PasswordFault),
    /// The address is of no institution of the network.
    #[error("the address is of no institution of the network")]
    Institution,
    /// The account is there already.
    #[error("there is an account already")]
    Exists,
    /// There is no such account, or it is closed.
    #[error("there is no such account, or it is closed")]
    Unknown,
    /// It is not locked.
    #[error("the account is not locked")]
    NotLocked,
    /// Nobody administers their own account.
    #[error("nobody administers their own account")]
    Oneself,
    /// Who asks does not administer this account.
    #[error("who asks does not administer this account")]
    NotYours,
    /// The request for a certificate.
    #[error("the request for a certificate is refused")]
    Request(#[source] Box<coda_pki::AuthorityError>),
    /// The authority for people.
    #[error("the authority for people cannot be used")]
    Authority(#[source] Box<coda_pki::AuthorityError>),
    /// The person has as many certificates as anybody needs.
    #[error("the person has too many certificates")]
    Certificates,
    /// There is no such certificate, or it is revoked already.
    #[error("there is no such certificate, or it is revoked already")]
    NoCertificate,
    /// Passwords.
    #[error("the password was not looked at")]
    Hash(#[from] HashError),
    /// The file of breached passwords.
    #[error("the breached passwords cannot be used")]
    Breached(#[from] BreachedError),
    /// The database.
    #[error("the database of accounts cannot be used")]
    Database(#[from] DatabaseError),
    /// The change was not recorded, so it was not made.
    #[error("the change was not made because it could not be recorded")]
    Audit(#[from] AuditError),
    /// The program is stopping.
    #[error("the change was interrupted")]
    Interrupted,
}

impl From<sqlx::Error> for AccountError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}
