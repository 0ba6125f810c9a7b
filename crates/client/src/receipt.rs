//! A site's answer with its receipt: whether it is of this site, about this query, from this dictionary, and unchanged.

use coda_model::{Identity, SiteId, frame::SiteFrames, plan::Plan};
use coda_pki::{Roots, SignatureError, sha256, verify_signed};
use coda_stats::verify::{self, verify};
use coda_wire::{
    frames,
    receipt::{self, Receipt},
    v1,
};
use prost::Message as _;
use time::OffsetDateTime;

/// Latest that an answer may be ready after its envelope has ended, in seconds: a site computes for ten minutes at most.
const LATEST: i64 = 900;
/// How far a site's clock may be off, in seconds.
const SKEW: i64 = 300;

/// What an answer must be about.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The plan of the query.
    pub plan: &'a Plan,
    /// SHA-256 of the envelope's bytes.
    pub envelope: [u8; 32],
    /// First and last second of the envelope's validity.
    pub validity: (i64, i64),
    /// SHA-256 of the dictionary's text.
    pub dictionary: [u8; 32],
}

/// At which moment certificates must be good.
#[derive(Debug, Clone, Copy)]
pub enum When {
    /// Now.
    Now(OffsetDateTime),
    /// When something was signed, as it says itself: for what is verified later.
    Then,
}

/// What a site let out.
pub(crate) struct SiteReply {
    /// What it signed.
    pub(crate) receipt: Receipt,
    /// Its frames, as the query's plan has them.
    pub(crate) frames: SiteFrames,
}

/// An answer that no honest site gives, or that is not as its site gave it.
#[derive(Debug, thiserror::Error)]
pub enum ReplyError {
    /// No receipt.
    #[error("the answer has no receipt")]
    Bare,
    /// The receipt cannot be read.
    #[error("the receipt is malformed")]
    Receipt(#[from] receipt::ReceiptError),
    /// The signature.
    #[error("the receipt's signature is not good")]
    Signature(#[from] SignatureError),
    /// Signed by another party than the site's computation node.
    #[error("the receipt is signed by another party")]
    Signer,
    /// About something else than was asked.
    #[error("the receipt is of another {0}")]
    Other(&'static str),
    /// The bytes of the release.
    #[error("the frames are malformed")]
    Frames,
    /// Frames that no honest site has for this query.
    #[error("the answer is odd: {0}")]
    Odd(#[from] verify::Odd),
}

/// Reads a site's answer.
///
/// # Errors
/// [`ReplyError`].
pub(crate) fn read(
    answer: &v1::SiteAnswer,
    site: &SiteId,
    asked: &Asked<'_>,
    roots: &Roots,
    when: When,
) -> Result<SiteReply, ReplyError> {
    let v1::SiteAnswer { receipt: signed, release, padding: _ } = answer;
    let signed = signed.as_ref().ok_or(ReplyError::Bare)?;
    let receipt = receipt::decode(&signed.content)?;
    if signer(signed, roots, when.or(receipt.time)?)? != Identity::Compute(site.clone()) {
        return Err(ReplyError::Signer);
    }
    let (from, until) = asked.validity;
    let same = [
        (receipt.site == *site, "site"),
        (receipt.envelope == asked.envelope, "query"),
        (receipt.dictionary == asked.dictionary, "dictionary"),
        (receipt.release == sha256(release), "release"),
        ((from - SKEW..=until + LATEST).contains(&receipt.time), "time"),
    ];
    if let Some((_, what)) = same.into_iter().find(|(same, _)| !same) {
        return Err(ReplyError::Other(what));
    }
    let message = v1::SiteFrames::decode(release.as_slice()).map_err(|_| ReplyError::Frames)?;
    let frames = frames::decode(message).map_err(|_| ReplyError::Frames)?;
    verify(asked.plan, &frames)?;
    if frames.rounding != receipt.terms.rounding {
        return Err(ReplyError::Other("way of rounding"));
    }
    Ok(SiteReply { receipt, frames })
}

/// Who signed the content of a message.
pub(crate) fn signer(signed: &v1::Signed, roots: &Roots, at: OffsetDateTime) -> Result<Identity, SignatureError> {
    let v1::Signed { content, signature, chain } = signed;
    let chain: Vec<_> = chain.iter().map(|der| der.as_slice().into()).collect();
    Ok(verify_signed(&chain, roots, content, signature, at)?.identity)
}

impl When {
    /// The moment for something that was signed `then`, in seconds since 1970.
    pub(crate) fn or(self, then: i64) -> Result<OffsetDateTime, ReplyError> {
        match self {
            Self::Now(now) => Ok(now),
            Self::Then => OffsetDateTime::from_unix_timestamp(then).map_err(|_| ReplyError::Other("time")),
        }
    }
}
