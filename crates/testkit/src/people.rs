//! The people of such a network: administrators, and researchers as they are wanted.

use std::path::PathBuf;

use coda_client::NewGrant;
use coda_model::{Identity, SiteId, UserId};

use crate::{Network, NetworkError};

/// The master administrator.
pub(crate) fn master() -> Result<UserId, NetworkError> {
    Ok(UserId::new("master@hub.example")?)
}

/// The administrator of a site.
fn administrator(site: &SiteId) -> Result<UserId, NetworkError> {
    Ok(UserId::new(&format!("administrator@{site}.example"))?)
}

/// The master administrator names an administrator for each site.
pub(crate) async fn name_administrators(network: &Network) -> Result<(), NetworkError> {
    let hub = network.hub(&master()?)?;
    for site in network.nodes.keys() {
        let grant = NewGrant {
            user: administrator(site)?.to_string(),
            role: "site-administrator".to_owned(),
            site: site.to_string(),
            ..NewGrant::default()
        };
        hub.grant(grant).await?;
    }
    Ok(())
}

impl Network {
    /// Gives a person the role of a researcher who may ask basic queries, at these sites, each granted by its own
    /// administrator.
    ///
    /// # Errors
    /// [`NetworkError`].
    pub async fn name_researcher(&self, user: &UserId, sites: &[SiteId]) -> Result<(), NetworkError> {
        for site in sites {
            let grant = NewGrant {
                user: user.to_string(),
                role: "site-researcher".to_owned(),
                site: site.to_string(),
                extra: vec!["basic-queries".to_owned()],
                ..NewGrant::default()
            };
            self.hub(&administrator(site)?)?.grant(grant).await?;
        }
        Ok(())
    }

    /// Writes a configuration for `coda` with a key and a certificate for this person; returns its path.
    ///
    /// # Errors
    /// [`NetworkError`].
    pub fn write_client(&self, user: &UserId) -> Result<PathBuf, NetworkError> {
        let folder = self.folder.join("people").join(user.as_str());
        let write = |path: &PathBuf, error| NetworkError::Write(path.clone(), error);
        std::fs::create_dir_all(&folder).map_err(|e| write(&folder, e))?;
        let credentials = self.credentials(&Identity::User(user.clone()))?;
        credentials.save(&folder.join("chain.pem"), &folder.join("key.pem"), &folder.join("roots.pem"))?;
        let path = folder.join("config.toml");
        let text = format!(
            "coordinator = \"{}\"\nauth = \"{}\"\n\n[tls]\nchain = \"chain.pem\"\nkey = \"key.pem\"\nroots = \"roots.pem\"\n",
            self.coordinator, self.auth
        );
        std::fs::write(&path, text).map_err(|e| write(&path, e))?;
        Ok(path)
    }
}
