//! 10,000 mutations of each signed message, as a whole: content, signature and certificates. Whatever is accepted is the same
//! content, signed by the same party. What may differ is what means nothing: how protobuf writes the fields around the content,
//! since only the content is signed, and fields that nobody knows there.

use coda_model::Identity;
use coda_mutations::{ASKED, Network, Question, run};
use coda_pki::{Roots, verify_signed};
use coda_wire::{envelope, receipt, token, v1};
use proptest::prelude::*;
use prost::Message as _;

/// Whose content it is.
fn signer(signed: &v1::Signed, roots: &Roots) -> Option<Identity> {
    let v1::Signed { content, signature, chain } = signed;
    let chain: Vec<_> = chain.iter().map(|der| der.as_slice().into()).collect();
    verify_signed(&chain, roots, content, signature, ASKED).ok().map(|signer| signer.identity)
}

fn check<T: PartialEq>(network: &Network, of: impl Fn(&Question) -> v1::Signed, read: impl Fn(&[u8]) -> Option<T>) {
    let [valid, other] = [Question::FIRST, Question::OTHER].map(|question| of(&question));
    let said =
        [&valid, &other].map(|signed| (signer(signed, network.roots()).unwrap(), read(&signed.content).unwrap()));
    let accepted = run(&valid.encode_to_vec(), &other.encode_to_vec(), |bytes| {
        let Ok(signed) = v1::Signed::decode(bytes) else { return Ok(false) };
        let Some(identity) = signer(&signed, network.roots()) else { return Ok(false) };
        // A whole message in place of another is for its receiver to notice, by the nonce or the digests in it.
        let original = [&valid, &other].iter().position(|original| original.content == signed.content);
        prop_assert!(original.is_some(), "content that nobody signed");
        let (who, what) = &said[original.unwrap()];
        prop_assert_eq!(&identity, who);
        prop_assert!(read(&signed.content).as_ref() == Some(what));
        Ok(true)
    });
    assert!((10..5_000).contains(&accepted), "{accepted} were accepted");
}

#[test]
fn a_changed_envelope_is_refused_or_the_same() {
    let network = Network::default();
    check(&network, |question| network.envelope(question), |content| envelope::decode(content).ok());
}

#[test]
fn a_changed_token_is_refused_or_the_same() {
    let network = Network::default();
    check(&network, |question| network.token(question), |content| token::decode(content).ok());
}

#[test]
fn a_changed_receipt_is_refused_or_the_same() {
    let network = Network::default();
    let receipt = |question: &Question| {
        network.evidence(question).answer.unwrap().sites.swap_remove(0).answer.unwrap().receipt.unwrap()
    };
    check(&network, receipt, |content| receipt::decode(content).ok());
}
