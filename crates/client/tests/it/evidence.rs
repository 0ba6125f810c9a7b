//! 10,000 mutations of a whole answer, as it is handed over and kept. What is accepted is the answer of the same sites to the same
//! question, figure by figure.
//!
//! The courier's own words are signed by nobody, and so may differ: which sites that did not answer did what, and in which
//! words. It can say of a site that it did not answer: then the figures are those of the other sites, and the site is named. The
//! order of the sites and the length of the padding mean nothing. Where no site answered, nobody has
//! signed the dictionary, and the words for the people are the courier's too.

use coda_client::{Evidence, EvidenceError, ReplyError, Verified};
use coda_model::{SiteId, estimate::SiteStatus};
use coda_mutations::{DICTIONARY, Network, Question, SITES, run};
use coda_pki::Roots;
use coda_wire::v1;
use proptest::prelude::*;
use prost::Message as _;

/// Of the honest evidence, that in which these sites alone have answered.
fn without(evidence: &v1::Evidence, answering: &[&str]) -> Evidence {
    let v1::Evidence { envelope, dictionary, answer } = evidence.clone();
    let mut answer = answer.unwrap();
    for v1::SiteResult { outcome, answer } in &mut answer.sites {
        let outcome = outcome.as_mut().unwrap();
        if !answering.contains(&outcome.site.as_str()) {
            outcome.status = v1::site_outcome::Status::Unreachable.into();
            *answer = None;
        }
    }
    Evidence::new(envelope.unwrap(), dictionary, answer)
}

/// Who answered, in the order of their names.
fn answering(verified: &Verified) -> Vec<SiteId> {
    let answered = verified.answer.sites.iter().filter(|outcome| outcome.status == SiteStatus::Answered);
    let mut sites: Vec<SiteId> = answered.map(|outcome| outcome.site.clone()).collect();
    sites.sort();
    sites
}

/// An answer without what may differ.
fn meaning(verified: &Verified) -> Verified {
    let mut same = verified.clone();
    same.answer.sites.sort_by(|one, other| one.site.cmp(&other.site));
    same.receipts.sort_by(|one, other| one.site.cmp(&other.site));
    for outcome in same.answer.sites.iter_mut().filter(|outcome| outcome.status != SiteStatus::Answered) {
        outcome.status = SiteStatus::Unreachable;
        outcome.detail.clear();
    }
    for cell in same.answer.asks.iter_mut().flat_map(|ask| &mut ask.cells) {
        cell.sites.sort_by(|(one, _), (other, _)| one.cmp(other));
        cell.network.sites_in.sort();
        cell.network.sites_out.sort();
    }
    if same.receipts.is_empty() {
        same.cohort.clear();
    }
    same
}

/// What each choice of sites tells of a question.
fn all(evidence: &v1::Evidence, roots: &Roots) -> Vec<Verified> {
    let choices = [&SITES[..0], &SITES[..1], &SITES[1..2], &SITES[..2]];
    choices.map(|sites| meaning(&without(evidence, sites).answer(roots).unwrap())).to_vec()
}

/// Mutations of the evidence in which these sites have answered.
fn check(sites: &[&str]) {
    let network = Network::default();
    let roots = network.roots();
    let [valid, other] = [Question::FIRST, Question::OTHER].map(|question| network.evidence(&question));
    let honest = [all(&valid, roots), all(&other, roots)].concat();
    let accepted = run(&without(&valid, sites).encode(), &other.encode_to_vec(), |bytes| {
        let Ok(evidence) = Evidence::decode(bytes) else { return Ok(false) };
        let Ok(verified) = evidence.answer(roots) else { return Ok(false) };
        // Evidence of another question in place of all of this one is for its receiver to notice, by the envelope.
        let of_the_same =
            |one: &&Verified| one.envelope.nonce == verified.envelope.nonce && answering(one) == answering(&verified);
        let expected = honest.iter().find(of_the_same);
        prop_assert!(expected.is_some(), "an answer to a question that nobody signed");
        prop_assert_eq!(&meaning(&verified), expected.unwrap());
        Ok(true)
    });
    assert!((100..5_000).contains(&accepted), "{accepted} were accepted");
}

#[test]
fn a_changed_answer_is_refused_or_the_same() {
    check(&SITES[..2]);
}

#[test]
fn where_no_site_answered_no_change_makes_one_of_it() {
    check(&[]);
}

/// What nobody reads is where somebody hides something.
#[test]
fn padding_is_zeros_and_nothing_is_unknown() {
    let network = Network::default();
    let mut evidence = network.evidence(&Question::FIRST);
    let unknown = [&evidence.encode_to_vec()[..], &[0x78, 0x01]].concat();
    assert!(matches!(Evidence::decode(&unknown), Err(EvidenceError::Field("form"))));
    let answer = evidence.answer.as_mut().unwrap().sites[0].answer.as_mut().unwrap();
    *answer.padding.last_mut().unwrap() = 1;
    let outcome = Evidence::decode(&evidence.encode_to_vec()).unwrap().answer(network.roots());
    assert!(matches!(outcome, Err(EvidenceError::Site(_, ReplyError::Padding))), "{outcome:?}");
}

#[test]
fn the_answer_is_of_the_sites_that_answered() {
    let network = Network::default();
    let evidence = network.evidence(&Question::FIRST);
    let verified = without(&evidence, &SITES[..2]).answer(network.roots()).unwrap();
    assert_eq!(answering(&verified).iter().map(SiteId::as_str).collect::<Vec<_>>(), SITES[..2]);
    assert_eq!(verified.answer.asks.len(), 3);
    assert_eq!(evidence.dictionary, DICTIONARY);
}
