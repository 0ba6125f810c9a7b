//! What an answer rests on: the signed query, the dictionary, and what each site answered with its receipt.
//!
//! Whoever has it works the answer out anew. The coordinator is a courier: it may keep a site's answer back, and is seen to,
//! but what it hands over it can neither change nor invent.

use coda_model::{
    Identity, SiteId,
    dictionary::{Dictionary, DictionaryError},
    estimate::{Answer, SiteOutcome, SiteStatus},
    frame::SiteFrames,
    plan::Plan,
    query::QueryError,
};
use coda_pki::{Roots, SignatureError, sha256};
use coda_wire::{
    envelope::{self, Envelope, EnvelopeError},
    outcome::{self, OutcomeError},
    receipt::Receipt,
    v1,
};
use prost::Message as _;

use crate::receipt::{Asked, ReplyError, When, read, signer};

/// The evidence of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence(v1::Evidence);

/// An answer, worked out from its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Proven {
    /// The answer.
    pub answer: Answer,
    /// What was asked by whom; the signature is good.
    pub envelope: Envelope,
    /// What the sites signed that answered.
    pub receipts: Vec<Receipt>,
}

/// Evidence that does not hold.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// Not this message, or a part of it is absent.
    #[error("the evidence has no valid {0}")]
    Part(&'static str),
    /// The envelope cannot be read.
    #[error("the signed query cannot be read")]
    Envelope(#[from] EnvelopeError),
    /// The asker's signature.
    #[error("the query's signature is not good")]
    Signature(#[from] SignatureError),
    /// Signed by somebody else than it names.
    #[error("the query is signed by somebody else")]
    Signer,
    /// The dictionary.
    #[error("the dictionary is wrong")]
    Dictionary(#[from] DictionaryError),
    /// The query does not fit the dictionary.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// What a site did.
    #[error(transparent)]
    Outcome(#[from] OutcomeError),
    /// Other sites than were asked.
    #[error("the answer is not of the sites that were asked: {0}")]
    Sites(SiteId),
    /// A site's answer.
    #[error("the answer of {0} does not hold: {1}")]
    Site(SiteId, #[source] ReplyError),
    /// Said of a site that it answered, without an answer, or the other way round.
    #[error("it is said of {0} that it did something else than it did")]
    Status(SiteId),
}

impl Evidence {
    /// Of a query that was asked, the dictionary's text, and what the coordinator handed over.
    pub fn new(envelope: v1::Signed, dictionary: String, answer: v1::Answer) -> Self {
        Self(v1::Evidence { envelope: Some(envelope), dictionary, answer: Some(answer) })
    }

    /// As bytes, to keep.
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode_to_vec()
    }

    /// From bytes that were kept.
    ///
    /// # Errors
    /// [`EvidenceError::Part`].
    pub fn decode(bytes: &[u8]) -> Result<Self, EvidenceError> {
        v1::Evidence::decode(bytes).map(Self).map_err(|_| EvidenceError::Part("form"))
    }

    /// Checks all signatures, plans the query anew, and adds up what the sites told.
    ///
    /// # Errors
    /// [`EvidenceError`]; one answer that does not hold is enough, since whoever handed it over has checked it too.
    pub fn answer(&self, roots: &Roots, when: When) -> Result<Proven, EvidenceError> {
        let v1::Evidence { envelope: signed, dictionary: text, answer } = &self.0;
        let signed = signed.as_ref().ok_or(EvidenceError::Part("signed query"))?;
        let answer = answer.as_ref().ok_or(EvidenceError::Part("answer"))?;
        let envelope = envelope::decode(&signed.content)?;
        let asked_at = when.or(envelope.not_before).map_err(|_| EvidenceError::Part("time"))?;
        if signer(signed, roots, asked_at)? != Identity::User(envelope.user.clone()) {
            return Err(EvidenceError::Signer);
        }
        let dictionary = Dictionary::parse(text)?;
        let plan = Plan::of(&envelope.query, &dictionary)?;
        coda_stats::check(&plan)?;
        let asked = Asked {
            plan: &plan,
            envelope: sha256(&signed.content),
            validity: (envelope.not_before, envelope.not_after),
            dictionary: sha256(text.as_bytes()),
        };

        let mut replies = Replies::default();
        for result in &answer.sites {
            replies.add(result, &asked, roots, when)?;
        }
        let found: Vec<&SiteId> = replies.sites.iter().map(|outcome| &outcome.site).collect();
        let odd = || {
            let extra = found.iter().enumerate().find(|(place, site)| {
                !envelope.sites.contains(site) || found.iter().take(*place).any(|earlier| earlier == *site)
            });
            extra.map(|(_, site)| *site).or_else(|| envelope.sites.iter().find(|site| !found.contains(site)))
        };
        if let Some(site) = odd() {
            return Err(EvidenceError::Sites(site.clone()));
        }
        let Replies { sites, receipts, frames, silent } = replies;
        let axes = plan.axes.iter().map(|axis| axis.title.clone()).collect();
        let asks = coda_stats::estimate(&plan, &frames, &silent);
        Ok(Proven { answer: Answer { sites, axes, asks }, envelope, receipts })
    }
}

/// What the sites did, as it is read.
#[derive(Default)]
struct Replies {
    sites: Vec<SiteOutcome>,
    receipts: Vec<Receipt>,
    frames: Vec<(SiteId, SiteFrames)>,
    silent: Vec<SiteId>,
}

impl Replies {
    fn add(
        &mut self,
        result: &v1::SiteResult,
        asked: &Asked<'_>,
        roots: &Roots,
        when: When,
    ) -> Result<(), EvidenceError> {
        let v1::SiteResult { outcome, answer } = result;
        let mut outcome = outcome::decode(outcome.clone().ok_or(EvidenceError::Part("outcome"))?)?;
        outcome.detail = crate::error::harmless(&outcome.detail);
        let site = outcome.site.clone();
        match answer {
            Some(answer) if outcome.status == SiteStatus::Answered => {
                let reply = read(answer, &site, asked, roots, when);
                let reply = reply.map_err(|error| EvidenceError::Site(site.clone(), error))?;
                outcome.detail.clear();
                outcome.build = reply.receipt.build.to_string();
                outcome.terms = Some(reply.receipt.terms.clone());
                self.frames.push((site, reply.frames));
                self.receipts.push(reply.receipt);
            }
            None if outcome.status != SiteStatus::Answered => self.silent.push(site),
            _ => return Err(EvidenceError::Status(site)),
        }
        self.sites.push(outcome);
        Ok(())
    }
}
