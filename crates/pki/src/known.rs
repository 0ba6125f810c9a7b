//! Chains that were found good, so that a person's second query does not cost the same four signature checks again.
//!
//! Whether a chain is good depends on its bytes, the trust anchors and the time alone. So the bytes are the key, each set of trust anchors
//! has its own memory, and a chain is believed only between the latest beginning and the earliest end of its certificates. Whether it was
//! revoked is asked each time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use coda_model::Identity;
use rustls_pki_types::CertificateDer;
use time::OffsetDateTime;

use crate::certificate;
use crate::digest::sha256;
use crate::revocation::Mark;

/// More chains than a network has people; beyond it the memory begins anew.
const MOST: usize = 4096;

/// The chains found good under one set of trust anchors.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<HashMap<ChainDigest, Good>>);

/// SHA-256 over a chain, each certificate with its length, so that no two chains have the same bytes.
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
        let mut bytes = Vec::new();
        for certificate in chain {
            bytes.extend_from_slice(&(certificate.len() as u64).to_le_bytes());
            bytes.extend_from_slice(certificate);
        }
        Self(sha256(&bytes))
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
