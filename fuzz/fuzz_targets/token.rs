//! A token has one encoding.
#![no_main]

use coda_wire::token;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(found) = token::decode(bytes) {
        assert_eq!(token::encode(&found), bytes, "accepted, and written otherwise");
    }
});
