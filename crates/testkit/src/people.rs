//! The people of such a network: administrators, and researchers as they are wanted.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use coda_auth::{
    AccountsConfig,
    accounts::{AccountError, By, Institution, Institutions, Limits},
    password::Cost,
    post::{MailFile, MailTls},
    projects::ProjectRecord,
};
use coda_client::NewGrant;
use coda_model::{Identity, SiteId, UserId};
use coda_policy::Project;
use coda_postbox::Postbox;
use time::Duration;

use crate::{Network, NetworkError, site::SiteOptions};

/// The approved project of such a network.
pub const PROJECT: &str = "study";

/// The master administrator.
pub(crate) fn master() -> Result<UserId, NetworkError> {
    Ok(UserId::new("master@hub.example")?)
}

/// The administrator of a site.
///
/// # Errors
/// [`NetworkError::Name`].
pub fn administrator(site: &SiteId) -> Result<UserId, NetworkError> {
    person("administrator", site)
}

/// Somebody at a site.
///
/// # Errors
/// [`NetworkError::Name`].
pub fn person(name: &str, site: &SiteId) -> Result<UserId, NetworkError> {
    Ok(UserId::new(&format!("{name}@{}", domain(site)))?)
}

/// A site's name may have an underscore, which a domain has not.
fn domain(site: &SiteId) -> String {
    let label = site.as_str().replace('_', "-");
    format!("{}.example", label.trim_end_matches('-'))
}

/// Accounts of people at the hub, and at each site by its name as domain.
pub(crate) fn accounts(
    issuing: &Path,
    postbox: &Postbox,
    coordinator: SocketAddr,
    auth: SocketAddr,
    sites: &[SiteOptions],
) -> Result<AccountsConfig, NetworkError> {
    let of_site = |site: &SiteOptions| Institution {
        domains: vec![domain(&site.id)],
        site: Some(site.id.clone()),
        provider: None,
    };
    let mut institutions: Vec<_> = sites.iter().map(of_site).collect();
    // Whoever asks in a test need not be of a site.
    let others = ["hub.example", "north.example", "south.example"].map(str::to_owned).into_iter();
    let others = others.filter(|other| institutions.iter().all(|known| !known.domains.contains(other))).collect();
    institutions.push(Institution { domains: others, site: None, provider: None });
    Ok(AccountsConfig {
        coordinator: coordinator.to_string(),
        auth: auth.to_string(),
        issuing: issuing.to_owned(),
        limits: Limits {
            idle: Duration::minutes(15),
            session: Duration::hours(8),
            certificate: Duration::days(30),
            password: None,
        },
        breached: None,
        institutions: Institutions::new(institutions)?,
        mail: MailFile {
            server: postbox.address().to_string(),
            from: "coda@hub.example".to_owned(),
            tls: MailTls::None,
            roots: None,
            user: None,
            password: None,
        },
        sms: None,
        // Nobody's data hang on these passwords.
        cost: Cost::LEAST,
    })
}

/// Opens the project of the network for all of its sites, for ten years.
pub(crate) async fn open_project(network: &Network) -> Result<(), NetworkError> {
    let now = network.clock.now();
    // A name that is valid, in words of this file.
    let Ok(id) = Project::new(PROJECT) else { return Ok(()) };
    let project = ProjectRecord {
        id,
        title: "The study of this network".to_owned(),
        approval: "A-1".to_owned(),
        sites: network.nodes.keys().cloned().collect(),
        until: (now + Duration::days(3_650)).unix_timestamp(),
        closed_at: None,
    };
    Ok(network.hub.projects.open(&project, now).await?)
}

/// The master administrator names an administrator for each site.
pub(crate) async fn name_administrators(network: &Network) -> Result<(), NetworkError> {
    let hub = network.hub(&master()?)?;
    for site in network.nodes.keys() {
        network.open_account(&administrator(site)?).await?;
        let grant = NewGrant {
            user: administrator(site)?.to_string(),
            role: "site-administrator".to_owned(),
            site: site.to_string(),
            reason: "set-up".to_owned(),
            ..NewGrant::default()
        };
        hub.grant(grant).await?;
    }
    Ok(())
}

impl Network {
    /// Opens an account, where there is none.
    ///
    /// # Errors
    /// [`NetworkError::Account`].
    pub async fn open_account(&self, user: &UserId) -> Result<(), NetworkError> {
        match self.hub.accounts.open(user, None, &By::hub(self.clock.now())).await {
            Ok(_) | Err(AccountError::Exists) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives a person the role of a researcher who may ask basic queries, at these sites, each granted by its own
    /// administrator.
    ///
    /// # Errors
    /// [`NetworkError`].
    pub async fn name_researcher(&self, user: &UserId, sites: &[SiteId]) -> Result<(), NetworkError> {
        self.open_account(user).await?;
        for site in sites {
            let grant = NewGrant {
                user: user.to_string(),
                role: "site-researcher".to_owned(),
                site: site.to_string(),
                extra: vec!["basic-queries".to_owned()],
                project: PROJECT.to_owned(),
                reason: "asks in this network".to_owned(),
                ..NewGrant::default()
            };
            self.hub(&administrator(site)?)?.grant(grant).await?;
        }
        Ok(())
    }

    /// Writes a configuration for `coda` with a key and a certificate for this person, where there is none; returns its path.
    ///
    /// # Errors
    /// [`NetworkError`].
    pub fn write_client(&self, user: &UserId) -> Result<PathBuf, NetworkError> {
        let folder = self.folder.join("people").join(user.as_str());
        let path = folder.join("config.toml");
        if path.exists() {
            return Ok(path);
        }
        let write = |path: &PathBuf, error| NetworkError::Write(path.clone(), error);
        std::fs::create_dir_all(&folder).map_err(|e| write(&folder, e))?;
        let credentials = self.credentials(&Identity::User(user.clone()))?;
        credentials.save(&folder.join("chain.pem"), &folder.join("key.pem"), &folder.join("roots.pem"))?;
        let text = format!(
            "coordinator = \"{}\"\nauth = \"{}\"\n\n[tls]\nchain = \"chain.pem\"\nkey = \"key.pem\"\nroots = \"roots.pem\"\n",
            self.coordinator, self.auth
        );
        std::fs::write(&path, text).map_err(|e| write(&path, e))?;
        Ok(path)
    }
}
