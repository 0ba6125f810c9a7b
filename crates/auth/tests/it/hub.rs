//! A hub for these tests: authority, clock, auth server, and people who call it.

use std::sync::Arc;

use coda_auth::accounts::{AccountError, By, Institution, Institutions, Limits};
use coda_auth::password::Cost;
use coda_auth::post::{MailFile, MailTls};
use coda_auth::projects::ProjectRecord;
use coda_auth::{AccountsConfig, AuthConfig, Grants, OcspConfig, Ports, ServeError, Stores, TokenLife};
use coda_model::{Identity, SiteId, UserId};
use coda_pki::connect::{Timeouts, channel};
use coda_pki::tls::client_config;
use coda_pki::{Algorithm, Authority, Credentials, Now};
use coda_policy::Project;
use coda_postbox::Postbox;
use coda_runtime::{Clock as _, ManualClock, Stop};
use coda_wire::v1;
use coda_wire::v1::accounts_client::AccountsClient;
use coda_wire::v1::auth_client::AuthClient;
use tempfile::TempDir;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::transport::Channel;
use tonic::{Code, Status};

pub(crate) const START: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

/// Who has an account from the beginning, beside the master administrator.
const PEOPLE: [&str; 6] = ["sara", "nora", "ana", "bob", "eve", "pia"];

pub(crate) struct Hub {
    pub(crate) folder: TempDir,
    pub(crate) postbox: Postbox,
    pub(crate) stores: Stores,
    /// Where people without a certificate log in.
    pub(crate) open: String,
    /// Where OCSP is spoken.
    pub(crate) ocsp: String,
    pub(crate) authority: Authority,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) config: AuthConfig,
    address: String,
    stop: Stop,
    task: JoinHandle<Result<(), ServeError>>,
}

/// An auth server, and where it is.
struct Served {
    address: String,
    open: String,
    ocsp: String,
    task: JoinHandle<Result<(), ServeError>>,
}

async fn serve(config: &AuthConfig, authority: &Authority, clock: &Arc<ManualClock>, stop: &Stop) -> Served {
    let bind = async || {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        (listener.local_addr().unwrap().to_string(), listener)
    };
    let ((address, certificates), (open, listener), ocsp) = (bind().await, bind().await, bind().await);
    let ports = Ports { certificates, open: listener, ocsp: Some(ocsp.1) };
    let credentials = authority.credentials(&Identity::Auth, Algorithm::P256, Duration::days(30), START).unwrap();
    let task = tokio::spawn(coda_auth::serve(config.clone(), clock.clone(), ports, credentials, stop.clone()));
    Served { address, open, ocsp: ocsp.0, task }
}

/// A party that is connected to the auth server.
pub(crate) struct Caller {
    pub(crate) credentials: Credentials,
    channel: Channel,
}

impl Hub {
    /// An auth server with the master administrator "max"; `None` where the engine of these tests is not here.
    pub(crate) async fn start() -> Option<Self> {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut AuthConfig)) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::create(folder.path(), Algorithm::P256, START).unwrap();
        let postbox = Postbox::start().await.unwrap();
        let mut config = config(folder.path(), &postbox)?;
        change(&mut config);
        let stores = Stores::open(&config).await.unwrap();
        stores.name_master(&user("max"), START).await.unwrap();
        let clock = Arc::new(ManualClock::new(START));
        let stop = Stop::new();
        let Served { address, open, ocsp, task } = serve(&config, &authority, &clock, &stop).await;
        let hub = Self { folder, postbox, stores, open, ocsp, authority, clock, config, address, stop, task };
        for name in PEOPLE {
            hub.account(name).await;
        }
        for project in ["study", "protocol 7"] {
            hub.project(project, &["north", "south"]).await;
        }
        Some(hub)
    }

    /// Opens an account, where there is none.
    pub(crate) async fn account(&self, name: &str) {
        match self.stores.accounts.open(&user(name), None, &By::hub(self.clock.now())).await {
            Ok(_) | Err(AccountError::Exists) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens a project for two years.
    pub(crate) async fn project(&self, id: &str, sites: &[&str]) {
        let project = ProjectRecord {
            id: Project::new(id).unwrap(),
            title: "A study".to_owned(),
            approval: "A-1".to_owned(),
            sites: sites.iter().map(|site| SiteId::new(site).unwrap()).collect(),
            until: (START + Duration::days(730)).unix_timestamp(),
            closed_at: None,
        };
        self.stores.projects.open(&project, self.clock.now()).await.unwrap();
    }

    /// Another auth server with the same database and an audit log of its own; where people log in to it.
    pub(crate) async fn second(&self) -> String {
        let config = AuthConfig { audit: self.folder.path().join("second.jsonl"), ..self.config.clone() };
        serve(&config, &self.authority, &self.clock, &self.stop).await.open
    }

    pub(crate) async fn stop(self) -> TempDir {
        self.stop.now();
        self.task.await.unwrap().unwrap();
        self.folder
    }

    pub(crate) fn person(&self, name: &str) -> Caller {
        self.party(&format!("coda://user/{}", user(name)))
    }

    pub(crate) fn party(&self, identity: &str) -> Caller {
        self.party_for(identity, Duration::days(30))
    }

    pub(crate) fn party_for(&self, identity: &str, validity: Duration) -> Caller {
        let identity = Identity::parse(identity).unwrap();
        let credentials = self.authority.credentials(&identity, Algorithm::P256, validity, self.clock.now()).unwrap();
        self.with(credentials)
    }

    pub(crate) fn with(&self, credentials: Credentials) -> Caller {
        let config = self.client(&credentials);
        Caller { credentials, channel: self.calls(config) }
    }

    /// Somebody who trusts this network and shows the certificate of another.
    pub(crate) fn stranger(&self, other: &Self, identity: &str) -> Caller {
        let foreign = other.party(identity).credentials;
        let mut config = (*self.client(&self.party(identity).credentials)).clone();
        config.client_auth_cert_resolver = other.client(&foreign).client_auth_cert_resolver.clone();
        Caller { credentials: foreign, channel: self.calls(Arc::new(config)) }
    }

    fn client(&self, credentials: &Credentials) -> Arc<rustls::ClientConfig> {
        let clock = self.clock.clone();
        let now: Now = Arc::new(move || clock.now());
        client_config(credentials, Identity::Auth, now).unwrap()
    }

    fn calls(&self, config: Arc<rustls::ClientConfig>) -> Channel {
        channel(&self.address, config, Timeouts::default()).unwrap()
    }

    /// With two site administrators: "sara" administers the site north and "nora" the site south.
    pub(crate) async fn with_site_administrators() -> Option<Self> {
        let hub = Self::start().await?;
        let max = hub.person("max");
        for (name, site) in [("sara", "north"), ("nora", "south")] {
            max.grant(name, "site-administrator", site).await.unwrap();
        }
        Some(hub)
    }

    pub(crate) fn grants(&self) -> Grants {
        self.stores.grants.clone()
    }

    pub(crate) fn audit(&self) -> String {
        coda_audit::verify(&self.config.audit).unwrap();
        std::fs::read_to_string(&self.config.audit).unwrap()
    }
}

impl Caller {
    pub(crate) fn auth(&self) -> AuthClient<Channel> {
        AuthClient::new(self.channel.clone())
    }

    pub(crate) fn accounts(&self) -> AccountsClient<Channel> {
        AccountsClient::new(self.channel.clone())
    }

    pub(crate) async fn open_account(&self, name: &str) -> Result<String, Status> {
        let request = v1::OpenAccountRequest { user: user(name).to_string(), phone: String::new() };
        Ok(self.accounts().open_account(request).await?.into_inner().password)
    }

    pub(crate) async fn reset(&self, name: &str) -> Result<String, Status> {
        let request = v1::AccountName { user: user(name).to_string() };
        Ok(self.accounts().reset_password(request).await?.into_inner().password)
    }

    /// Whose accounts this person looks after.
    pub(crate) async fn accounts_of(&self) -> Vec<String> {
        let reply = self.accounts().list_accounts(v1::ListAccountsRequest {}).await.unwrap().into_inner();
        reply.accounts.into_iter().map(|account| account.user).collect()
    }

    /// Has the server read its lists anew.
    pub(crate) async fn revoked_lists(&self) {
        self.auth().list_revoked(v1::ListRevokedRequest {}).await.unwrap();
    }

    pub(crate) async fn token(&self) -> Result<v1::Signed, Status> {
        Ok(self.auth().issue_token(v1::IssueTokenRequest {}).await?.into_inner())
    }

    pub(crate) async fn grant(&self, user: &str, role: &str, site: &str) -> Result<String, Status> {
        self.grant_this(wanted(user, role, site)).await
    }

    pub(crate) async fn grant_this(&self, request: v1::GrantRequest) -> Result<String, Status> {
        Ok(self.auth().grant(request).await?.into_inner().grant.unwrap().id)
    }

    pub(crate) async fn revoke(&self, id: &str) -> Result<(), Status> {
        self.auth().revoke(v1::RevokeRequest { id: id.to_owned() }).await?;
        Ok(())
    }

    pub(crate) async fn list(&self) -> Result<Vec<v1::GrantRecord>, Status> {
        Ok(self.auth().list_grants(v1::ListGrantsRequest {}).await?.into_inner().grants)
    }

    /// Every method, in the order of the service, with the code of its answer.
    pub(crate) async fn try_all(&self) -> [Option<Code>; 4] {
        let code = |outcome: Result<(), Status>| outcome.err().map(|status| status.code());
        [
            code(self.token().await.map(drop)),
            code(self.grant("ana", "site-researcher", "north").await.map(drop)),
            code(self.revoke(&"0".repeat(32)).await),
            code(self.list().await.map(drop)),
        ]
    }
}

pub(crate) fn wanted(user: &str, role: &str, site: &str) -> v1::GrantRequest {
    let (user, role, site) = (self::user(user).to_string(), role.to_owned(), site.to_owned());
    let project = if role.ends_with("administrator") && role != "health-administrator" { "" } else { "study" };
    let (project, reason) = (project.to_owned(), "tried".to_owned());
    v1::GrantRequest { user, role, site, extra: Vec::new(), project, until: 0, reason }
}

/// A person of the hub's institution, unless the name says of which.
pub(crate) fn user(name: &str) -> UserId {
    let own = if name.contains('@') { name.to_owned() } else { format!("{name}@hub.example") };
    UserId::new(&own).unwrap()
}

pub(crate) fn config(folder: &std::path::Path, postbox: &Postbox) -> Option<AuthConfig> {
    let path = |name: &str| folder.join(name);
    let institution = |domain: &str, site: Option<&str>| Institution {
        domains: vec![domain.to_owned()],
        site: site.map(|site| SiteId::new(site).unwrap()),
        provider: None,
    };
    let institutions = vec![
        institution("hub.example", None),
        institution("north.example", Some("north")),
        institution("south.example", Some("south")),
    ];
    let accounts = AccountsConfig {
        coordinator: "coordinator.example:7402".to_owned(),
        auth: "auth.example:7401".to_owned(),
        issuing: folder.to_owned(),
        limits: Limits {
            idle: Duration::minutes(15),
            session: Duration::hours(8),
            certificate: Duration::days(90),
            password: None,
        },
        breached: None,
        institutions: Institutions::new(institutions).unwrap(),
        mail: MailFile {
            server: postbox.address().to_string(),
            from: "coda@hub.example".to_owned(),
            tls: MailTls::None,
            roots: None,
            user: None,
            password: None,
        },
        sms: None,
        cost: Cost::LEAST,
    };
    Some(AuthConfig {
        database: crate::engine::database(folder)?,
        audit: path("audit.jsonl"),
        audit_years: None,
        revoked: folder.to_owned(),
        token_life: TokenLife::default(),
        accounts,
        ocsp: Some(OcspConfig { nodes: None }),
    })
}

/// The call is refused with this code and exactly this text.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(outcome: Result<T, Status>, code: Code, text: &str) {
    let status = outcome.unwrap_err();
    assert_eq!((status.code(), status.message()), (code, text));
}
