//! A certificate request is read or refused; what it names is one of the network or nobody.
#![no_main]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let body = STANDARD.encode(bytes);
    let pem = format!("-----BEGIN CERTIFICATE REQUEST-----\n{body}\n-----END CERTIFICATE REQUEST-----\n");
    let _ = coda_pki::authority::named(&pem);
    let _ = coda_pki::authority::named(&String::from_utf8_lossy(bytes));
});
