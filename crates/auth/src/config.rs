//! The auth server's configuration file, and what it means.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use coda_audit::Years;
use coda_pki::Files;
use coda_policy::permit::LONGEST_LIFE;
use coda_runtime::config::beside;
use serde::Deserialize;
use time::Duration;

use crate::accounts::{DomainError, Institution, Institutions, Limits};
use crate::database::DatabaseAt;
use crate::ocsp::OcspConfig;
use crate::password::Cost;
use crate::post::{GatewayFile, MailFile};

/// The file as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Address and port to serve on.
    pub listen: SocketAddr,
    /// The database: a file, or a URL of PostgreSQL.
    pub database: String,
    /// The audit log.
    pub audit: PathBuf,
    /// How many years its volumes are kept; for ever when absent.
    pub audit_years: Option<Years>,
    /// Certificate, key and trust anchors; the key signs tokens too.
    pub tls: Files,
    /// The folder of revocation lists, as `coda-hub authority` fills it.
    pub revoked: PathBuf,
    /// Accounts of people.
    pub accounts: AccountsFile,
    /// Whose people may have accounts.
    pub institution: Vec<Institution>,
    /// The mail server that sends codes and warnings.
    pub mail: MailFile,
    /// The gateway for codes by text message.
    pub sms: Option<GatewayFile>,
    /// The OCSP responder; there is none when left out.
    pub ocsp: Option<OcspFile>,
    /// How long a token is valid; at most 600, which is also meant when absent.
    #[serde(default = "longest")]
    pub token_seconds: i64,
}

/// Accounts as they are written in the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountsFile {
    /// Address and port to serve on for people who have no certificate yet.
    pub listen: SocketAddr,
    /// Where people's programs reach the coordinator, `host:port`.
    pub coordinator: String,
    /// Where people's programs reach this server with a certificate, `host:port`.
    pub auth: String,
    /// The folder with `people.pem` and `people.key` of the authority.
    pub issuing: PathBuf,
    /// For how many days a certificate is good that was enrolled for; 90 when left out, 398 at most.
    #[serde(default = "certificate_days")]
    pub certificate_days: i64,
    /// After how many minutes a session ends that nobody uses; 15 when left out.
    #[serde(default = "idle_minutes")]
    pub idle_minutes: i64,
    /// After how many hours every session ends; 8 when left out.
    #[serde(default = "session_hours")]
    pub session_hours: i64,
    /// After how many days a password must be changed; never when left out, as NIST advises.
    pub password_days: Option<i64>,
    /// The file of breached passwords, "ordered by hash", of Have I Been Pwned.
    pub breached: Option<PathBuf>,
}

/// The OCSP responder as it is written in the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OcspFile {
    /// Address and port to serve on, over plain HTTP: the answers are signed.
    pub listen: SocketAddr,
    /// The responder's certificate for nodes, as `coda-hub authority sign-responder` writes it.
    pub chain: Option<PathBuf>,
    /// Its key.
    pub key: Option<PathBuf>,
}

/// The file as it is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Address and port to serve on.
    pub listen: SocketAddr,
    /// Address and port for people who have no certificate yet.
    pub open: SocketAddr,
    /// Address and port of the OCSP responder.
    pub ocsp: Option<SocketAddr>,
    /// Certificate, key and trust anchors.
    pub tls: Files,
    /// What the service itself needs.
    pub auth: AuthConfig,
}

/// What the service needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthConfig {
    /// The database.
    pub database: DatabaseAt,
    /// The audit log.
    pub audit: PathBuf,
    /// How many years its volumes are kept; for ever when absent.
    pub audit_years: Option<Years>,
    /// The folder of revocation lists.
    pub revoked: PathBuf,
    /// How long a token is valid.
    pub token_life: TokenLife,
    /// Accounts of people.
    pub accounts: AccountsConfig,
    /// The OCSP responder.
    pub ocsp: Option<OcspConfig>,
}

/// What accounts need to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountsConfig {
    /// Where people's programs reach the coordinator, `host:port`.
    pub coordinator: String,
    /// Where people's programs reach this server with a certificate, `host:port`.
    pub auth: String,
    /// The folder with `people.pem` and `people.key` of the authority.
    pub issuing: PathBuf,
    /// How long things last.
    pub limits: Limits,
    /// The file of breached passwords.
    pub breached: Option<PathBuf>,
    /// Whose people may have accounts.
    pub institutions: Institutions,
    /// The mail server.
    pub mail: MailFile,
    /// The gateway for text messages.
    pub sms: Option<GatewayFile>,
    /// What a password's hash costs.
    pub cost: Cost,
}

/// A value that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// A token life that no site would take.
    #[error(transparent)]
    TokenLife(#[from] TokenLifeError),
    /// A domain.
    #[error("in [[institution]]")]
    Domain(#[from] DomainError),
    /// A responder's chain without its key.
    #[error("ocsp.chain and ocsp.key go together")]
    Ocsp,
    /// A length of time.
    #[error("{0}")]
    Time(&'static str),
}

/// How long a token is valid, in whole seconds from 1 to [`LONGEST_LIFE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenLife(i64);

/// A token life that no site would take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a token cannot be valid for {0} seconds; set token_seconds to 1 to {LONGEST_LIFE}")]
pub struct TokenLifeError(i64);

impl File {
    /// Checks the values, and reads paths as from the folder of the configuration file `at`.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn settings(self, at: &Path) -> Result<Settings, SettingError> {
        let Self {
            listen,
            database,
            audit,
            audit_years,
            tls,
            revoked,
            accounts,
            institution,
            mail,
            sms,
            ocsp,
            token_seconds,
        } = self;
        let path = |path: &Path| beside(at, path);
        let token_life = TokenLife::new(token_seconds)?;
        let limits = accounts.limits()?;
        let open = accounts.listen;
        let AccountsFile { coordinator, auth, issuing, breached, .. } = accounts;
        let accounts = AccountsConfig {
            coordinator,
            auth,
            issuing: path(&issuing),
            limits,
            breached: breached.as_deref().map(path),
            institutions: Institutions::new(institution.into_iter().map(|own| own.resolved(path)).collect())?,
            mail: mail.resolved(path),
            sms: sms.map(|sms| sms.resolved(path)),
            cost: Cost::STANDARD,
        };
        let (address, config) = match ocsp {
            None => (None, None),
            Some(OcspFile { listen, chain, key }) => {
                let nodes = match (chain, key) {
                    (None, None) => None,
                    (Some(chain), Some(key)) => Some((path(&chain), path(&key))),
                    _ => return Err(SettingError::Ocsp),
                };
                (Some(listen), Some(OcspConfig { nodes }))
            }
        };
        let auth = AuthConfig {
            database: DatabaseAt::new(&database, path),
            audit: path(&audit),
            audit_years,
            revoked: path(&revoked),
            token_life,
            accounts,
            ocsp: config,
        };
        Ok(Settings { listen, open, ocsp: address, tls: tls.resolved(path), auth })
    }
}

impl AccountsFile {
    fn limits(&self) -> Result<Limits, SettingError> {
        let within = |value: i64, most: i64, wrong| if (1..=most).contains(&value) { Ok(()) } else { Err(wrong) };
        let Self { certificate_days, idle_minutes, session_hours, password_days, .. } = *self;
        within(certificate_days, 398, SettingError::Time("accounts.certificate_days is 1 to 398"))?;
        within(idle_minutes, 24 * 60, SettingError::Time("accounts.idle_minutes is 1 to 1440"))?;
        within(session_hours, 24, SettingError::Time("accounts.session_hours is 1 to 24"))?;
        within(password_days.unwrap_or(1), 3_650, SettingError::Time("accounts.password_days is 1 to 3650"))?;
        Ok(Limits {
            idle: Duration::minutes(idle_minutes),
            session: Duration::hours(session_hours),
            certificate: Duration::days(certificate_days),
            password: password_days.map(Duration::days),
        })
    }
}

impl TokenLife {
    /// A life of so many seconds.
    ///
    /// # Errors
    /// [`TokenLifeError`] when it is under 1 or over [`LONGEST_LIFE`].
    pub fn new(seconds: i64) -> Result<Self, TokenLifeError> {
        if (1..=LONGEST_LIFE).contains(&seconds) { Ok(Self(seconds)) } else { Err(TokenLifeError(seconds)) }
    }

    /// In seconds.
    pub fn seconds(self) -> i64 {
        self.0
    }
}

impl Default for TokenLife {
    /// The longest.
    fn default() -> Self {
        Self(LONGEST_LIFE)
    }
}

fn longest() -> i64 {
    LONGEST_LIFE
}

fn certificate_days() -> i64 {
    90
}

fn idle_minutes() -> i64 {
    15
}

fn session_hours() -> i64 {
    8
}
