//! A site's answer with its receipt: whether it is of this site, about this query, from this dictionary, and unchanged.

use coda_model::{Identity, SiteId, frame::SiteFrames, plan::Plan};
use coda_pki::{Roots, SignatureError, sha256, verify_signed};
use coda_stats::verify::{self, parts, verify};
use coda_wire::{
    frames,
    receipt::{self, Receipt},
    v1,
};
use prost::Message as _;
use rustls_pki_types::CertificateDer;
use time::OffsetDateTime;

/// Most bytes of a slot with its sums.
const LONGEST_PART: usize = 64;
/// How far a site's clock may be off, in seconds.
const SKEW: i64 = 300;

/// What an answer must be about.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    /// The plan of the query.
    pub plan: &'a Plan,
    /// SHA-256 of the envelope's bytes.
    pub envelope: [u8; 32],
    /// First and last second of the envelope's validity.
    pub validity: (i64, i64),
    /// SHA-256 of the dictionary's text.
    pub dictionary: [u8; 32],
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
    /// Something where nothing is to be.
    #[error("the answer has something in its padding, which should be zeros")]
    Padding,
    /// No receipt.
    #[error("the answer has no receipt")]
    NoReceipt,
    /// The receipt cannot be read.
    #[error("the receipt is malformed")]
    Receipt(#[from] receipt::ReceiptError),
    /// The signature.
    #[error("the receipt's signature is not valid")]
    Signature(#[from] SignatureError),
    /// Signed by another party than the site's computation node.
    #[error("the receipt is signed by another party")]
    Signer,
    /// About something else than was expected.
    #[error("the receipt is of another {0}")]
    Mismatch(&'static str),
    /// The bytes of the release: more than the query's plan has room for, or not written as this version writes them.
    #[error("the release is malformed")]
    Frames,
    /// Frames that no honest site has for this query.
    #[error(transparent)]
    Odd(#[from] verify::Odd),
}

/// Reads a site's answer. Certificates must have been good when the receipt was signed, which is while the query was valid, or almost.
///
/// # Errors
/// [`ReplyError`].
pub(crate) fn read(
    answer: &v1::SiteAnswer,
    site: &SiteId,
    expected: &Expected<'_>,
    roots: &Roots,
) -> Result<SiteReply, ReplyError> {
    let v1::SiteAnswer { receipt: signed, release, padding } = answer;
    if padding.iter().any(|byte| *byte != 0) {
        return Err(ReplyError::Padding);
    }
    let signed = signed.as_ref().ok_or(ReplyError::NoReceipt)?;
    let receipt = receipt::decode(&signed.content)?;
    let (from, until) = expected.validity;
    let time = OffsetDateTime::from_unix_timestamp(receipt.time).map_err(|_| ReplyError::Mismatch("time"))?;
    if signer(signed, roots, time)? != Identity::Compute(site.clone()) {
        return Err(ReplyError::Signer);
    }
    let same = [
        (receipt.site == *site, "site"),
        (receipt.envelope == expected.envelope, "query"),
        (receipt.dictionary == expected.dictionary, "dictionary"),
        (receipt.release == sha256(release), "release"),
        ((from.saturating_sub(SKEW)..=until.saturating_add(SKEW)).contains(&receipt.time), "time"),
    ];
    if let Some((_, what)) = same.into_iter().find(|(same, _)| !same) {
        return Err(ReplyError::Mismatch(what));
    }
    if release.len() > 128 + LONGEST_PART * parts(expected.plan) {
        return Err(ReplyError::Frames);
    }
    let message = v1::SiteFrames::decode(release.as_slice()).map_err(|_| ReplyError::Frames)?;
    if message.encode_to_vec() != *release {
        return Err(ReplyError::Frames);
    }
    let frames = frames::decode(message).map_err(|_| ReplyError::Frames)?;
    verify(expected.plan, &frames)?;
    if frames.rounding != receipt.terms.rounding {
        return Err(ReplyError::Mismatch("way of rounding"));
    }
    Ok(SiteReply { receipt, frames })
}

/// That the certificates which came with a message are good at a moment; who signed it was found out before.
pub(crate) fn certified(signed: &v1::Signed, roots: &Roots, at: OffsetDateTime) -> Result<(), SignatureError> {
    roots.verify(&chain(signed), at).map(drop).map_err(SignatureError::Chain)
}

/// Who signed the content of a message.
pub(crate) fn signer(signed: &v1::Signed, roots: &Roots, at: OffsetDateTime) -> Result<Identity, SignatureError> {
    Ok(verify_signed(&chain(signed), roots, &signed.content, &signed.signature, at)?.identity)
}

/// The certificates that came with a message, as yet unchecked.
pub(crate) fn chain(signed: &v1::Signed) -> Vec<CertificateDer<'_>> {
    signed.chain.iter().map(|der| der.as_slice().into()).collect()
}
