//! Taking connections: TLS handshakes beside the accept loop, so that a slow peer holds up nobody else.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Sleep, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::Stream;

/// How long a peer may take for its handshake.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);

/// How many handshakes run at a time; further peers wait in the system's queue.
pub const HANDSHAKES: usize = 256;

/// How long to wait when the system cannot accept (out of file descriptors, say), instead of asking again at once.
const PAUSE: Duration = Duration::from_millis(100);

/// The connections of `listener` after a good handshake, for tonic's `serve_with_incoming_shutdown`.
///
/// Each connection takes the configuration of its moment, so storing another one in `config` changes certificates and
/// trust anchors for the connections to come. A failed handshake is a log line with the peer's address and the reason; the
/// stream goes on. Dropping the stream closes the listener and ends the handshakes that run.
pub fn incoming(
    listener: TcpListener,
    config: Arc<ArcSwap<ServerConfig>>,
) -> impl Stream<Item = io::Result<TlsStream<TcpStream>>> {
    Incoming { listener, config, handshakes: JoinSet::new(), pause: None }
}

struct Incoming {
    listener: TcpListener,
    config: Arc<ArcSwap<ServerConfig>>,
    /// A `JoinSet` aborts its tasks when it is dropped, so none outlives the stream.
    handshakes: JoinSet<Option<TlsStream<TcpStream>>>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Stream for Incoming {
    type Item = io::Result<TlsStream<TcpStream>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            // Finished handshakes first: they make room, and a busy listener must not hold them back.
            while let Poll::Ready(Some(finished)) = this.handshakes.poll_join_next(context) {
                if let Ok(Some(stream)) = finished {
                    return Poll::Ready(Some(Ok(stream)));
                }
            }
            if this.handshakes.len() >= HANDSHAKES || this.paused(context) {
                return Poll::Pending;
            }
            match this.listener.poll_accept(context) {
                Poll::Ready(Ok((socket, peer))) => {
                    this.handshakes.spawn(handshake(TlsAcceptor::from(this.config.load_full()), socket, peer));
                }
                Poll::Ready(Err(error)) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    this.pause = Some(Box::pin(sleep(PAUSE)));
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl Incoming {
    fn paused(&mut self, context: &mut Context<'_>) -> bool {
        let waiting = self.pause.as_mut().is_some_and(|pause| pause.as_mut().poll(context).is_pending());
        if !waiting {
            self.pause = None;
        }
        waiting
    }
}

async fn handshake(acceptor: TlsAcceptor, socket: TcpStream, peer: SocketAddr) -> Option<TlsStream<TcpStream>> {
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%peer, %error, "connection lost before the handshake");
        return None;
    }
    match timeout(HANDSHAKE_TIMEOUT, acceptor.accept(socket)).await {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err(error)) => {
            tracing::warn!(%peer, %error, "handshake refused");
            None
        }
        Err(_) => {
            tracing::warn!(%peer, seconds = HANDSHAKE_TIMEOUT.as_secs(), "handshake took too long");
            None
        }
    }
}
