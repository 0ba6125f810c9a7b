//! The coordinator's configuration file, and what it means.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use coda_audit::Years;
use coda_model::{NameError, SiteId};
use coda_pki::Files;
use coda_runtime::config::beside;
use coda_service::AuthServer;
use serde::Deserialize;

/// How long a site may take when the file is silent, in seconds.
const DEADLINE_SECONDS: u64 = 60;

/// After how many seconds audit logs are cosigned again, unless it is said.
const CHECKPOINT_SECONDS: u64 = 60;

/// The file as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Address and port to serve on.
    pub listen: SocketAddr,
    /// The network's dictionary.
    pub dictionary: PathBuf,
    /// The audit log.
    pub audit: PathBuf,
    /// How many years its volumes are kept; for ever when absent.
    pub audit_years: Option<Years>,
    /// How long a site may take, in seconds.
    pub deadline_seconds: Option<u64>,
    /// After how many seconds audit logs are cosigned again; 60 when left out.
    pub checkpoint_seconds: Option<u64>,
    /// `host:port` of the hub's auth server, which says which certificates were revoked.
    pub auth: String,
    /// Certificate, key and trust anchors.
    pub tls: Files,
    /// The sites.
    #[serde(default)]
    pub site: Vec<SiteEntry>,
}

/// A site as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteEntry {
    /// Its name.
    pub id: String,
    /// `host:port` of its computation node.
    pub address: String,
}

/// The file as it is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Address and port to serve on.
    pub listen: SocketAddr,
    /// Certificate, key and trust anchors.
    pub tls: Files,
    /// What the service itself needs.
    pub coordinator: CoordinatorConfig,
}

/// What the service needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoordinatorConfig {
    /// The network's dictionary.
    pub dictionary: PathBuf,
    /// The audit log.
    pub audit: PathBuf,
    /// How many years its volumes are kept; for ever when absent.
    pub audit_years: Option<Years>,
    /// How long a site may take.
    pub deadline: Duration,
    /// After how long audit logs are cosigned again.
    pub checkpoints: Duration,
    /// The auth server.
    pub auth: AuthServer,
    /// The sites with `host:port` of their computation nodes.
    pub sites: Vec<(SiteId, String)>,
}

/// A value that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A site's name is invalid.
    #[error("a site's name is invalid")]
    Name(#[from] NameError),
    /// A site stands in the file twice.
    #[error("the site {0} stands in the file twice; remove one of the two")]
    Twice(SiteId),
    /// No time, or more than a client waits.
    #[error("deadline_seconds must be 1 to 500")]
    Deadline,
    /// No time, or more than a day.
    #[error("checkpoint_seconds must be 1 to 86400")]
    Checkpoints,
}

impl File {
    /// Checks the values, and reads paths as from the folder of the configuration file `at`.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn settings(self, at: &Path) -> Result<Settings, ConfigError> {
        let Self { listen, dictionary, audit, audit_years, deadline_seconds, checkpoint_seconds, auth, tls, site } =
            self;
        let deadline = deadline_seconds.unwrap_or(DEADLINE_SECONDS);
        if !(1..=500).contains(&deadline) {
            return Err(ConfigError::Deadline);
        }
        let checkpoints = checkpoint_seconds.unwrap_or(CHECKPOINT_SECONDS);
        if !(1..=86_400).contains(&checkpoints) {
            return Err(ConfigError::Checkpoints);
        }
        let mut sites: Vec<(SiteId, String)> = Vec::new();
        for SiteEntry { id, address } in site {
            let id = SiteId::new(&id)?;
            if sites.iter().any(|(known, _)| *known == id) {
                return Err(ConfigError::Twice(id));
            }
            sites.push((id, address));
        }
        let coordinator = CoordinatorConfig {
            dictionary: beside(at, &dictionary),
            audit: beside(at, &audit),
            audit_years,
            deadline: Duration::from_secs(deadline),
            checkpoints: Duration::from_secs(checkpoints),
            auth: AuthServer::at(auth),
            sites,
        };
        Ok(Settings { listen, tls: tls.resolved(|path| beside(at, path)), coordinator })
    }
}
