//! One site of the network: its build, its storage node, its computation node.

use std::{net::SocketAddr, path::Path, sync::Arc};

use coda_builds::Builds;
use coda_compute::ComputeConfig;
use coda_ingest::{Report, Source};
use coda_model::{DatasetId, Identity, SiteId, dictionary::Dictionary};
use coda_pki::{
    Credentials, Now,
    serve::{Limits, serve},
};
use coda_runtime::{Clock, Stop, listen};
use coda_storage::StorageConfig;
use coda_wire::v1::{
    self,
    compute_server::{Compute, ComputeServer},
};
use prost::Message as _;
use tonic::{Request, Response, Status, service::Routes};

use crate::{
    NetworkError,
    network::auth_server,
    rebuild::{Publish, write_tables},
};

/// A site to be started.
pub struct SiteOptions {
    /// Its name.
    pub id: SiteId,
    /// What it answers with.
    pub data: SiteData,
    /// Its policy file; the network's values when absent.
    pub policy: Option<String>,
}

/// What a site answers with.
pub enum SiteData {
    /// CSV or Parquet files: a file, or a folder with a file for each table.
    Files(Source),
    /// CSV text for each table, by name.
    Tables(Vec<(String, String)>),
    /// A responder in the place of the computation node, to play a site that is not honest.
    Played(Arc<dyn Responder>),
}

/// Answers in the place of a computation node.
pub trait Responder: Send + Sync + 'static {
    /// The answer to a request.
    ///
    /// # Errors
    /// Whatever the part demands.
    fn answer(&self, site: &SiteId, request: v1::Request) -> Result<Part, Status>;
}

/// What a played site signs and says. A receipt without a digest of the release gets the right one.
pub struct Part {
    /// What it signs.
    pub receipt: v1::Receipt,
    /// What it lets out.
    pub frames: v1::SiteFrames,
    /// Bytes after that.
    pub after: Vec<u8>,
}

impl Part {
    /// Signed by whoever plays the site.
    #[allow(clippy::missing_panics_doc, clippy::unwrap_used, reason = "for tests; a new key signs")]
    pub fn signed(self, by: &Credentials) -> v1::SiteAnswer {
        let Self { mut receipt, frames, after } = self;
        let release = [frames.encode_to_vec(), after].concat();
        if receipt.release.is_empty() {
            receipt.release = coda_pki::sha256(&release).to_vec();
        }
        let content = receipt.encode_to_vec();
        let signature = by.key().sign(&content).unwrap();
        let receipt = Some(coda_wire::token::signed(content, signature, by.chain()));
        v1::SiteAnswer { receipt, release, padding: Vec::new() }
    }
}

/// What a site is started with.
pub(crate) struct Start<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) dictionary_path: &'a Path,
    pub(crate) dictionary_text: &'a str,
    pub(crate) dictionary: &'a Dictionary,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) stop: Stop,
    pub(crate) credentials: &'a dyn Fn(&Identity) -> Result<Credentials, NetworkError>,
    pub(crate) auth: SocketAddr,
}

/// Where a started site is, and what was built.
pub(crate) struct Started {
    pub(crate) compute: SocketAddr,
    pub(crate) storage: Option<SocketAddr>,
    pub(crate) reports: Vec<(DatasetId, Report)>,
}

impl SiteOptions {
    /// A site with the network's policy.
    pub fn new(id: SiteId, data: SiteData) -> Self {
        Self { id, data, policy: None }
    }

    pub(crate) async fn start(self, start: Start<'_>) -> Result<Started, NetworkError> {
        let folder = start.folder.join("sites").join(self.id.as_str());
        let builds = Builds::create(folder.join("builds")).map_err(NetworkError::Builds)?;
        let source = match self.data {
            SiteData::Played(responder) => return played(self.id, responder, &start).await,
            SiteData::Files(source) => source,
            SiteData::Tables(tables) => write_tables(&folder, tables)?,
        };
        let publish = Publish {
            folder: &folder,
            site: &self.id,
            source: &source,
            dictionary_text: start.dictionary_text,
            dictionary: start.dictionary,
            made: start.clock.now(),
        };
        let reports = publish.all()?;
        let policy = match self.policy {
            None => None,
            Some(text) => {
                let path = folder.join("policy.toml");
                std::fs::write(&path, text).map_err(|e| NetworkError::Write(path.clone(), e))?;
                Some(path)
            }
        };

        let (listener, storage) = listening().await?;
        let config = StorageConfig {
            site: self.id.clone(),
            builds: builds.folder().to_owned(),
            audit: folder.join("storage-audit.jsonl"),
            audit_years: None,
            auth: auth_server(start.auth),
        };
        let credentials = (start.credentials)(&Identity::Storage(self.id.clone()))?;
        let (clock, stop) = (start.clock.clone(), start.stop.clone());
        spawn("storage", async move { coda_storage::serve(config, clock, listener, credentials, stop).await });

        let (listener, compute) = listening().await?;
        let config = ComputeConfig {
            site: self.id.clone(),
            storage: storage.to_string(),
            dictionary: start.dictionary_path.to_owned(),
            policy,
            audit: folder.join("compute-audit.jsonl"),
            audit_years: None,
            ledger: folder.join("ledger.db"),
            auth: auth_server(start.auth),
        };
        let credentials = (start.credentials)(&Identity::Compute(self.id))?;
        let (clock, stop) = (start.clock, start.stop);
        spawn("compute", async move { coda_compute::serve(config, clock, listener, credentials, stop).await });
        Ok(Started { compute, storage: Some(storage), reports })
    }
}

/// A port of the system's choice on loopback.
pub(crate) async fn listening() -> Result<(tokio::net::TcpListener, SocketAddr), NetworkError> {
    let listener = listen::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.map_err(NetworkError::Listen)?;
    let address = listener.local_addr().map_err(NetworkError::Address)?;
    Ok((listener, address))
}

/// Runs a service; one that ends with an error says so in the log.
pub(crate) fn spawn<E: std::error::Error + Send>(
    name: &'static str,
    service: impl Future<Output = Result<(), E>> + Send + 'static,
) {
    tokio::spawn(async move {
        if let Err(error) = service.await {
            tracing::error!(name, %error, "a service ended");
        }
    });
}

struct Player {
    site: SiteId,
    credentials: Credentials,
    responder: Arc<dyn Responder>,
}

#[tonic::async_trait]
impl Compute for Player {
    async fn answer(&self, request: Request<v1::Request>) -> Result<Response<v1::SiteAnswer>, Status> {
        let (site, responder, request) = (self.site.clone(), self.responder.clone(), request.into_inner());
        // A part may sleep; it must not hold the executor up.
        tokio::task::spawn_blocking(move || responder.answer(&site, request))
            .await
            .map_err(|_| Status::internal("the part ended badly"))?
            .map(|part| Response::new(part.signed(&self.credentials)))
    }
}

async fn played(site: SiteId, responder: Arc<dyn Responder>, start: &Start<'_>) -> Result<Started, NetworkError> {
    let (listener, compute) = listening().await?;
    let credentials = (start.credentials)(&Identity::Compute(site.clone()))?;
    let clock = start.clock.clone();
    let now: Now = Arc::new(move || clock.now());
    let player = Player { site, credentials: credentials.clone(), responder };
    let routes = Routes::new(ComputeServer::new(player));
    let limits = Limits { request: std::time::Duration::from_mins(1), requests_per_connection: 64 };
    let stop = start.stop.clone();
    spawn("player", async move {
        serve(routes, listener, &credentials, now, limits, || stop.clone().into_requested()).await
    });
    Ok(Started { compute, storage: None, reports: Vec::new() })
}
