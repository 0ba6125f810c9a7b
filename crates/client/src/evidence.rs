//! What an answer rests on: the signed query, the dictionary, and what each site answered with its receipt.
//!
//! Whoever has it works the answer out anew. The coordinator is a courier: it may keep a site's answer back, and is seen to,
//! but what it hands over it can neither change nor invent.

use coda_model::{
    Identity, SiteId,
    dictionary::{Dictionary, DictionaryError},
    estimate::{Answer, SiteOutcome, SiteStatus},
    frame::SiteFrames,
    plain::plain,
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
use time::OffsetDateTime;

use crate::{
    error::LONGEST_WORDS,
    receipt::{Expected, ReplyError, read, signer},
};

/// The evidence of an answer.
///
/// `Debug` is silent: the query's constants may describe a person.
#[derive(Clone, PartialEq)]
pub struct Evidence(v1::Evidence);

impl std::fmt::Debug for Evidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Evidence(…)")
    }
}

/// An answer, worked out from its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// The answer.
    pub answer: Answer,
    /// What was asked by whom; the signature is valid.
    pub envelope: Envelope,
    /// Whom it was asked about, in the canonical words of the plan.
    pub cohort: String,
    /// What the sites signed that answered.
    pub receipts: Vec<Receipt>,
}

/// Evidence that does not hold.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// Not this message, or a part of it is absent.
    #[error("the evidence has no valid {0}")]
    Field(&'static str),
    /// The envelope cannot be read.
    #[error("the signed query cannot be read")]
    Envelope(#[from] EnvelopeError),
    /// The asker's signature.
    #[error("the query's signature is not valid")]
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
    #[error("the answer of {0} does not hold")]
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
    /// [`EvidenceError::Field`], for anything that [`encode`](Self::encode) does not make, unknown fields too.
    pub fn decode(bytes: &[u8]) -> Result<Self, EvidenceError> {
        let message = v1::Evidence::decode(bytes).ok().filter(|message| message.encode_to_vec() == bytes);
        message.map(Self).ok_or(EvidenceError::Field("form"))
    }

    /// Checks all signatures, plans the query anew, and adds up what the sites told.
    ///
    /// # Errors
    /// [`EvidenceError`]; one answer that does not hold is enough, since whoever handed it over has checked it too.
    pub fn answer(&self, roots: &Roots) -> Result<Verified, EvidenceError> {
        let v1::Evidence { envelope: signed, dictionary: text, answer } = &self.0;
        let signed = signed.as_ref().ok_or(EvidenceError::Field("signed query"))?;
        let answer = answer.as_ref().ok_or(EvidenceError::Field("answer"))?;
        let envelope = envelope::decode(&signed.content)?;
        let asked = OffsetDateTime::from_unix_timestamp(envelope.not_before);
        if signer(signed, roots, asked.map_err(|_| EvidenceError::Field("time"))?)?
            != Identity::User(envelope.user.clone())
        {
            return Err(EvidenceError::Signer);
        }
        let dictionary = Dictionary::parse(text)?;
        let plan = Plan::of(&envelope.query, &dictionary)?;
        coda_stats::check(&plan)?;
        let expected = Expected {
            plan: &plan,
            envelope: sha256(&signed.content),
            validity: (envelope.not_before, envelope.not_after),
            dictionary: sha256(text.as_bytes()),
        };

        let mut replies = Replies::default();
        for result in &answer.sites {
            replies.add(result, &expected, roots)?;
        }
        let found: Vec<&SiteId> = replies.sites.iter().map(|outcome| &outcome.site).collect();
        let unexpected = || {
            let extra = found.iter().enumerate().find(|(place, site)| {
                !envelope.sites.contains(site) || found.iter().take(*place).any(|earlier| earlier == *site)
            });
            extra.map(|(_, site)| *site).or_else(|| envelope.sites.iter().find(|site| !found.contains(site)))
        };
        if let Some(site) = unexpected() {
            return Err(EvidenceError::Sites(site.clone()));
        }
        let Replies { sites, receipts, frames, without_answer } = replies;
        let dataset = dictionary.dataset(&plan.dataset);
        let cohort = dataset.map(|dataset| plan.cohort_text(dataset).replace('\n', " ")).unwrap_or_default();
        let axes = plan.axes.iter().map(|axis| axis.title.clone()).collect();
        // Where no site signed, nobody has said that this is the network's dictionary: no name of a level is shown.
        let asks = if frames.is_empty() { Vec::new() } else { coda_stats::estimate(&plan, &frames, &without_answer) };
        Ok(Verified { answer: Answer { sites, axes, asks }, envelope, cohort, receipts })
    }
}

/// What the sites did, as it is read.
#[derive(Default)]
struct Replies {
    sites: Vec<SiteOutcome>,
    receipts: Vec<Receipt>,
    frames: Vec<(SiteId, SiteFrames)>,
    without_answer: Vec<SiteId>,
}

impl Replies {
    fn add(&mut self, result: &v1::SiteResult, expected: &Expected<'_>, roots: &Roots) -> Result<(), EvidenceError> {
        let v1::SiteResult { outcome, answer } = result;
        let mut outcome = outcome::decode(outcome.clone().ok_or(EvidenceError::Field("outcome"))?)?;
        outcome.detail = plain(&outcome.detail, LONGEST_WORDS);
        let site = outcome.site.clone();
        match answer {
            Some(answer) if outcome.status == SiteStatus::Answered => {
                let reply = read(answer, &site, expected, roots);
                let reply = reply.map_err(|error| EvidenceError::Site(site.clone(), error))?;
                outcome.detail.clear();
                outcome.build = reply.receipt.build.to_string();
                outcome.terms = Some(reply.receipt.terms.clone());
                self.frames.push((site, reply.frames));
                self.receipts.push(reply.receipt);
            }
            None if outcome.status != SiteStatus::Answered => self.without_answer.push(site),
            _ => return Err(EvidenceError::Status(site)),
        }
        self.sites.push(outcome);
        Ok(())
    }
}
