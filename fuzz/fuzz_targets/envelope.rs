//! An envelope has one encoding.
#![no_main]

use coda_wire::envelope;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(found) = envelope::decode(bytes) {
        assert_eq!(envelope::encode(&found), bytes, "accepted, and written otherwise");
    }
});
