//! Any request is answered, with an answer that reads, over either method of HTTP.
#![no_main]

use std::sync::LazyLock;

use coda_mutations::{ASKED, Network};
use coda_pki::{Algorithm, Issuer, ocsp};
use libfuzzer_sys::fuzz_target;
use time::Duration;
use x509_cert::der::Decode as _;
use x509_ocsp::OcspResponse;

static RESPONDER: LazyLock<ocsp::Responder> = LazyLock::new(|| {
    let network = Network::default();
    let delegate = |issuer| network.authority().delegate(issuer, Algorithm::P256, Duration::days(30), ASKED).unwrap();
    ocsp::Responder::new(network.roots().clone(), Issuer::ALL.map(delegate).into())
});

fuzz_target!(|bytes: &[u8]| {
    let answer = ocsp::respond(bytes, &RESPONDER, ASKED);
    assert!(OcspResponse::from_der(&answer).is_ok());
    let path = String::from_utf8_lossy(bytes);
    let answer = ocsp::http("GET", &path, &[], &RESPONDER, ASKED);
    assert!(OcspResponse::from_der(&answer.body).is_ok());
});
