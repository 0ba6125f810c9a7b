//! 10,000 mutations of each message whose bytes are signed. Its reader has no signature to look at: the mutation may be
//! another message, which nobody signed, but never the same one in other bytes, nor one that is not written as it was read.

use coda_mutations::{Network, Question, run};
use coda_wire::{envelope, frames, receipt, token, v1};
use proptest::prelude::*;
use prost::Message as _;

/// `read` gives, of bytes that it takes, what they mean and how that is written.
fn check<T: PartialEq>(valid: &[u8], other: &[u8], read: impl Fn(&[u8]) -> Option<(T, Vec<u8>)>) -> u32 {
    let (meant, _) = read(valid).unwrap();
    run(valid, other, |bytes| {
        let Some((found, written)) = read(bytes) else { return Ok(false) };
        prop_assert!(written == bytes, "accepted, and written otherwise");
        prop_assert!(bytes == valid || found != meant, "two encodings of one message");
        Ok(bytes != valid)
    })
}

#[test]
fn an_envelope_has_one_encoding() {
    let network = Network::default();
    let [valid, other] = [Question::FIRST, Question::OTHER].map(|question| network.envelope(&question).content);
    let others = check(&valid, &other, |bytes| {
        let found = envelope::decode(bytes).ok()?;
        let written = envelope::encode(&found);
        Some((found, written))
    });
    assert!(others > 500, "{others} are envelopes");
}

#[test]
fn a_token_has_one_encoding() {
    let network = Network::default();
    let [valid, other] = [Question::FIRST, Question::OTHER].map(|question| network.token(&question).content);
    let others = check(&valid, &other, |bytes| {
        let found = token::decode(bytes).ok()?;
        let written = token::encode(&found);
        Some((found, written))
    });
    assert!(others > 500, "{others} are tokens");
}

#[test]
fn a_receipt_has_one_encoding() {
    let network = Network::default();
    let [valid, other] =
        [Question::FIRST, Question::OTHER].map(|question| answer(&network, &question).receipt.unwrap().content);
    let others = check(&valid, &other, |bytes| {
        let found = receipt::decode(bytes).ok()?;
        let written = receipt::encode(&found);
        Some((found, written))
    });
    assert!(others > 500, "{others} are receipts");
}

/// A receipt has the digest of a release, not the release: what is not read of it would not be missed. The bytes are compared
/// as `coda_client` does it.
#[test]
fn a_release_has_one_encoding() {
    let network = Network::default();
    let [valid, other] = [Question::FIRST, Question::OTHER].map(|question| answer(&network, &question).release);
    let others = check(&valid, &other, |bytes| {
        let message = v1::SiteFrames::decode(bytes).ok()?;
        let written = message.encode_to_vec();
        (written == bytes).then(|| Some((frames::decode(message).ok()?, written)))?
    });
    assert!(others > 500, "{others} are releases");
}

fn answer(network: &Network, question: &Question) -> v1::SiteAnswer {
    network.evidence(question).answer.unwrap().sites.swap_remove(0).answer.unwrap()
}
