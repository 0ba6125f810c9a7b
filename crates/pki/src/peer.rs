//! Who is at the other end of a request: read from the certificate of the connection it came over, never from a header.

use std::net::SocketAddr;
use std::sync::Arc;

use coda_model::Identity;
use rustls_pki_types::CertificateDer;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tonic::transport::server::Connected;

use crate::certificate::{self, CertificateError};
use crate::digest::sha256;

/// The party at the other end. The handshake has checked its chain, as of the time the connection was made.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Who it is.
    pub identity: Identity,
    /// SHA-256 of its certificate in DER, which access tokens are bound to (RFC 8705, 3.1).
    pub thumbprint: [u8; 32],
    /// Its certificate, then its issuer's.
    pub chain: Arc<Vec<CertificateDer<'static>>>,
    /// Where it connects from, for the log.
    pub address: Option<SocketAddr>,
}

/// Why it cannot be said who the peer is.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// The request did not come over [`incoming`](crate::accept::incoming).
    #[error("the request came over a connection without TLS")]
    NoConnection,
    /// The connection has no client certificate, which our server configuration does not allow.
    #[error("the connection has no client certificate")]
    NoCertificate,
    /// The certificate names nobody, which the handshake does not let through.
    #[error("the client certificate cannot be used")]
    Certificate(#[source] CertificateError),
}

impl Peer {
    /// The peer of a request.
    ///
    /// # Errors
    /// [`PeerError`] when the request did not come over mutual TLS.
    pub fn of<T>(request: &tonic::Request<T>) -> Result<Self, PeerError> {
        Self::from_extensions(request.extensions())
    }

    /// The peer of a request, from its extensions: for a tower layer, which sees `http::Request` (the extensions are of
    /// the same type).
    ///
    /// # Errors
    /// [`PeerError`] when the request did not come over mutual TLS.
    pub fn from_extensions(extensions: &tonic::Extensions) -> Result<Self, PeerError> {
        let connection = extensions.get::<Connection>().ok_or(PeerError::NoConnection)?;
        let chain = connection.peer_certs().ok_or(PeerError::NoCertificate)?;
        let leaf = chain.first().ok_or(PeerError::NoCertificate)?;
        Ok(Self {
            identity: certificate::identity(leaf).map_err(PeerError::Certificate)?,
            thumbprint: sha256(leaf),
            address: connection.get_ref().remote_addr(),
            chain,
        })
    }
}

/// Where a request comes from, over [`incoming`](crate::accept::incoming) with or without a client certificate.
pub fn address<T>(request: &tonic::Request<T>) -> Option<SocketAddr> {
    request.extensions().get::<Connection>().and_then(|connection| connection.get_ref().remote_addr())
}

type Connection = <TlsStream<TcpStream> as Connected>::ConnectInfo;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_without_tls_has_no_peer() {
        let mut request = tonic::Request::new(());
        request.metadata_mut().insert("x-identity", "coda://hub/auth".parse().unwrap());
        assert!(matches!(Peer::of(&request), Err(PeerError::NoConnection)));
    }
}
