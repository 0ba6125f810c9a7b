//! The storage node's configuration file, and what it means.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use coda_audit::Years;
use coda_model::{NameError, SiteId};
use coda_pki::Files;
use coda_runtime::config::beside;
use coda_service::AuthServer;
use serde::Deserialize;

/// The file as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Address and port to serve on.
    pub listen: SocketAddr,
    /// The site's name.
    pub site: String,
    /// The folder of builds.
    pub builds: PathBuf,
    /// The audit log.
    pub audit: PathBuf,
    /// How many years its volumes are kept; for ever when absent.
    pub audit_years: Option<Years>,
    /// `host:port` of the hub's auth server, which says which certificates were revoked.
    pub auth: String,
    /// Certificate, key and trust anchors.
    pub tls: Files,
}

/// The file as it is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Address and port to serve on.
    pub listen: SocketAddr,
    /// Certificate, key and trust anchors.
    pub tls: Files,
    /// What the service itself needs.
    pub storage: StorageConfig,
}

/// What the service needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageConfig {
    /// Whose data this is, and whose computation node is served.
    pub site: SiteId,
    /// The folder of builds.
    pub builds: PathBuf,
    /// The audit log.
    pub audit: PathBuf,
    /// How many years its volumes are kept; for ever when absent.
    pub audit_years: Option<Years>,
    /// The hub's auth server.
    pub auth: AuthServer,
}

impl File {
    /// Checks the values, and reads paths as from the folder of the configuration file `at`.
    ///
    /// # Errors
    /// [`NameError`] when `site` is no name of a site.
    pub fn settings(self, at: &Path) -> Result<Settings, NameError> {
        let Self { listen, site, builds, audit, audit_years, auth, tls } = self;
        let site = SiteId::new(&site)?;
        let storage = StorageConfig {
            site,
            builds: beside(at, &builds),
            audit: beside(at, &audit),
            audit_years,
            auth: AuthServer::at(auth),
        };
        Ok(Settings { listen, tls: tls.resolved(|path| beside(at, path)), storage })
    }
}
