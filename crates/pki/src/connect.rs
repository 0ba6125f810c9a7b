//! Calling another party over mutual TLS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls_pki_types::{DnsName, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

mod following;

use crate::revocable::Revocable;
use crate::roots::Roots;
use crate::tls::TlsError;
pub use following::Following;

/// How long a client waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For the connection and its handshake.
    pub connect: Duration,
    /// For the beginning of an answer. A streaming answer may then go on for longer.
    pub request: Duration,
    /// Between two HTTP/2 pings on an open connection.
    pub keep_alive: Duration,
}

/// Why a channel was not made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Not `host:port`.
    #[error("{address:?} is no address; write it as host:port")]
    Address {
        /// The text.
        address: String,
        /// What the reader said.
        source: tonic::transport::Error,
    },
    /// The credentials.
    #[error("TLS cannot be set up")]
    Tls(#[from] TlsError),
}

impl Default for Timeouts {
    /// Five seconds to connect, sixty for an answer, a ping every twenty.
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), request: Duration::from_mins(10), keep_alive: Duration::from_secs(20) }
    }
}

/// A channel to `address` (`host:port`). It connects with the first call and again by itself after a loss.
///
/// With TLS 1.3 a client learns of its own refusal only after its handshake, so that a call over a new connection, not
/// the connecting, is what fails when the server refuses the client's certificate.
///
/// # Errors
/// [`ConnectError::Address`].
pub fn channel(address: &str, config: Arc<ClientConfig>, timeouts: Timeouts) -> Result<Channel, ConnectError> {
    channel_under(address, config, None, timeouts)
}

/// The same under trust anchors: the connection is cut when they are told that the server's certificate was revoked.
fn channel_under(
    address: &str,
    config: Arc<ClientConfig>,
    roots: Option<Roots>,
    timeouts: Timeouts,
) -> Result<Channel, ConnectError> {
    // http and not https: TLS is ours, and tonic refuses https when another crate has switched its own TLS on.
    let endpoint = Endpoint::from_shared(format!("http://{address}"))
        .map_err(|source| ConnectError::Address { address: address.to_owned(), source })?
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.request)
        .http2_keep_alive_interval(timeouts.keep_alive)
        .keep_alive_timeout(timeouts.connect)
        .keep_alive_while_idle(true);
    let address: Arc<str> = address.into();
    Ok(endpoint.connect_with_connector_lazy(service_fn(move |_| {
        let (address, config, roots) = (address.clone(), config.clone(), roots.clone());
        async move {
            let stream = open(&address, config).await?;
            let chain = stream.get_ref().1.peer_certificates().map(<[_]>::to_vec);
            // Without `roots` the connection is never cut.
            Ok::<_, io::Error>(TokioIo::new(Revocable::new(stream, chain.as_deref(), roots)))
        }
    })))
}

/// One connection to `address` (`host:port`) after a good handshake, for what is not gRPC. It has no time limit of its own.
///
/// # Errors
/// The system's error, or rustls's as [`io::ErrorKind::InvalidData`].
pub async fn open(address: &str, config: Arc<ClientConfig>) -> io::Result<TlsStream<TcpStream>> {
    let socket = TcpStream::connect(address).await?;
    socket.set_nodelay(true)?;
    TlsConnector::from(config).connect(nobody()?, socket).await
}

/// rustls wants a host name; ours is neither sent nor looked at, see [`client_config`](crate::tls::client_config).
fn nobody() -> io::Result<ServerName<'static>> {
    DnsName::try_from("coda.invalid").map(ServerName::DnsName).map_err(io::Error::other)
}
