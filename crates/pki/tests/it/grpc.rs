//! tonic over our accept loop and channel: who a handler sees, and a channel that finds back.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use arc_swap::ArcSwap;
use coda_pki::connect::{Timeouts, channel};
use coda_pki::{Peer, accept};
use rustls::ServerConfig;
use time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::transport::{Channel, Server};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

use crate::network::Network;

const NODE: &str = "coda://site/a/compute";
const USER: &str = "coda://user/ana";

/// Answers a text with who asked: identity, thumbprint and address, as a handler and as a layer see them.
#[derive(Clone)]
struct Echo;

impl tonic::server::NamedService for Echo {
    const NAME: &'static str = "test.Echo";
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let layer = Peer::from_extensions(request.extensions()).unwrap().identity;
        Box::pin(async move {
            let handler = tower::service_fn(move |request: Request<String>| {
                let layer = layer.clone();
                async move {
                    let peer = Peer::of(&request).map_err(|_| Status::unauthenticated("no peer"))?;
                    assert_eq!((peer.identity.clone(), peer.chain.len()), (layer, 2));
                    let from_loopback = peer.address.is_some_and(|address| address.ip().is_loopback());
                    let text = format!("{} {:?} {from_loopback}", peer.identity, peer.thumbprint);
                    Ok::<_, Status>(Response::new(text))
                }
            });
            Ok(tonic::server::Grpc::new(ProstCodec::<String, String>::default()).unary(handler, request).await)
        })
    }
}

struct Serving {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Serving {
    async fn start(address: &str, config: Arc<ServerConfig>) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let incoming = accept::incoming(listener, Arc::new(ArcSwap::from(config)));
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let stopped = async { stopped.await.unwrap_or(()) };
            Server::builder().add_service(Echo).serve_with_incoming_shutdown(incoming, stopped).await.unwrap();
        });
        Self { address, stop, task }
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}

async fn ask(channel: &Channel) -> Result<String, Status> {
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = http::uri::PathAndQuery::from_static("/test.Echo/Say");
    let answer =
        client.unary(Request::new("who am I".to_owned()), path, ProstCodec::<String, String>::default()).await?;
    Ok(answer.into_inner())
}

#[tokio::test]
async fn a_handler_sees_who_asks() {
    let network = Network::new();
    let serving = Serving::start("127.0.0.1:0", network.server(NODE)).await;
    let user = network.credentials(USER, Duration::days(1));
    let channel = channel(&serving.address.to_string(), network.client_with(&user, NODE), Timeouts::default()).unwrap();
    let answer = ask(&channel).await.unwrap();
    assert_eq!(answer, format!("{USER} {:?} true", user.thumbprint()));
}

#[tokio::test]
async fn a_refused_client_gets_no_answer() {
    let (network, other) = (Network::new(), Network::new());
    let serving = Serving::start("127.0.0.1:0", network.server(NODE)).await;
    let mut stranger = (*network.client(USER, NODE)).clone();
    stranger.client_auth_cert_resolver = other.client(USER, NODE).client_auth_cert_resolver.clone();
    let address = serving.address.to_string();
    for config in [Arc::new(stranger), other.client(USER, NODE), network.client(USER, "coda://site/b/compute")] {
        let channel = channel(&address, config, Timeouts::default()).unwrap();
        let outcome = ask(&channel).await;
        assert!(outcome.is_err(), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_channel_finds_back_to_a_server_that_was_away() {
    let network = Network::new();
    let serving = Serving::start("127.0.0.1:0", network.server(NODE)).await;
    let address = serving.address.to_string();
    let channel = channel(&address, network.client(USER, NODE), Timeouts::default()).unwrap();
    assert!(ask(&channel).await.is_ok());
    serving.stop().await;
    assert!(ask(&channel).await.is_err());
    let _again = Serving::start(&address, network.server(NODE)).await;
    let mut answers = Vec::new();
    // The first call may still find the broken connection.
    for _ in 0..3 {
        answers.push(ask(&channel).await);
    }
    assert!(answers.iter().any(Result::is_ok), "{answers:?}");
}

#[tokio::test]
async fn a_senseless_address_is_refused_at_once() {
    let network = Network::new();
    let outcome = channel("not an address", network.client(USER, NODE), Timeouts::default());
    assert!(outcome.is_err());
}
