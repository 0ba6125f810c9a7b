//! Whether a certificate was revoked, asked online: a responder of the Online Certificate Status Protocol (RFC 6960).
//!
//! Our own programs take whole revocation lists and ask nobody. The responder is for everyone else's software, and says what the
//! lists say:
//!
//! | asked about | answer |
//! |---|---|
//! | a serial number on the list of its issuing authority | revoked, and since when |
//! | any other serial number of that authority | good: there is no list of what was issued, so it means "not revoked" (2.2) |
//! | a certificate of anybody else | unknown |
//! | anything while the list is missing or had to be renewed | no answer but `tryLater` |
//!
//! The issuing keys are elsewhere, so each authority signs a certificate for a [`Delegate`], whose key signs the answers (4.2.2.2).
//! An answer has one signature and therefore one delegate: that of the first certificate asked about. Certificates of the
//! other authority in the same request are unknown to it.

use std::fmt;

use time::OffsetDateTime;
use x509_cert::der::asn1::{BitString, GeneralizedTime, Null};
use x509_cert::der::{self, Encode as _};
use x509_cert::ext::Extension;
use x509_ocsp::{
    AsResponseBytes as _, BasicOcspResponse, CertId, CertStatus, OcspGeneralizedTime, OcspResponse, ResponderId,
    ResponseData, RevokedInfo, SingleResponse, Version,
};

mod delegate;
mod http;
mod request;
mod serve;

use crate::chain::Issuer;
use crate::key::{KeyError, PrivateKey};
use crate::roots::Roots;
pub use delegate::{Delegate, DelegateError};
pub use http::{Answer, CONTENT_TYPE, LARGEST_PATH, http};
pub use request::{LARGEST_REQUEST, MOST_CERTIFICATES};
pub use serve::serve;

/// Answers that say only why there is none (RFC 6960, 2.3); they are not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Malformed = 1,
    Internal = 2,
    TryLater = 3,
}

/// Answers for both issuing authorities, or one.
pub struct Responder {
    roots: Roots,
    delegates: Vec<Delegate>,
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.delegates.iter().map(Delegate::issuer)).finish()
    }
}

impl Responder {
    /// A responder that answers through these delegates. It knows what `roots` knows, now and later: whoever hands lists to
    /// [`Roots::take_lists`], of these trust anchors or a copy, hands them to it.
    pub fn new(roots: Roots, delegates: Vec<Delegate>) -> Self {
        Self { roots, delegates }
    }
}

/// The request for a responder's certificate, for whoever signs it to see what it is for.
///
/// # Errors
/// [`KeyError::Operation`] when signing fails.
pub fn request(key: &PrivateKey, issuer: Issuer) -> Result<String, KeyError> {
    key.request_naming(&display_name(issuer), uri(issuer))
}

/// The answer to a request, both in DER. It depends on nothing but its arguments and the lists; to ask twice costs two signatures.
/// A request over [`LARGEST_REQUEST`] or [`MOST_CERTIFICATES`] is malformed, and so is one with a nonce that is not of 1 to 32
/// bytes (RFC 8954). A nonce is given back. The signature of a request, if it has one, is not looked at.
pub fn respond(request: &[u8], responder: &Responder, now: OffsetDateTime) -> Vec<u8> {
    let answer = request::read(request).and_then(|asked| basic(asked, responder, now));
    answer.unwrap_or_else(Refusal::der)
}

impl Refusal {
    /// `OCSPResponse` with this status and no response bytes (RFC 6960, 4.2.1).
    fn der(self) -> Vec<u8> {
        vec![0x30, 0x03, 0x0a, 0x01, self as u8]
    }
}

fn basic(asked: request::Asked, responder: &Responder, now: OffsetDateTime) -> Result<Vec<u8>, Refusal> {
    let knows = |delegate: &&Delegate| asked.certificates.iter().any(|id| delegate.answers_for(id));
    // Nobody's certificate is as unknown to one as to the other.
    let first = responder.delegates.iter().find(knows).or_else(|| responder.delegates.first());
    let delegate = first.ok_or(Refusal::Internal)?;
    if !delegate.is_valid(now) {
        return Err(Refusal::Internal);
    }
    let one = |id: CertId| single(id, delegate, responder, now);
    let responses = asked.certificates.into_iter().map(one).collect::<Result<_, _>>()?;
    let data = ResponseData {
        version: Version::V1,
        responder_id: ResponderId::ByKey(delegate.key_hash().map_err(internal)?),
        produced_at: moment(now)?,
        responses,
        response_extensions: asked.nonce.map(|nonce: Extension| vec![nonce]),
    };
    signed(data, delegate)
}

fn single(
    id: CertId,
    delegate: &Delegate,
    responder: &Responder,
    now: OffsetDateTime,
) -> Result<SingleResponse, Refusal> {
    if !delegate.answers_for(&id) {
        let (cert_status, this_update) = (CertStatus::unknown(), moment(now)?);
        return Ok(SingleResponse {
            cert_id: id,
            cert_status,
            this_update,
            next_update: None,
            single_extensions: None,
        });
    }
    let serial = magnitude(id.serial_number.as_bytes());
    let listed = responder.roots.revocation().listed(delegate.list(), serial, now).ok_or(Refusal::TryLater)?;
    let cert_status = match listed.revoked {
        // Why is nobody's business: without a reason it is "unspecified" (RFC 5280, 5.3.1).
        Some(since) => CertStatus::revoked(RevokedInfo { revocation_time: moment(since)?, revocation_reason: None }),
        None => CertStatus::Good(Null),
    };
    let (this_update, next_update) = (moment(listed.from)?, Some(moment(listed.until)?));
    Ok(SingleResponse { cert_id: id, cert_status, this_update, next_update, single_extensions: None })
}

fn signed(data: ResponseData, delegate: &Delegate) -> Result<Vec<u8>, Refusal> {
    let signature = delegate.key().sign(&data.to_der().map_err(internal)?).map_err(|error| {
        tracing::error!(%error, "an OCSP answer cannot be signed");
        Refusal::Internal
    })?;
    let answer = BasicOcspResponse {
        tbs_response_data: data,
        signature_algorithm: delegate.algorithm(),
        signature: BitString::from_bytes(&signature).map_err(internal)?,
        certs: Some(delegate.chain().to_vec()),
    };
    let bytes = answer.to_response_bytes().map_err(internal)?;
    let answer =
        OcspResponse { response_status: x509_ocsp::OcspResponseStatus::Successful, response_bytes: Some(bytes) };
    answer.to_der().map_err(internal)
}

/// A number without the zeros before it, as the lists have it.
fn magnitude(bytes: &[u8]) -> &[u8] {
    match bytes {
        [0, rest @ ..] if !rest.is_empty() => magnitude(rest),
        _ => bytes,
    }
}

/// Whole seconds, as DER has it (RFC 5280, 4.1.2.5.2).
fn moment(at: OffsetDateTime) -> Result<OcspGeneralizedTime, Refusal> {
    let seconds = u64::try_from(at.unix_timestamp()).map_err(|_| Refusal::Internal)?;
    let time = GeneralizedTime::from_unix_duration(std::time::Duration::from_secs(seconds)).map_err(internal)?;
    Ok(OcspGeneralizedTime(time))
}

fn internal(error: der::Error) -> Refusal {
    tracing::error!(%error, "an OCSP answer cannot be encoded");
    Refusal::Internal
}

/// The common name of a responder: for people's eyes.
pub(crate) fn display_name(issuer: Issuer) -> String {
    format!("Coda OCSP responder for {}", issuer.word())
}

/// The SAN URI of a responder's certificate. It is no identity, so a responder is never taken for a party.
pub(crate) fn uri(issuer: Issuer) -> &'static str {
    match issuer {
        Issuer::Nodes => "coda://ocsp/nodes",
        Issuer::People => "coda://ocsp/people",
    }
}

#[cfg(test)]
mod tests;
