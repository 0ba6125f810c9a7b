//! Connections that end when the certificate at their other end is revoked, with whatever is under way on them.
//!
//! A call on an open connection is refused by then; this is for calls that have begun, and for a client, which sees its server's
//! certificate at the handshake alone.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};
use tonic::transport::server::Connected;

use crate::chain;
use crate::revocation::Mark;
use crate::roots::Roots;

/// How often a connection asks whether its peer's certificate was revoked.
const EVERY: Duration = Duration::from_secs(1);

/// A connection after its handshake.
pub(crate) struct Revocable<S> {
    stream: S,
    /// What to look up, and in whose lists; absent where the peer showed no certificate, or no trust anchors were given.
    asked: Option<(Mark, Roots)>,
    next: Pin<Box<Sleep>>,
}

impl<S> Revocable<S> {
    /// `chain` is what the peer showed.
    pub(crate) fn new(stream: S, chain: Option<&[CertificateDer<'_>]>, roots: Option<Roots>) -> Self {
        let mark = chain.and_then(|chain| {
            let (leaf, rest) = chain.split_first()?;
            chain::issued(leaf, rest).ok().map(|(_, mark)| mark)
        });
        Self { stream, asked: mark.zip(roots), next: Box::pin(sleep(EVERY)) }
    }

    /// Whether the peer's certificate was revoked. Wakes whoever reads when it is time to ask again.
    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        let Some((mark, roots)) = &self.asked else { return false };
        while self.next.as_mut().poll(context).is_ready() {
            if roots.revocation().is_revoked(mark) {
                return true;
            }
            self.next.as_mut().reset(Instant::now() + EVERY);
        }
        false
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Revocable<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_over(context) {
            tracing::warn!("a connection was cut: the certificate at its other end was revoked");
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the certificate was revoked")));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Revocable<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }
}

impl<S: Connected> Connected for Revocable<S> {
    type ConnectInfo = S::ConnectInfo;

    fn connect_info(&self) -> Self::ConnectInfo {
        self.stream.connect_info()
    }
}
