//! A receipt has one encoding.
#![no_main]

use coda_wire::receipt;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(found) = receipt::decode(bytes) {
        assert_eq!(receipt::encode(&found), bytes, "accepted, and written otherwise");
    }
});
