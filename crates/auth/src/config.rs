//! The auth server's configuration file, and what it means.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use coda_pki::Files;
use coda_policy::permit::LONGEST_LIFE;
use coda_runtime::config::beside;
use serde::Deserialize;

/// The file as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Address and port to serve on.
    pub listen: SocketAddr,
    /// The database of grants.
    pub database: PathBuf,
    /// The audit log.
    pub audit: PathBuf,
    /// Certificate, key and trust anchors; the key signs tokens too.
    pub tls: Files,
    /// The folder of revocation lists, as `coda-hub authority` fills it.
    pub revoked: PathBuf,
    /// How long a token is valid; at most 600, which is also meant when absent.
    #[serde(default = "longest")]
    pub token_seconds: i64,
}

/// The file as it is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Address and port to serve on.
    pub listen: SocketAddr,
    /// Certificate, key and trust anchors.
    pub tls: Files,
    /// What the service itself needs.
    pub auth: AuthConfig,
}

/// What the service needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthConfig {
    /// The database of grants.
    pub database: PathBuf,
    /// The audit log.
    pub audit: PathBuf,
    /// The folder of revocation lists.
    pub revoked: PathBuf,
    /// How long a token is valid.
    pub token_life: TokenLife,
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
    /// [`TokenLifeError`].
    pub fn settings(self, at: &Path) -> Result<Settings, TokenLifeError> {
        let Self { listen, database, audit, tls, revoked, token_seconds } = self;
        let token_life = TokenLife::new(token_seconds)?;
        let auth = AuthConfig {
            database: beside(at, &database),
            audit: beside(at, &audit),
            revoked: beside(at, &revoked),
            token_life,
        };
        Ok(Settings { listen, tls: tls.resolved(|path| beside(at, path)), auth })
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
