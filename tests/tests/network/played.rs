//! Sites that are played by a test.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use coda_model::{
    SiteId,
    estimate::{History, Terms},
};
use coda_pki::{
    Credentials,
    serve::{Limits, serve as serve_on},
};
use coda_testkit::{Network, Responder, SiteData, SiteOptions};
use coda_wire::v1::{self, compute_server};
use tokio::task::JoinHandle;
use tonic::{Request, Response, Status, service::Routes};

use crate::world::site;

/// A part, as a function.
pub(crate) struct Part<F>(F);

impl<F: Fn(&SiteId, &v1::Request) -> Result<v1::SiteAnswer, Status> + Send + Sync + 'static> Part<F> {
    pub(crate) fn new(play: F) -> Self {
        Self(play)
    }
}

impl<F: Fn(&SiteId, &v1::Request) -> Result<v1::SiteAnswer, Status> + Send + Sync + 'static> Responder for Part<F> {
    fn answer(&self, site: &SiteId, request: v1::Request) -> Result<v1::SiteAnswer, Status> {
        (self.0)(site, &request)
    }
}

/// A site that is played.
pub(crate) fn played(name: &str, part: impl Responder) -> SiteOptions {
    SiteOptions::new(site(name), SiteData::Played(Arc::new(part)))
}

/// The lawful answer to `mean:age` of a site with 50 people of 40 years.
pub(crate) fn honest(site: &SiteId, request: &v1::Request) -> v1::SiteAnswer {
    let sums = 2000_i128.to_le_bytes().to_vec();
    let slot = v1::ShownSlot { people: Some(50), rows: Some(50), sums };
    let withheld = v1::ShownSlot { people: Some(u64::MAX), rows: Some(u64::MAX), sums: Vec::new() };
    let frame = v1::ShownFrame { slots: vec![slot], missing: None, rest: Some(withheld.clone()) };
    let frames = v1::SiteFrames {
        threshold: Some(5),
        slack: Some(0),
        total: Some(withheld),
        asks: vec![v1::AskFrames { cells: vec![frame] }],
    };
    let budget = coda_model::estimate::Budget::default();
    let terms = Terms { policy: "played".to_owned(), history: History::Off, budget };
    v1::SiteAnswer {
        site: site.to_string(),
        build: "played".to_owned(),
        envelope: coda_pki::sha256(&request.envelope.as_ref().unwrap().content).to_vec(),
        frames: Some(frames),
        terms: Some(coda_wire::terms::encode(&terms)),
        padding: Vec::new(),
    }
}

/// Waits until nobody takes connections at an address any more.
pub(crate) async fn closed(address: SocketAddr) {
    eventually("the port is closed", || std::net::TcpStream::connect(address).is_err()).await;
}

/// Waits until something holds, for ten seconds at most.
pub(crate) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(10), "not in ten seconds: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

struct Impostor;

#[tonic::async_trait]
impl compute_server::Compute for Impostor {
    async fn answer(&self, request: Request<v1::Request>) -> Result<Response<v1::SiteAnswer>, Status> {
        Ok(Response::new(honest(&site("odd"), request.get_ref())))
    }

    async fn preview(&self, _: Request<v1::Request>) -> Result<Response<v1::SitePreview>, Status> {
        Err(Status::unimplemented("an impostor has no preview"))
    }
}

/// Plays a computation node with a certificate of one's own choice.
pub(crate) async fn serve(network: &Network, address: SocketAddr, own: Credentials) -> JoinHandle<()> {
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let now = network.now();
    let routes = Routes::new(compute_server::ComputeServer::new(Impostor));
    let limits = Limits { request: Duration::from_secs(10), requests_per_connection: 8 };
    tokio::spawn(async move {
        serve_on(routes, listener, &own, now, limits, std::future::pending::<()>).await.unwrap();
    })
}
