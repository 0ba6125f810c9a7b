//! Starting, reaching and stopping a network.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use coda_auth::{AuthConfig, DatabaseAt, Ports, Stores, config::TokenLife};
use coda_coordinator::CoordinatorConfig;
use coda_ingest::Report;
use coda_model::{
    DatasetId, Identity, SiteId, UserId,
    dictionary::{Dictionary, DictionaryError},
};
use coda_pki::{Algorithm, Authority, Credentials, Now};
use coda_postbox::Postbox;
use coda_runtime::{Clock, Stop, SystemClock};
use coda_service::AuthServer;

use crate::{
    people,
    site::{SiteOptions, Start, listening, spawn},
};

/// The folder of the authority, which has the revocation lists too.
const AUTHORITY: &str = "authority";
/// How long the certificates of such a network are good, in days.
const VALID_DAYS: i64 = 30;

/// The auth server, asked often, so that a test sees what is revoked; what it said stays good however far a test moves its clock.
pub(crate) fn auth_server(address: SocketAddr) -> AuthServer {
    let (every, at_most) = (Duration::from_millis(100), time::Duration::days(VALID_DAYS));
    AuthServer { address: address.to_string(), every, at_most }
}

/// A network to be started.
pub struct Options {
    /// Where everything is kept. Must exist.
    pub folder: PathBuf,
    /// The dictionary (TOML).
    pub dictionary: String,
    /// The sites.
    pub sites: Vec<SiteOptions>,
    /// How long a site may take.
    pub deadline: Duration,
    /// After how long audit logs are cosigned again.
    pub checkpoints: Duration,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Options {
    /// Without sites, by the system's clock, with a minute for each site.
    pub fn new(folder: impl Into<PathBuf>, dictionary: impl Into<String>) -> Self {
        Self {
            folder: folder.into(),
            dictionary: dictionary.into(),
            sites: Vec::new(),
            deadline: Duration::from_mins(1),
            checkpoints: Duration::from_mins(1),
            clock: Arc::new(SystemClock),
        }
    }

    /// With one site more.
    #[must_use]
    pub fn site(mut self, site: SiteOptions) -> Self {
        self.sites.push(site);
        self
    }
}

/// Why a network does not start.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// A file cannot be written.
    #[error("cannot write {}", .0.display())]
    Write(PathBuf, #[source] std::io::Error),
    /// The dictionary is wrong.
    #[error("the dictionary is wrong")]
    Dictionary(#[from] DictionaryError),
    /// The authority.
    #[error("the authority cannot be made")]
    Authority(#[from] coda_pki::AuthorityError),
    /// Credentials cannot be written.
    #[error("credentials cannot be written")]
    Credentials(#[from] coda_pki::CredentialsError),
    /// The folder of builds.
    #[error("the folder of builds cannot be made")]
    Builds(#[source] coda_builds::BuildsError),
    /// A site's data are refused.
    #[error("the data of {0} are refused")]
    Ingest(SiteId, #[source] Box<coda_ingest::IngestError>),
    /// A port.
    #[error("no port")]
    Listen(#[source] coda_runtime::listen::ListenError),
    /// A port's address.
    #[error("a port without an address")]
    Address(#[source] std::io::Error),
    /// The first administrator.
    #[error("the first administrator cannot be named")]
    Master(#[source] coda_auth::ServeError),
    /// The hub cannot be reached.
    #[error("the hub does not answer")]
    Hub(#[from] coda_client::ClientError),
    /// The mail server.
    #[error("the mail server does not start")]
    Postbox(#[source] std::io::Error),
    /// An account.
    #[error("an account cannot be opened")]
    Account(#[from] coda_auth::accounts::AccountError),
    /// The project.
    #[error("the project cannot be opened")]
    Project(#[from] coda_auth::projects::ProjectsError),
    /// A domain.
    #[error("the domain of a site is not valid")]
    Domain(#[from] coda_auth::accounts::DomainError),
    /// A name is not valid.
    #[error("a name is not valid")]
    Name(#[from] coda_model::NameError),
}

/// A running network.
pub struct Network {
    pub(crate) folder: PathBuf,
    pub(crate) authority: Authority,
    pub(crate) clock: Arc<dyn Clock>,
    /// Where the coordinator is.
    pub coordinator: SocketAddr,
    /// Where the auth server is.
    pub auth: SocketAddr,
    /// Where people without a certificate log in.
    pub log_in: SocketAddr,
    /// Where their codes arrive.
    pub postbox: Postbox,
    /// The first password of the master administrator.
    pub first_password: String,
    pub(crate) hub: Stores,
    /// Where each site's computation node is, and its storage node where it has one.
    pub nodes: BTreeMap<SiteId, (SocketAddr, Option<SocketAddr>)>,
    /// What was built at each site.
    pub reports: Vec<(SiteId, DatasetId, Report)>,
    stops: BTreeMap<SiteId, Stop>,
    stop: Stop,
}

impl Network {
    /// Starts hub and sites, names a master administrator and an administrator for each site.
    ///
    /// # Errors
    /// [`NetworkError`].
    pub async fn start(options: Options) -> Result<Self, NetworkError> {
        let Options { folder, dictionary: text, sites, deadline, checkpoints, clock } = options;
        let dictionary = Dictionary::parse(&text)?;
        let dictionary_path = folder.join("dictionary.toml");
        std::fs::write(&dictionary_path, &text).map_err(|e| NetworkError::Write(dictionary_path.clone(), e))?;
        let authority = Authority::create(&folder.join(AUTHORITY), Algorithm::P256, clock.now())?;
        let credentials = |identity: &Identity| {
            let validity = time::Duration::days(VALID_DAYS);
            Ok(authority.credentials(identity, Algorithm::P256, validity, clock.now())?)
        };
        let stop = Stop::new();

        let (certificates, auth) = listening().await?;
        let (open, log_in) = listening().await?;
        let (listener, coordinator) = listening().await?;
        let postbox = Postbox::start().await.map_err(NetworkError::Postbox)?;
        let config = AuthConfig {
            database: DatabaseAt::File(folder.join("auth.db")),
            audit: folder.join("auth-audit.jsonl"),
            audit_years: None,
            revoked: folder.join(AUTHORITY),
            token_life: TokenLife::default(),
            ocsp: None,
            accounts: people::accounts(&folder.join(AUTHORITY), &postbox, coordinator, auth, &sites)?,
        };
        let hub = Stores::open(&config).await.map_err(NetworkError::Master)?;
        let first = hub.name_master(&people::master()?, clock.now()).await.map_err(NetworkError::Master)?;
        let (own, at, until) = (credentials(&Identity::Auth)?, clock.clone(), stop.clone());
        let ports = Ports { certificates, open, ocsp: None };
        spawn("auth", async move { coda_auth::serve(config, at, ports, own, until).await });

        let (mut nodes, mut stops, mut reports) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let order: Vec<SiteId> = sites.iter().map(|site| site.id.clone()).collect();
        for site in sites {
            let (id, own) = (site.id.clone(), stop.child());
            let start = Start {
                folder: &folder,
                dictionary_path: &dictionary_path,
                dictionary_text: &text,
                dictionary: &dictionary,
                clock: clock.clone(),
                stop: own.clone(),
                credentials: &credentials,
                auth,
            };
            let started = site.start(start).await?;
            reports.extend(started.reports.into_iter().map(|(dataset, report)| (id.clone(), dataset, report)));
            nodes.insert(id.clone(), (started.compute, started.storage));
            stops.insert(id, own);
        }

        let address = |site: SiteId| nodes.get(&site).map(|(compute, _)| (site.clone(), compute.to_string()));
        let config = CoordinatorConfig {
            dictionary: dictionary_path,
            audit: folder.join("coordinator-audit.jsonl"),
            audit_years: None,
            deadline,
            checkpoints,
            auth: auth_server(auth),
            sites: order.into_iter().filter_map(address).collect(),
        };
        let (own, at, until) = (credentials(&Identity::Coordinator)?, clock.clone(), stop.clone());
        spawn("coordinator", async move { coda_coordinator::serve(config, at, listener, own, until).await });

        let first_password = first.unwrap_or_default();
        let network = Self {
            folder,
            authority,
            clock,
            coordinator,
            auth,
            log_in,
            postbox,
            first_password,
            hub,
            nodes,
            reports,
            stops,
            stop,
        };
        people::open_project(&network).await?;
        people::name_administrators(&network).await?;
        Ok(network)
    }

    /// The folder everything is kept in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// SHA-256 of the network's root in hexadecimal, as people are told it.
    pub fn fingerprint(&self) -> String {
        let root = self.authority.roots().certificates().first();
        root.map(|root| hex::encode(coda_pki::sha256(root))).unwrap_or_default()
    }

    /// The network's authority, to issue what a test wants to show refused.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The network's time, for TLS.
    pub fn now(&self) -> Now {
        let clock = self.clock.clone();
        Arc::new(move || clock.now())
    }

    /// Credentials for anybody.
    ///
    /// # Errors
    /// [`NetworkError::Authority`].
    pub fn credentials(&self, identity: &Identity) -> Result<Credentials, NetworkError> {
        let validity = time::Duration::days(VALID_DAYS);
        Ok(self.authority.credentials(identity, Algorithm::P256, validity, self.clock.now())?)
    }

    /// The hub as this person sees it.
    ///
    /// # Errors
    /// [`NetworkError`].
    pub fn hub(&self, user: &UserId) -> Result<coda_client::Hub, NetworkError> {
        let settings =
            coda_client::HubSettings { coordinator: self.coordinator.to_string(), auth: self.auth.to_string() };
        let credentials = self.credentials(&Identity::User(user.clone()))?;
        Ok(coda_client::Hub::new(&settings, credentials, self.now())?)
    }

    /// Stops the nodes of a site.
    pub fn stop_site(&self, site: &SiteId) {
        if let Some(stop) = self.stops.get(site) {
            stop.now();
        }
    }

    /// Stops everything.
    pub fn stop(&self) {
        self.stop.now();
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.stop.now();
    }
}
