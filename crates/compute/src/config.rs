//! The computation node's configuration file, and what it means.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

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
    /// `host:port` of the site's storage node.
    pub storage: String,
    /// The network's dictionary.
    pub dictionary: PathBuf,
    /// The site's own policy; the network's values when absent.
    pub policy: Option<PathBuf>,
    /// The audit log.
    pub audit: PathBuf,
    /// How many years its volumes are kept; for ever when absent.
    pub audit_years: Option<Years>,
    /// The ledger; its key and the perturbation key are kept beside it.
    pub ledger: PathBuf,
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
    pub compute: ComputeConfig,
}

/// What the service needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComputeConfig {
    /// Whose data this is.
    pub site: SiteId,
    /// `host:port` of the site's storage node.
    pub storage: String,
    /// The network's dictionary.
    pub dictionary: PathBuf,
    /// The site's own policy.
    pub policy: Option<PathBuf>,
    /// The audit log.
    pub audit: PathBuf,
    /// How many years its volumes are kept; for ever when absent.
    pub audit_years: Option<Years>,
    /// The ledger.
    pub ledger: PathBuf,
    /// The hub's auth server.
    pub auth: AuthServer,
}

impl File {
    /// Checks the values, and reads paths as from the folder of the configuration file `at`.
    ///
    /// # Errors
    /// [`NameError`] when `site` is no name of a site.
    pub fn settings(self, at: &Path) -> Result<Settings, NameError> {
        let Self { listen, site, storage, dictionary, policy, audit, audit_years, ledger, auth, tls } = self;
        let compute = ComputeConfig {
            site: SiteId::new(&site)?,
            storage,
            dictionary: beside(at, &dictionary),
            policy: policy.map(|policy| beside(at, &policy)),
            audit: beside(at, &audit),
            audit_years,
            ledger: beside(at, &ledger),
            auth: AuthServer::at(auth),
        };
        Ok(Settings { listen, tls: tls.resolved(|path| beside(at, path)), compute })
    }
}
