//! A release is read or refused, and a suppressed slot has no number.
#![no_main]

use coda_wire::{frames, v1};
use libfuzzer_sys::fuzz_target;
use prost::Message as _;

fuzz_target!(|bytes: &[u8]| {
    let Ok(message) = v1::SiteFrames::decode(bytes) else { return };
    let slots = message.asks.iter().flat_map(|ask| &ask.cells).flat_map(|frame| &frame.slots);
    let suppressed = slots.filter(|slot| slot.people == Some(u64::MAX));
    let hidden = suppressed.flat_map(|slot| &slot.sums).any(|byte| *byte != 0);
    assert!(frames::decode(message.clone()).is_err() || !hidden);
});
