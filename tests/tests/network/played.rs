//! Sites that are played by a test.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use coda_model::{
    SiteId,
    estimate::{Limits, Terms},
    rounding::Rounding,
    threshold::Threshold,
};
use coda_pki::{
    Credentials,
    serve::{self, serve as serve_on},
};
use coda_testkit::{Network, Part, Responder, SiteData, SiteOptions};
use coda_wire::{
    envelope,
    v1::{self, compute_server},
};
use tokio::task::JoinHandle;
use tonic::{Request, Response, Status, service::Routes};

use crate::world::site;

/// A part, as a function.
pub(crate) struct Play<F>(F);

impl<F: Fn(&SiteId, &v1::Request) -> Result<Part, Status> + Send + Sync + 'static> Play<F> {
    pub(crate) fn new(play: F) -> Self {
        Self(play)
    }
}

impl<F: Fn(&SiteId, &v1::Request) -> Result<Part, Status> + Send + Sync + 'static> Responder for Play<F> {
    fn answer(&self, site: &SiteId, request: v1::Request) -> Result<Part, Status> {
        (self.0)(site, &request)
    }
}

/// A site that is played.
pub(crate) fn played(name: &str, part: impl Responder) -> SiteOptions {
    SiteOptions::new(site(name), SiteData::Played(Arc::new(part)))
}

/// The valid answer to `mean:age` of a site with 50 people of 40 years, told exactly.
pub(crate) fn honest(site: &SiteId, request: &v1::Request) -> Part {
    let sums = [2000_i128 << 16, 80_000_i128 << 32].into_iter().flat_map(i128::to_le_bytes).collect();
    let slot = v1::ShownSlot { people: Some(50), rows: Some(50), sums };
    let count = v1::ShownSlot { sums: Vec::new(), ..slot.clone() };
    let frame = v1::ShownFrame { slots: vec![slot], valid: Some(count.clone()), missing: None };
    let rounding = Rounding::exact(Threshold::default());
    let terms = Terms { policy: "ab".repeat(32), rounding, limits: Limits::default() };
    let terms = coda_wire::terms::encode(&terms);
    let frames = v1::SiteFrames {
        rounding: terms.rounding,
        total: Some(count),
        asks: vec![v1::AskFrames { cells: vec![frame] }],
    };
    let signed = &request.envelope.as_ref().unwrap().content;
    let receipt = v1::Receipt {
        site: site.to_string(),
        build: "played".to_owned(),
        envelope: coda_pki::sha256(signed).to_vec(),
        release: Vec::new(),
        dictionary: request.dictionary.clone(),
        terms: Some(terms),
        time: envelope::decode(signed).unwrap().not_before,
    };
    Part { receipt, frames, after: Vec::new() }
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

struct Impostor(Credentials);

#[tonic::async_trait]
impl compute_server::Compute for Impostor {
    async fn answer(&self, request: Request<v1::Request>) -> Result<Response<v1::SiteAnswer>, Status> {
        Ok(Response::new(honest(&site("odd"), request.get_ref()).signed(&self.0)))
    }
}

/// Plays a computation node with a certificate of one's own choice.
pub(crate) async fn serve(network: &Network, address: SocketAddr, own: Credentials) -> JoinHandle<()> {
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let now = network.now();
    let routes = Routes::new(compute_server::ComputeServer::new(Impostor(own.clone())));
    let limits = serve::Limits { request: Duration::from_secs(10), requests_per_connection: 8 };
    tokio::spawn(async move {
        serve_on(routes, listener, &own, now, limits, std::future::pending::<()>).await.unwrap();
    })
}
