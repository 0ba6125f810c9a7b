//! The texts that logs and witnesses hand each other are read or refused, and written as they were read.
#![no_main]

use std::{fmt::Display, str::FromStr};

use coda_audit::{Cosignature, LogVerifier, RecordProof, SignedCheckpoint, Submission, WitnessVerifier};
use libfuzzer_sys::fuzz_target;

fn check<T: FromStr + Display + PartialEq>(text: &str) {
    let Ok(found) = text.parse::<T>() else { return };
    assert!(found.to_string().parse::<T>().is_ok_and(|again| again == found), "{text}");
}

fuzz_target!(|text: &str| {
    check::<SignedCheckpoint>(text);
    check::<Cosignature>(text);
    check::<Submission>(text);
    check::<RecordProof>(text);
    let _ = text.parse::<LogVerifier>();
    let _ = text.parse::<WitnessVerifier>();
});
