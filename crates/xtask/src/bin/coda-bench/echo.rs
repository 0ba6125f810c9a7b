//! The bare echo: the same TLS, the same gRPC, messages of the same sizes, and nothing else.

use std::{path::Path, sync::Arc};

use coda_model::{Identity, SiteId, UserId, query::parse_file};
use coda_pki::{
    Files, connect,
    serve::{Limits, serve as serve_tls},
    tls,
};
use coda_runtime::{Clock, Stop, SystemClock};
use coda_wire::{
    envelope::{self, Envelope},
    v1::{
        self,
        compute_client::ComputeClient,
        compute_server::{Compute as Service, ComputeServer},
    },
};
use tonic::{Request, Response, Status, service::Routes, transport::Channel};

use crate::{
    network::{Network, PATIENCE, now},
    process::Service as Process,
};

/// Bytes of the messages of a query.
pub(crate) struct Sizes {
    pub(crate) request: usize,
    pub(crate) answer: usize,
}

/// Certificates and signatures of the envelope and of the token, of P-256 keys, about.
const SIGNATURES: usize = 2 * (2 * 500 + 72);
/// Bytes of a coordinator's answer to one count over three sites with their receipts, of P-256 keys, about.
const ANSWER: usize = 4_500;

/// How large the messages of this query are.
pub(crate) fn sizes(query: &str) -> anyhow::Result<Sizes> {
    let (query, _) = parse_file(query)?;
    let sites = crate::data::SITES.iter().map(|site| SiteId::new(site)).collect::<Result<_, _>>()?;
    let envelope = envelope::encode(&Envelope {
        query,
        sites,
        user: UserId::new("researcher")?,
        project: crate::network::PROJECT.to_owned(),
        not_before: 1 << 31,
        not_after: 1 << 31,
        nonce: [7; 16],
        dictionary: String::new(),
    });
    Ok(Sizes { request: envelope.len() + SIGNATURES, answer: ANSWER })
}

/// The client's end.
pub(crate) struct Echo {
    client: ComputeClient<Channel>,
    _process: Process,
}

impl Echo {
    /// Starts the server as a process of its own and connects.
    pub(crate) fn start(network: &Network, answer: usize) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?.keep();
        let site = SiteId::new("echo")?;
        let identity = Identity::Compute(site.clone());
        let own = network.credentials(&identity)?;
        own.save(&folder.join("chain.pem"), &folder.join("key.pem"), &folder.join("roots.pem"))?;
        let process =
            Process::start("echo", "coda-bench", &["echo", &folder.display().to_string(), &answer.to_string()])?;
        let caller = network.credentials(&Identity::Coordinator)?;
        let config = tls::client_config(&caller, identity, now())?;
        let channel = connect::channel(&process.address.to_string(), config, connect::Timeouts::default())?;
        let client = ComputeClient::new(channel);
        std::fs::remove_dir_all(folder)?;
        Ok(Self { client, _process: process })
    }

    /// One call with a request of so many bytes.
    pub(crate) async fn call(&self, request: usize) -> anyhow::Result<()> {
        let signed = v1::Signed { content: vec![1; request], ..v1::Signed::default() };
        let request = v1::Request { envelope: Some(signed), ..v1::Request::default() };
        Ok(self.client.clone().answer(request).await.map(drop)?)
    }
}

struct Echoing {
    /// Bytes of padding, in the place of further frames.
    padding: usize,
}

#[tonic::async_trait]
impl Service for Echoing {
    async fn answer(&self, _: Request<v1::Request>) -> Result<Response<v1::SiteAnswer>, Status> {
        let answer = v1::SiteAnswer { padding: vec![0; self.padding], ..v1::SiteAnswer::default() };
        Ok(Response::new(answer))
    }
}

/// The server's end.
pub(crate) async fn serve(folder: &Path, padding: usize) -> anyhow::Result<()> {
    let files = Files { chain: folder.join("chain.pem"), key: folder.join("key.pem"), roots: folder.join("roots.pem") };
    let credentials = files.load(SystemClock.now())?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    eprintln!("listening on {} as an echo", listener.local_addr()?);
    let routes = Routes::new(ComputeServer::new(Echoing { padding }));
    let limits = Limits { request: PATIENCE, requests_per_connection: 64 };
    let stop = Arc::new(Stop::on_signals()?);
    Ok(serve_tls(routes, listener, &credentials, now(), limits, || stop.as_ref().clone().into_requested()).await?)
}
