//! TLS configurations: 1.3 only (RFC 8446), both sides with a certificate of the network, HTTP/2.

use std::sync::Arc;

use coda_model::Identity;
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::server::{NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, ConfigBuilder, ConfigSide, RootCertStore, ServerConfig, WantsVerifier};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

mod first;
mod verifier;

use crate::certificate::{self, CertificateError};
use crate::credentials::Credentials;
use crate::now::{Now, TimeSource};
use crate::provider::provider;
use crate::roots::Roots;
pub use first::Pinned;
use first::Shown;
use verifier::{ExpectedServer, NetworkClients, Servers};

/// HTTP/2, the only protocol spoken inside (RFC 7301).
const HTTP2: &[u8] = b"h2";

/// Why a configuration was not made.
#[derive(Debug, thiserror::Error)]
#[error("the TLS configuration cannot be made from these credentials")]
pub struct TlsError(#[from] rustls::Error);

/// A server's configuration: every client must show a certificate of the network that the right issuer signed.
///
/// Sessions are not resumed, because a resumed session is not checked again.
///
/// # Errors
/// [`TlsError`] when rustls does not take the credentials.
pub fn server_config(credentials: &Credentials, now: Now) -> Result<Arc<ServerConfig>, TlsError> {
    let shown = Arc::new(SingleCertAndKey::from(certified(credentials)?));
    server_showing(shown, credentials.roots(), now)
}

/// The same, showing what is found at each handshake.
pub(crate) fn server_showing(
    shown: Arc<dyn ResolvesServerCert>,
    roots: &Roots,
    now: Now,
) -> Result<Arc<ServerConfig>, TlsError> {
    let config = side(ServerConfig::builder_with_details(provider(), Arc::new(TimeSource(now))))?
        .with_client_cert_verifier(Arc::new(NetworkClients(roots.clone())))
        .with_cert_resolver(shown);
    Ok(server(config))
}

fn server(mut config: ServerConfig) -> Arc<ServerConfig> {
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.alpn_protocols = vec![HTTP2.to_vec()];
    Arc::new(config)
}

/// A client's configuration: the server must be `expected` and nobody else, whatever host name or address it has
/// (in place of RFC 6125, 6).
///
/// Sessions are not resumed, because a resumed session is not checked again.
///
/// # Errors
/// [`TlsError`] when rustls does not take the credentials.
pub fn client_config(credentials: &Credentials, expected: Identity, now: Now) -> Result<Arc<ClientConfig>, TlsError> {
    let shown = Arc::new(SingleCertAndKey::from(certified(credentials)?));
    client_showing(shown, credentials.roots(), expected, now)
}

/// The same, showing what is found at each handshake.
pub(crate) fn client_showing(
    shown: Arc<dyn ResolvesClientCert>,
    roots: &Roots,
    expected: Identity,
    now: Now,
) -> Result<Arc<ClientConfig>, TlsError> {
    let verifier = ExpectedServer { servers: roots.clone(), expected };
    let mut config = side(ClientConfig::builder_with_details(provider(), Arc::new(TimeSource(now))))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_cert_resolver(shown);
    config.resumption = Resumption::disabled();
    // Nothing is decided by host name, so none is sent in the clear.
    config.enable_sni = false;
    config.alpn_protocols = vec![HTTP2.to_vec()];
    Ok(Arc::new(config))
}

/// A server's configuration for people who have no certificate yet: they log in instead. The server shows the root of its network
/// after its chain, so that whoever knows its fingerprint can take it from there (see [`first_config`]).
///
/// # Errors
/// [`TlsError`] when rustls does not take the credentials.
pub fn open_server_config(credentials: &Credentials, now: Now) -> Result<Arc<ServerConfig>, TlsError> {
    open_server_showing(Arc::new(SingleCertAndKey::from(certified_with_roots(credentials)?)), now)
}

/// The same, showing what is found at each handshake.
pub(crate) fn open_server_showing(shown: Arc<dyn ResolvesServerCert>, now: Now) -> Result<Arc<ServerConfig>, TlsError> {
    let config = side(ServerConfig::builder_with_details(provider(), Arc::new(TimeSource(now))))?
        .with_no_client_auth()
        .with_cert_resolver(shown);
    Ok(server(config))
}

/// A client's configuration without a certificate: the server must be `expected` under these trust anchors.
///
/// # Errors
/// [`TlsError`].
pub fn anonymous_config(roots: &Roots, expected: Identity, now: Now) -> Result<Arc<ClientConfig>, TlsError> {
    anonymous(ExpectedServer { servers: Shown(roots.clone()), expected }, now)
}

/// A client's configuration for the first connection to a network of which only the root's fingerprint is known, its SHA-256 in
/// DER: the server must show a root with this fingerprint and be `expected` under it. [`Pinned::roots`] has it after the handshake.
///
/// # Errors
/// [`TlsError`].
pub fn first_config(
    fingerprint: [u8; 32],
    expected: Identity,
    now: Now,
) -> Result<(Arc<ClientConfig>, Arc<Pinned>), TlsError> {
    let pinned = Arc::new(Pinned::new(fingerprint));
    Ok((anonymous(ExpectedServer { servers: pinned.clone(), expected }, now)?, pinned))
}

/// A client's configuration for a server of the web, with TLS 1.3 and HTTP/1.1, under the trust anchors of a PEM text.
///
/// # Errors
/// [`CertificateError`] when the text has none.
pub fn web_config(roots: &[u8]) -> Result<Arc<ClientConfig>, CertificateError> {
    let mut store = RootCertStore::empty();
    for root in certificate::from_pem(roots)? {
        store.add(root).map_err(CertificateError::Root)?;
    }
    let builder = ClientConfig::builder_with_provider(provider());
    let builder = builder.with_protocol_versions(&[&rustls::version::TLS13]).map_err(CertificateError::Root)?;
    let mut config = builder.with_root_certificates(store).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn anonymous<S: Servers + 'static>(verifier: ExpectedServer<S>, now: Now) -> Result<Arc<ClientConfig>, TlsError> {
    let mut config = side(ClientConfig::builder_with_details(provider(), Arc::new(TimeSource(now))))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    config.enable_sni = false;
    config.alpn_protocols = vec![HTTP2.to_vec()];
    Ok(Arc::new(config))
}

fn side<S: ConfigSide>(
    builder: ConfigBuilder<S, rustls::WantsVersions>,
) -> Result<ConfigBuilder<S, WantsVerifier>, rustls::Error> {
    builder.with_protocol_versions(&[&rustls::version::TLS13])
}

/// Chain and key in the form in which rustls shows them.
pub(crate) fn certified(credentials: &Credentials) -> Result<CertifiedKey, TlsError> {
    showing(credentials.chain().to_vec(), credentials)
}

/// The same with the trust anchors after the chain.
pub(crate) fn certified_with_roots(credentials: &Credentials) -> Result<CertifiedKey, TlsError> {
    showing(credentials.chain().iter().chain(credentials.roots().certificates()).cloned().collect(), credentials)
}

fn showing(chain: Vec<CertificateDer<'static>>, credentials: &Credentials) -> Result<CertifiedKey, TlsError> {
    let key = PrivateKeyDer::Pkcs8(credentials.key().pkcs8());
    Ok(CertifiedKey::from_der(chain, key, &provider())?)
}
