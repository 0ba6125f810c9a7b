//! Accounts: who may log in, by password and code or at their institution's provider, and what administrators do about it.
//!
//! An account is named by an institutional address of e-mail. What an answer says to somebody who logs in never depends on whether
//! there is such an account, and neither does the time that it takes.

mod account;
mod administration;
mod certificates;
mod error;
mod institution;
mod log_in;
mod notices;
mod passwords;
mod provided;
mod providers;
mod row;
mod sessions;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use coda_audit::{AuditError, AuditLog, Event};
use coda_model::UserId;
use coda_pki::authority::People;
use time::{Duration, OffsetDateTime};

use crate::database::Database;
use crate::password::{Hasher, Rules};
use crate::post::Post;

pub(crate) use account::place;
pub use account::{Account, Issued, Phone, PhoneError, Secret};
pub use error::AccountError;
pub use institution::{DomainError, Institution, Institutions};
pub(crate) use provided::Sent;
pub use providers::Providers;
pub use sessions::Session;
pub(crate) use sessions::end_all;

/// How long things last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A session that nobody uses ends after this.
    pub idle: Duration,
    /// Every session ends after this.
    pub session: Duration,
    /// How long a certificate is good that was enrolled for.
    pub certificate: Duration,
    /// How old a password may become; as old as it likes when absent.
    pub password: Option<Duration>,
}

/// What accounts are made of.
pub struct Parts {
    /// The database.
    pub database: Database,
    /// Where every change and every attempt is recorded.
    pub audit: Arc<AuditLog>,
    /// Hashes passwords.
    pub hasher: Hasher,
    /// What a new password must keep to.
    pub rules: Rules,
    /// Whose people may have accounts.
    pub institutions: Institutions,
    /// The providers of institutions that have one.
    pub providers: Providers,
    /// Sends codes and warnings.
    pub post: Post,
    /// How long things last.
    pub limits: Limits,
    /// Signs people's certificates.
    pub people: Arc<People>,
    /// The folder of revocation lists.
    pub lists: PathBuf,
}

/// The accounts of the network. Copies share everything.
#[derive(Clone)]
pub struct Accounts(Arc<Parts>);

/// Who does something, from where and when.
#[derive(Debug, Clone)]
pub struct By {
    /// Who; nobody when it is done on the hub itself.
    pub user: Option<UserId>,
    /// From where.
    pub address: Option<SocketAddr>,
    /// When.
    pub now: OffsetDateTime,
}

/// A change of an account, in words of the audit log.
struct Change {
    what: &'static str,
    old: Option<String>,
    new: Option<String>,
}

impl Accounts {
    /// Accounts of these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    fn record(&self, user: &UserId, change: Change, by: &By) -> Result<(), AuditError> {
        let Change { what, old, new } = change;
        let By { user: who, address, now } = by;
        let event = Event::AccountChanged { user: user.clone(), what, old, new, by: who.clone(), address: *address };
        self.0.audit.record(&event, *now)
    }
}

impl By {
    /// Somebody on the hub itself.
    pub fn hub(now: OffsetDateTime) -> Self {
        Self { user: None, address: None, now }
    }

    fn seconds(&self) -> i64 {
        self.now.unix_timestamp()
    }
}

impl Change {
    fn new(what: &'static str, old: impl Into<Option<&'static str>>, new: impl Into<Option<&'static str>>) -> Self {
        Self { what, old: old.into().map(str::to_owned), new: new.into().map(str::to_owned) }
    }
}
