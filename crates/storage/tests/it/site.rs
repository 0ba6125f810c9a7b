//! A site for these tests: authority, clock, builds, storage node, and parties that call it.

use std::sync::Arc;

use coda_builds::{Builds, ColumnName, Facts};
use coda_model::{BuildId, DatasetId, Identity, People, Rows, SiteId, TableId};
use coda_pki::connect::{Timeouts, channel};
use coda_pki::tls::client_config;
use coda_pki::{Algorithm, Authority, Credentials, Now, SignedList};
use coda_runtime::{Clock as _, ManualClock, Stop};
use coda_storage::{ServeError, StorageConfig};
use coda_wire::v1;
use coda_wire::v1::storage_client::StorageClient;
use tempfile::TempDir;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::transport::Channel;
use tonic::{Code, Status};

pub(crate) const START: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);
pub(crate) const OWN: &str = "coda://site/north/compute";

pub(crate) struct Site {
    pub(crate) folder: TempDir,
    pub(crate) authority: Authority,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) build: BuildId,
    address: String,
    stop: Stop,
    task: JoinHandle<Result<(), ServeError>>,
}

/// A party that calls the storage node.
pub(crate) struct Caller(StorageClient<Channel>);

impl Site {
    /// The storage node of the site north, with one build.
    pub(crate) async fn start() -> Self {
        Self::start_with("north").await
    }

    /// The same, with a build that says it is of the site `of`.
    pub(crate) async fn start_with(of: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::create(folder.path(), Algorithm::P256, START).unwrap();
        let build = publish(&Builds::create(folder.path().join("builds")).unwrap(), of);
        let clock = Arc::new(ManualClock::new(START));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let identity = Identity::Storage(SiteId::new("north").unwrap());
        let credentials = authority.credentials(&identity, Algorithm::P256, Duration::days(30), START).unwrap();
        // There is no hub here: what it would say is known.
        credentials.roots().take_lists(&SignedList::read(folder.path()).unwrap(), START).unwrap();
        let stop = Stop::new();
        let serving = coda_storage::serve(config(&folder), clock.clone(), listener, credentials, stop.clone());
        let task = tokio::spawn(serving);
        Self { folder, authority, clock, build, address, stop, task }
    }

    pub(crate) async fn stop(self) {
        self.stop.now();
        self.task.await.unwrap().unwrap();
    }

    pub(crate) fn credentials(&self, identity: &str, validity: Duration) -> Credentials {
        let identity = Identity::parse(identity).unwrap();
        self.authority.credentials(&identity, Algorithm::P256, validity, self.clock.now()).unwrap()
    }

    pub(crate) fn client(&self, credentials: &Credentials) -> Arc<rustls::ClientConfig> {
        let clock = self.clock.clone();
        let now: Now = Arc::new(move || clock.now());
        let storage = Identity::Storage(SiteId::new("north").unwrap());
        client_config(credentials, storage, now).unwrap()
    }

    pub(crate) fn party(&self, identity: &str) -> Caller {
        self.with(self.client(&self.credentials(identity, Duration::days(30))))
    }

    pub(crate) fn with(&self, config: Arc<rustls::ClientConfig>) -> Caller {
        Caller(StorageClient::new(channel(&self.address, config, Timeouts::default()).unwrap()))
    }

    /// A caller that does not speak TLS at all.
    pub(crate) async fn in_the_clear(&self) -> Result<Caller, tonic::transport::Error> {
        Ok(Caller(StorageClient::connect(format!("http://{}", self.address)).await?))
    }

    pub(crate) fn audit(&self) -> String {
        let path = self.folder.path().join("audit.jsonl");
        coda_audit::verify(&path).unwrap();
        std::fs::read_to_string(path).unwrap()
    }
}

impl Caller {
    pub(crate) async fn current(&self, dataset: &str) -> Result<v1::Build, Status> {
        let request = v1::CurrentRequest { dataset: dataset.to_owned() };
        Ok(self.0.clone().current(request).await?.into_inner())
    }

    /// The chunks of a column.
    pub(crate) async fn column(&self, build: &str, table: &str, column: &str) -> Result<Vec<Vec<u8>>, Status> {
        let (build, table, column) = (build.to_owned(), table.to_owned(), column.to_owned());
        let mut stream = self.0.clone().column(v1::ColumnRequest { build, table, column }).await?.into_inner();
        let mut chunks = Vec::new();
        while let Some(chunk) = stream.message().await? {
            chunks.push(chunk.bytes);
        }
        Ok(chunks)
    }

    /// Every method, in the order of the service, with the code of its answer.
    pub(crate) async fn try_all(&self, site: &Site) -> [Option<Code>; 2] {
        let code = |outcome: Result<(), Status>| outcome.err().map(|status| status.code());
        [
            code(self.current("covid").await.map(drop)),
            code(self.column(site.build.as_str(), "stays", "_person").await.map(drop)),
        ]
    }
}

pub(crate) fn config(folder: &TempDir) -> StorageConfig {
    let path = |name: &str| folder.path().join(name);
    let (site, auth) = (SiteId::new("north").unwrap(), coda_service::AuthServer::at("127.0.0.1:1"));
    StorageConfig { site, builds: path("builds"), audit: path("audit.jsonl"), audit_years: None, auth }
}

/// Bytes of no particular meaning: the storage node does not look into a column.
pub(crate) fn large() -> Vec<u8> {
    (0..coda_storage::CHUNK * 2 + 17).map(|number| (number % 251) as u8).collect()
}

fn publish(builds: &Builds, site: &str) -> BuildId {
    let table = TableId::new("stays").unwrap();
    let mut draft = builds.begin().unwrap();
    draft.table(&table, Rows(3), Rows(0)).unwrap();
    draft.column(&table, &ColumnName::Person, b"person codes").unwrap();
    draft.column(&table, &ColumnName::Keys, b"person keys").unwrap();
    draft.column(&table, &ColumnName::parse("age").unwrap(), &large()).unwrap();
    let facts = Facts {
        site: SiteId::new(site).unwrap(),
        dataset: DatasetId::new("covid").unwrap(),
        dictionary_version: "1.2.0".into(),
        dictionary_digest: coda_builds::sha256(b"dictionary"),
        mapping_digest: None,
        made: "2026-11-22T12:00:00Z".into(),
        people: People(3),
    };
    draft.publish(&facts).unwrap()
}
