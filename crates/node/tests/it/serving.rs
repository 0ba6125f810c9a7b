//! A service from its request for a certificate to its end.

use std::{
    net::{TcpListener, TcpStream},
    sync::Arc,
    time::{Duration, Instant},
};

use coda_model::Identity;
use coda_pki::{Now, connect, tls::client_config};
use coda_runtime::{Clock as _, SystemClock};

use crate::site::{COMPUTE, STORAGE, Site};

fn days(days: i64) -> time::Duration {
    time::Duration::days(days)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requested_and_signed_certificate_serves() {
    let mut site = Site::without_credentials();
    site.start_hub();
    let arguments = ["request", "--role", "storage", "--site", "north", "--key", "own.key", "--algorithm", "p256"];
    let requested = site.run(&arguments);
    assert_eq!((requested.code, requested.said.lines().count()), (Some(0), 1), "{requested:?}");
    let identity = Identity::parse(STORAGE).unwrap();
    let chain = site.authority.issue(&requested.output, &identity, days(10), SystemClock.now()).unwrap();
    site.write("chain.pem", &chain);

    let serving = site.start();
    assert!(serving.first_line.contains(" as coda://site/north/storage, certificate good until 20"));
    let compute = site.credentials(COMPUTE, days(1), SystemClock.now());
    let now: Now = Arc::new(|| SystemClock.now());
    connect::open(&serving.address(), client_config(&compute, identity, now).unwrap()).await.unwrap();
    assert_eq!(serving.stop("-INT").0, Some(0));
}

#[test]
fn a_key_is_never_overwritten() {
    let site = Site::new();
    let before = std::fs::read(site.path("own.key")).unwrap();
    let arguments = ["request", "--role", "compute", "--site", "north", "--key", "own.key", "--algorithm", "p256"];
    let ended = site.run(&arguments);
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""));
    assert_eq!(ended.said, "error: the key file own.key exists already; move it away first\n");
    assert_eq!(std::fs::read(site.path("own.key")).unwrap(), before);
}

#[test]
fn sigterm_ends_it_within_seconds_and_frees_the_port() {
    let site = Site::new();
    let serving = site.start();
    let address = serving.address();
    // A connection that says nothing holds nobody up.
    let _idle = TcpStream::connect(&address).unwrap();
    let asked = Instant::now();
    let (code, said) = serving.stop("-TERM");
    assert_eq!(code, Some(0), "{said}");
    assert!(asked.elapsed() < Duration::from_secs(12), "{:?}", asked.elapsed());
    TcpListener::bind(&address).unwrap();
}
