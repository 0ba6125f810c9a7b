//! Evidence that was changed is refused, or tells the same figures of those who answered. The fuzzer chooses the changes, since it
//! cannot sign; without a choice the bytes are evidence as they are.
#![no_main]

use std::sync::LazyLock;

use coda_client::{Evidence, Verified};
use coda_mutations::{Network, Question};
use libfuzzer_sys::{arbitrary, arbitrary::Arbitrary, fuzz_target};
use prost::Message as _;

#[derive(Debug, Arbitrary)]
enum Input<'a> {
    Bytes(&'a [u8]),
    Changes(Vec<Change<'a>>),
}

#[derive(Debug, Arbitrary)]
struct Change<'a> {
    at: u16,
    instead_of: u8,
    bytes: &'a [u8],
}

struct Honest {
    network: Network,
    bytes: Vec<u8>,
    verified: Verified,
}

static HONEST: LazyLock<Honest> = LazyLock::new(|| {
    let network = Network::default();
    let bytes = network.evidence(&Question::FIRST).encode_to_vec();
    let verified = Evidence::decode(&bytes).unwrap().answer(network.roots()).unwrap();
    Honest { network, bytes, verified }
});

fuzz_target!(|input: Input<'_>| {
    let Honest { network, bytes: valid, verified: honest } = &*HONEST;
    let bytes = match input {
        Input::Bytes(bytes) => bytes.to_vec(),
        Input::Changes(changes) => changes.iter().fold(valid.clone(), |mut all, Change { at, instead_of, bytes }| {
            let from = usize::from(*at) % (all.len() + 1);
            let to = all.len().min(from + usize::from(*instead_of));
            all.splice(from..to, bytes.iter().copied());
            all
        }),
    };
    let Ok(verified) = Evidence::decode(&bytes).and_then(|evidence| evidence.answer(network.roots())) else { return };
    assert_eq!(verified.envelope, honest.envelope);
    assert!(verified.receipts.iter().all(|receipt| honest.receipts.contains(receipt)));
    assert!(verified.receipts.len() < honest.receipts.len() || verified.answer.asks == honest.answer.asks);
});
