//! A hub for these tests: authority, clock, auth server, and people who call it.

use std::path::PathBuf;
use std::sync::Arc;

use coda_auth::{AuthConfig, Grants, ServeError, TokenLife};
use coda_model::{Identity, UserId};
use coda_pki::connect::{Timeouts, channel};
use coda_pki::tls::client_config;
use coda_pki::{Algorithm, Authority, Credentials, Now};
use coda_runtime::{Clock as _, ManualClock, Stop};
use coda_wire::v1;
use coda_wire::v1::auth_client::AuthClient;
use tempfile::TempDir;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::transport::Channel;
use tonic::{Code, Status};

pub(crate) const START: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

pub(crate) struct Hub {
    pub(crate) folder: TempDir,
    pub(crate) authority: Authority,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) config: AuthConfig,
    address: String,
    stop: Stop,
    task: JoinHandle<Result<(), ServeError>>,
}

/// A party that is connected to the auth server.
pub(crate) struct Caller {
    pub(crate) credentials: Credentials,
    client: AuthClient<Channel>,
}

impl Hub {
    /// An auth server with the master administrator "max".
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::create(folder.path(), Algorithm::P256, START).unwrap();
        let path = |name: &str| folder.path().join(name);
        let config = AuthConfig {
            database: path("grants.sqlite"),
            audit: path("audit.jsonl"),
            revoked: folder.path().to_owned(),
            token_life: TokenLife::default(),
        };
        coda_auth::name_master(&config, &user("max"), START).await.unwrap();
        let clock = Arc::new(ManualClock::new(START));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let credentials = authority.credentials(&Identity::Auth, Algorithm::P256, Duration::days(30), START).unwrap();
        let stop = Stop::new();
        let task = tokio::spawn(coda_auth::serve(config.clone(), clock.clone(), listener, credentials, stop.clone()));
        Self { folder, authority, clock, config, address, stop, task }
    }

    pub(crate) async fn stop(self) -> TempDir {
        self.stop.now();
        self.task.await.unwrap().unwrap();
        self.folder
    }

    pub(crate) fn person(&self, name: &str) -> Caller {
        self.party(&format!("coda://user/{name}"))
    }

    pub(crate) fn party(&self, identity: &str) -> Caller {
        self.party_for(identity, Duration::days(30))
    }

    pub(crate) fn party_for(&self, identity: &str, validity: Duration) -> Caller {
        let identity = Identity::parse(identity).unwrap();
        let credentials = self.authority.credentials(&identity, Algorithm::P256, validity, self.clock.now()).unwrap();
        self.with(credentials)
    }

    fn with(&self, credentials: Credentials) -> Caller {
        let config = self.client(&credentials);
        Caller { credentials, client: self.calls(config) }
    }

    /// Somebody who trusts this network and shows the certificate of another.
    pub(crate) fn stranger(&self, other: &Self, identity: &str) -> Caller {
        let foreign = other.party(identity).credentials;
        let mut config = (*self.client(&self.party(identity).credentials)).clone();
        config.client_auth_cert_resolver = other.client(&foreign).client_auth_cert_resolver.clone();
        Caller { credentials: foreign, client: self.calls(Arc::new(config)) }
    }

    fn client(&self, credentials: &Credentials) -> Arc<rustls::ClientConfig> {
        let clock = self.clock.clone();
        let now: Now = Arc::new(move || clock.now());
        client_config(credentials, Identity::Auth, now).unwrap()
    }

    fn calls(&self, config: Arc<rustls::ClientConfig>) -> AuthClient<Channel> {
        AuthClient::new(channel(&self.address, config, Timeouts::default()).unwrap())
    }

    /// With two site administrators: "sara" administers the site north and "nora" the site south.
    pub(crate) async fn with_site_administrators() -> Self {
        let hub = Self::start().await;
        let max = hub.person("max");
        for (name, site) in [("sara", "north"), ("nora", "south")] {
            max.grant(name, "site-administrator", site).await.unwrap();
        }
        hub
    }

    pub(crate) async fn grants(&self) -> Grants {
        let audit = coda_audit::AuditLog::open(&self.config.audit).unwrap();
        Grants::open(&self.config.database, Arc::new(audit)).await.unwrap()
    }

    pub(crate) fn audit(&self) -> String {
        coda_audit::verify(&self.config.audit).unwrap();
        std::fs::read_to_string(&self.config.audit).unwrap()
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.config.database.clone()
    }
}

impl Caller {
    pub(crate) async fn token(&self) -> Result<v1::Signed, Status> {
        Ok(self.client.clone().issue_token(v1::IssueTokenRequest {}).await?.into_inner())
    }

    pub(crate) async fn grant(&self, user: &str, role: &str, site: &str) -> Result<String, Status> {
        self.grant_this(wanted(user, role, site)).await
    }

    pub(crate) async fn grant_this(&self, request: v1::GrantRequest) -> Result<String, Status> {
        Ok(self.client.clone().grant(request).await?.into_inner().id)
    }

    pub(crate) async fn revoke(&self, id: &str) -> Result<(), Status> {
        self.client.clone().revoke(v1::RevokeRequest { id: id.to_owned() }).await?;
        Ok(())
    }

    pub(crate) async fn list(&self) -> Result<Vec<v1::GrantRecord>, Status> {
        Ok(self.client.clone().list_grants(v1::ListGrantsRequest {}).await?.into_inner().grants)
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
    let (user, role, site) = (user.to_owned(), role.to_owned(), site.to_owned());
    v1::GrantRequest { user, role, site, extra: Vec::new(), project: String::new(), until: 0 }
}

pub(crate) fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

/// The call is refused with this code and exactly this text.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(outcome: Result<T, Status>, code: Code, text: &str) {
    let status = outcome.unwrap_err();
    assert_eq!((status.code(), status.message()), (code, text));
}
