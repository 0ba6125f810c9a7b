//! What a certificate that the authority really issued opens, and what it does not.

use std::sync::Arc;

use coda_pki::{Algorithm, Authority};
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::server::ServerSessionMemoryCache;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, HandshakeKind, ProtocolVersion, RootCertStore, ServerConfig, SignatureScheme};
use time::Duration;

use crate::network::{Greeter, Network, START};

const NODE: &str = "coda://site/a/compute";
const HUB: &str = "coda://hub/coordinator";
const USER: &str = "coda://user/ana";

#[tokio::test]
async fn the_right_certificates_meet() {
    let network = Network::new();
    let greeter = Greeter::start(network.server(NODE)).await;
    for client in [HUB, USER, "coda://site/b/storage", "coda://hub/auth"] {
        greeter.greets(&network.client(client, NODE), client).await;
    }
}

#[tokio::test]
async fn each_handshake_is_whole_tls_1_3_for_http_2() {
    let network = Network::new();
    let server = network.server(NODE);
    // Early data could be sent again (RFC 8446, 8).
    assert_eq!(server.max_early_data_size, 0);
    let greeter = Greeter::start(server).await;
    let client = network.client(HUB, NODE);
    for _ in 0..3 {
        greeter.greets(&client, HUB).await;
        let stream = coda_pki::connect::open(&greeter.address.to_string(), client.clone()).await.unwrap();
        let (socket, session) = stream.get_ref();
        assert_eq!(session.handshake_kind(), Some(HandshakeKind::Full));
        assert_eq!(session.protocol_version(), Some(ProtocolVersion::TLSv1_3));
        assert_eq!(session.alpn_protocol(), Some(&b"h2"[..]));
        assert!(socket.nodelay().unwrap());
    }
}

/// The kind of the second handshake between the two, after a connection over which tickets could be sent.
async fn second_handshake(client: ClientConfig, server: ServerConfig) -> HandshakeKind {
    let (client, greeter) = (Arc::new(client), Greeter::start(Arc::new(server)).await);
    greeter.greets(&client, HUB).await;
    let stream = coda_pki::connect::open(&greeter.address.to_string(), client).await.unwrap();
    stream.get_ref().1.handshake_kind().unwrap()
}

#[tokio::test]
async fn neither_side_resumes_a_session_even_when_the_other_would() {
    let network = Network::new();
    let (client, server) = ((*network.client(HUB, NODE)).clone(), (*network.server(NODE)).clone());
    let mut eager_client = client.clone();
    eager_client.resumption = Resumption::in_memory_sessions(8);
    let mut eager_server = server.clone();
    eager_server.send_tls13_tickets = 2;
    eager_server.session_storage = ServerSessionMemoryCache::new(8);
    assert_eq!(second_handshake(eager_client.clone(), eager_server.clone()).await, HandshakeKind::Resumed);
    assert_eq!(second_handshake(eager_client, server).await, HandshakeKind::Full);
    assert_eq!(second_handshake(client, eager_server).await, HandshakeKind::Full);
}

#[tokio::test]
async fn tls_1_2_is_refused() {
    let network = Network::new();
    let greeter = Greeter::start(network.server(NODE)).await;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let old = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    greeter.refuses(&Arc::new(old), &["received fatal alert: ProtocolVersion"]).await;
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused_on_both_sides() {
    let (network, other) = (Network::new(), Network::new());
    let greeter = Greeter::start(network.server(NODE)).await;
    greeter.refuses(&other.client(HUB, NODE), &["invalid peer certificate", "UnknownIssuer"]).await;

    // A client that trusts this network and shows a certificate of the other.
    let mut stranger = (*network.client(HUB, NODE)).clone();
    stranger.client_auth_cert_resolver = other.client(HUB, NODE).client_auth_cert_resolver.clone();
    greeter.refuses(&Arc::new(stranger), &["received fatal alert: UnknownCA"]).await;
}

#[tokio::test]
async fn a_client_without_a_certificate_is_refused() {
    #[derive(Debug)]
    struct Nothing;
    impl ResolvesClientCert for Nothing {
        fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
            None
        }
        fn has_certs(&self) -> bool {
            false
        }
    }
    let network = Network::new();
    let greeter = Greeter::start(network.server(NODE)).await;
    let mut nobody = (*network.client(HUB, NODE)).clone();
    nobody.client_auth_cert_resolver = Arc::new(Nothing);
    greeter.refuses(&Arc::new(nobody), &["received fatal alert: CertificateRequired"]).await;
}

#[tokio::test]
async fn an_expired_client_is_refused_by_a_server_that_keeps_running() {
    let network = Network::new();
    let greeter = Greeter::start(network.server(NODE)).await;
    let client = network.client_with(&network.credentials(HUB, Duration::hours(1)), NODE);
    network.advance(Duration::minutes(59));
    greeter.greets(&client, HUB).await;
    network.advance(Duration::minutes(2));
    greeter.refuses(&client, &["received fatal alert: CertificateExpired"]).await;
}

#[tokio::test]
async fn an_expired_server_is_refused() {
    let network = Network::new();
    let greeter = Greeter::start(network.server_with(&network.credentials(NODE, Duration::hours(1)))).await;
    let client = network.client(HUB, NODE);
    greeter.greets(&client, HUB).await;
    network.advance(Duration::hours(2));
    greeter.refuses(&client, &["invalid peer certificate", "expired"]).await;
}

#[tokio::test]
async fn a_certificate_of_the_future_is_refused() {
    let network = Network::new();
    let greeter = Greeter::start(network.server(NODE)).await;
    let client = network.client(HUB, NODE);
    network.advance(Duration::hours(-1));
    greeter.refuses(&client, &["invalid peer certificate", "not valid yet"]).await;
}

#[tokio::test]
async fn a_person_is_no_server() {
    let network = Network::new();
    let greeter = Greeter::start(network.server(USER)).await;
    // Even for a client that would have the person.
    greeter.refuses(&network.client(HUB, USER), &["invalid peer certificate", "extended key usage"]).await;
    greeter.refuses(&network.client(HUB, NODE), &["invalid peer certificate", "extended key usage"]).await;
}

#[tokio::test]
async fn another_party_than_expected_is_refused() {
    let network = Network::new();
    for found in ["coda://site/b/compute", "coda://site/a/storage", HUB] {
        let greeter = Greeter::start(network.server(found)).await;
        greeter.refuses(&network.client(HUB, NODE), &[&format!("expected {NODE}, found {found}")]).await;
    }
}

#[tokio::test]
async fn a_new_configuration_counts_from_the_next_connection_on() {
    let network = Network::new();
    let greeter = Greeter::start(network.server(NODE)).await;
    let client = network.client(HUB, NODE);
    greeter.greets(&client, HUB).await;

    let folder = network.folder.path().join("next");
    let next = Authority::create(&folder, Algorithm::P256, START).unwrap();
    let identity = crate::network::named(NODE);
    let renewed = next.credentials(&identity, Algorithm::P256, Duration::days(1), START).unwrap();
    greeter.config.store(network.server_with(&renewed));
    greeter.refuses(&client, &["invalid peer certificate", "UnknownIssuer"]).await;
    greeter.greets(&network.client_with(&renewed, NODE), NODE).await;
}
