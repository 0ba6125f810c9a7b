//! Serving gRPC on a port, as every service does it: mutual TLS, bounded, and with an orderly end.

use std::{future::Future, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use coda_model::Identity;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio_stream::StreamExt as _;
use tonic::{service::Routes, transport::Server};

use crate::{
    Credentials, Now, Roots, accept,
    revocable::Revocable,
    tls::{TlsError, server_config},
};

/// The largest header list of a request, in bytes.
const LARGEST_HEADERS: u32 = 16 * 1024;
/// How often an idle connection is asked whether it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// How long requests under way may take when the service is asked to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// What one connection may do.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long a request may take before its answer begins.
    pub request: Duration,
    /// How many requests a connection may have under way.
    pub requests_per_connection: u32,
}

/// Why a service does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The certificate is another party's.
    #[error("the certificate is that of {found}, and this is {expected}")]
    Identity {
        /// Whose it is.
        found: Identity,
        /// Whose it should be.
        expected: Identity,
    },
    /// TLS.
    #[error("TLS cannot be set up")]
    Tls(#[from] TlsError),
    /// The transport.
    #[error("serving failed")]
    Transport(#[from] tonic::transport::Error),
}

/// Refuses to serve under another party's certificate.
///
/// # Errors
/// [`ServeError::Identity`].
pub fn expect_identity(credentials: &Credentials, expected: Identity) -> Result<(), ServeError> {
    if *credentials.identity() == expected {
        return Ok(());
    }
    Err(ServeError::Identity { found: credentials.identity().clone(), expected })
}

/// [`serve_when_ready`] for a service of which nobody needs to know when it is ready.
///
/// # Errors
/// [`ServeError`].
pub async fn serve<Stopped: Future<Output = ()>>(
    routes: Routes,
    listener: TcpListener,
    credentials: &Credentials,
    now: Now,
    limits: Limits,
    stop: impl Fn() -> Stopped,
) -> Result<(), ServeError> {
    serve_when_ready(routes, listener, credentials, now, limits, || stop).await
}

/// Serves on `listener`. `ready` is called when TLS is set up, and gives the stop: when its future resolves, requests under
/// way have ten seconds to end.
///
/// # Errors
/// [`ServeError`].
pub async fn serve_when_ready<Stopped: Future<Output = ()>, Stop: Fn() -> Stopped>(
    routes: Routes,
    listener: TcpListener,
    credentials: &Credentials,
    now: Now,
    limits: Limits,
    ready: impl FnOnce() -> Stop,
) -> Result<(), ServeError> {
    serve_with(routes, listener, server_config(credentials, now)?, credentials.roots(), limits, ready()).await
}

/// Serves on `listener` with this configuration of TLS, such as
/// [`Reloading::server_config`](crate::Reloading::server_config), under these trust anchors: a connection is cut when they are told that
/// the certificate at its other end was revoked. Goes on until the future of `stop` resolves; then requests under way have ten
/// seconds to end.
///
/// # Errors
/// [`ServeError::Transport`].
pub async fn serve_with<Stopped: Future<Output = ()>>(
    routes: Routes,
    listener: TcpListener,
    config: Arc<ServerConfig>,
    roots: &Roots,
    limits: Limits,
    stop: impl Fn() -> Stopped,
) -> Result<(), ServeError> {
    let incoming = accept::incoming(listener, Arc::new(ArcSwap::from(config))).map(|stream| {
        let stream = stream?;
        let chain = stream.get_ref().1.peer_certificates().map(<[_]>::to_vec);
        Ok::<_, std::io::Error>(Revocable::new(stream, chain.as_deref(), Some(roots.clone())))
    });
    let serving = Server::builder()
        .timeout(limits.request)
        .concurrency_limit_per_connection(limits.requests_per_connection as usize)
        .max_concurrent_streams(limits.requests_per_connection)
        .http2_max_header_list_size(LARGEST_HEADERS)
        .http2_keepalive_interval(Some(KEEP_ALIVE))
        .add_routes(routes)
        .serve_with_incoming_shutdown(incoming, stop());
    let overdue = async {
        stop().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        outcome = serving => Ok(outcome?),
        () = overdue => Ok(()),
    }
}
