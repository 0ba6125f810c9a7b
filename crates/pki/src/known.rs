//! Chains and signatures that were found good, so that a person's second query does not cost the same signature checks again: whoever
//! asks twice shows the same chain and, for ten minutes, the same token.
//!
//! Whether a chain is good depends on its bytes, the trust anchors and the time alone. So the bytes are the key, each set of trust anchors
//! has its own memory, and a chain is believed only between the latest beginning and the earliest end of its certificates. Whether it was
//! revoked is asked each time. Whether a signature fits depends on the key, the signed bytes and the signature alone.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use coda_model::Identity;
use rustls_pki_types::CertificateDer;
use time::OffsetDateTime;

use crate::certificate;
use crate::digest::sha256;
use crate::revocation::Mark;

/// More chains than a network has people. Signatures of envelopes are kept too, though they do not come again: at so many the memory begins
/// anew, and a token is checked once more.
const MOST: usize = 4096;

/// The chains found good under one set of trust anchors.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<HashMap<ChainDigest, Good>>);

/// The signatures found to fit.
#[derive(Debug, Default)]
pub(crate) struct KnownSignatures(Mutex<HashSet<SignatureDigest>>);

/// SHA-256 over certificate, signed bytes and signature, each with its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SignatureDigest([u8; 32]);

/// SHA-256 over a chain, each certificate with its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ChainDigest([u8; 32]);

#[derive(Debug)]
struct Good {
    identity: Identity,
    mark: Mark,
    from: OffsetDateTime,
    until: OffsetDateTime,
}

impl ChainDigest {
    pub(crate) fn of(chain: &[CertificateDer<'_>]) -> Self {
        Self(of_parts(chain.iter().map(AsRef::as_ref)))
    }
}

impl SignatureDigest {
    pub(crate) fn of(certificate: &CertificateDer<'_>, bytes: &[u8], signature: &[u8]) -> Self {
        Self(of_parts([certificate, bytes, signature]))
    }
}

/// With the length of each part, so that no two lists of parts have the same digest.
fn of_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part);
    }
    sha256(&bytes)
}

impl KnownSignatures {
    pub(crate) fn has(&self, signature: SignatureDigest) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&signature)
    }

    /// Remembers a signature that was found to fit.
    pub(crate) fn keep(&self, signature: SignatureDigest) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(signature);
    }
}

impl Known {
    /// Whose chain this is, if it was found good and is still within its time.
    pub(crate) fn recall(&self, digest: ChainDigest, now: OffsetDateTime) -> Option<(Identity, Mark)> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .get(&digest)
            .filter(|good| good.from <= now && now <= good.until)
            .map(|good| (good.identity.clone(), good.mark.clone()))
    }

    /// Remembers a chain that was found good at `now`.
    pub(crate) fn keep(
        &self,
        digest: ChainDigest,
        (identity, mark): (&Identity, &Mark),
        chain: &[CertificateDer<'_>],
        now: OffsetDateTime,
    ) {
        let Some((from, until)) = period(chain) else { return };
        if now < from || until < now {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(digest, Good { identity: identity.clone(), mark: mark.clone(), from, until });
    }
}

/// When all certificates of a chain are valid.
fn period(chain: &[CertificateDer<'_>]) -> Option<(OffsetDateTime, OffsetDateTime)> {
    let one = |der: &CertificateDer<'_>| {
        let parsed = certificate::parse(der).ok()?;
        let validity = parsed.validity();
        Some((validity.not_before.to_datetime(), validity.not_after.to_datetime()))
    };
    let periods: Vec<_> = chain.iter().map(one).collect::<Option<_>>()?;
    Some((periods.iter().map(|(from, _)| *from).max()?, periods.iter().map(|(_, until)| *until).min()?))
}
