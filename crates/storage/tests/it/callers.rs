//! Who is served, and who is not.

use std::sync::Arc;

use coda_pki::Credentials;
use coda_storage::ServeError;
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;
use time::Duration;
use tokio::net::TcpListener;
use tonic::Code;

use crate::site::{OWN, START, Site, config};

/// A client that has no certificate to show.
#[derive(Debug)]
struct Nameless;

impl ResolvesClientCert for Nameless {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

#[tokio::test]
async fn only_the_sites_own_computation_node_is_served() {
    let site = Site::start().await;
    assert_eq!(site.party(OWN).try_all(&site).await, [None; 2]);
    assert_eq!(site.audit(), "");
    let others = [
        "coda://user/ana",
        "coda://site/south/compute",
        "coda://site/north/storage",
        "coda://hub/coordinator",
        "coda://hub/auth",
    ];
    for (number, other) in others.into_iter().enumerate() {
        let party = site.party(other);
        assert_eq!(party.try_all(&site).await, [Some(Code::PermissionDenied); 2], "{other}");
        let status = party.current("covid").await.unwrap_err();
        assert_eq!(status.message(), "only the site's own computation node is served by its storage node");
        // Whether a thing is there is not told either.
        let nothing = party.column("2026-01-01-0", "nothing", "nothing").await.unwrap_err();
        assert_eq!((nothing.code(), nothing.message()), (status.code(), status.message()));
        let audit = site.audit();
        assert_eq!(audit.lines().count(), (number + 1) * 4);
        let last = audit.lines().last().unwrap();
        for word in [r#""event":"refused""#, other, "127.0.0.1", "Storage/Column"] {
            assert!(last.contains(word), "{last} lacks {word}");
        }
    }
}

#[tokio::test]
async fn without_a_certificate_of_this_network_there_is_no_connection() {
    let (site, other) = (Site::start().await, Site::start().await);
    let own = site.client(&site.credentials(OWN, Duration::days(30)));
    let mut nameless = (*own).clone();
    nameless.client_auth_cert_resolver = Arc::new(Nameless);
    // It trusts this network, and shows the certificate of another.
    let mut stranger = (*own).clone();
    let foreign = other.client(&other.credentials(OWN, Duration::days(30)));
    stranger.client_auth_cert_resolver = foreign.client_auth_cert_resolver.clone();
    for config in [Arc::new(nameless), Arc::new(stranger), foreign] {
        assert!(site.with(config).try_all(&site).await.iter().all(Option::is_some));
    }
    let in_the_clear = site.in_the_clear().await;
    if let Ok(caller) = in_the_clear {
        assert!(caller.try_all(&site).await.iter().all(Option::is_some));
    }
    // None of them came as far as the service.
    assert_eq!(site.audit(), "");
    assert_eq!(site.with(own).try_all(&site).await, [None; 2]);
}

#[tokio::test]
async fn a_connection_does_not_outlive_its_certificate() {
    let site = Site::start().await;
    let short = site.with(site.client(&site.credentials(OWN, Duration::hours(1))));
    assert_eq!(short.try_all(&site).await, [None; 2]);
    site.clock.advance(Duration::hours(2));
    assert_eq!(short.try_all(&site).await, [Some(Code::Unauthenticated); 2]);
}

#[tokio::test]
async fn a_refusal_that_cannot_be_recorded_is_not_told() {
    let site = Site::start().await;
    let eve = site.party("coda://user/eve");
    assert_eq!(eve.try_all(&site).await, [Some(Code::PermissionDenied); 2]);
    std::fs::write(site.folder.path().join("audit.jsonl"), "").unwrap();
    assert_eq!(eve.try_all(&site).await, [Some(Code::Unavailable); 2]);
}

#[tokio::test]
async fn the_node_does_not_start_with_anothers_certificate() {
    let site = Site::start().await;
    let start = async |credentials: Credentials| {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let clock = Arc::new(coda_runtime::ManualClock::new(START));
        coda_storage::serve(config(&site.folder), clock, listener, credentials, coda_runtime::Stop::new()).await
    };
    for other in [OWN, "coda://site/south/storage", "coda://user/ana"] {
        let outcome = start(site.credentials(other, Duration::days(1))).await;
        assert!(matches!(outcome, Err(ServeError::Serve(coda_pki::serve::ServeError::Identity { .. }))), "{outcome:?}");
    }
    site.stop().await;
}
