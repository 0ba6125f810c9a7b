//! Revocation (RFC 5280, 5): which certificates are no longer good although their time has not run out, and for how long that is
//! known.
//!
//! Each issuing authority signs a list of what it revoked. The hub hands the lists out, and every service asks for them at short
//! intervals. The hub cannot take a certificate off a list; it can only keep a newer list back until the older one has to be renewed.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer};
use time::{Duration, OffsetDateTime};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use x509_parser::revocation_list::CertificateRevocationList;

use crate::certificate::{self, CertificateError};
use crate::chain::{self, ChainError};
use crate::digest::sha256;

/// A certificate revocation list and the issuing certificate whose key signed it, both in DER.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedList {
    /// The list.
    pub list: Vec<u8>,
    /// The issuing certificate.
    pub issuer: Vec<u8>,
}

/// Why a list is not taken.
#[derive(Debug, thiserror::Error)]
pub enum RevocationError {
    /// A file of the folder of lists.
    #[error("cannot use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that has no list, or no certificate, in it.
    #[error("{} is not as coda-hub authority writes it", .0.display())]
    Text(PathBuf),
    /// A folder without a list.
    #[error("{} has no revocation list; copy them from the authority", .0.display())]
    None(PathBuf),
    /// The issuing certificate is not one of this network's.
    #[error("the list is signed by no issuing authority of this network")]
    Issuer,
    /// The issuing certificate has a key that the network does not take.
    #[error("the list's issuer cannot be used")]
    Key(#[source] CertificateError),
    /// Not a list.
    #[error("the revocation list is malformed")]
    List,
    /// The signature.
    #[error("the revocation list is not signed by its issuer")]
    Signature,
    /// A list that should have been replaced.
    #[error("the revocation list had to be renewed by {0}")]
    Over(OffsetDateTime),
    /// An older list than one taken before.
    #[error("there was a newer revocation list before")]
    Older,
    /// A list without a certificate that an earlier one has.
    #[error("the revocation list lacks a certificate that was on an earlier one; sign it where that one was signed")]
    Lacking,
}

/// By what a certificate stands on a list: its issuer's key and its serial number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    issuer: [u8; 32],
    serial: Vec<u8>,
}

/// What is known of revocation under one set of trust anchors.
#[derive(Debug, Default)]
pub(crate) struct Revocation(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// By the SHA-256 of the issuer's public key.
    lists: HashMap<[u8; 32], List>,
    /// When lists were last taken.
    taken: Option<OffsetDateTime>,
}

#[derive(Debug)]
struct List {
    number: u128,
    from: OffsetDateTime,
    until: OffsetDateTime,
    /// When it was revoked, by serial number.
    revoked: HashMap<Vec<u8>, OffsetDateTime>,
}

/// What the list of an issuing authority says of a serial number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listed {
    /// When the list was signed.
    pub(crate) from: OffsetDateTime,
    /// By when it had to be renewed.
    pub(crate) until: OffsetDateTime,
    /// When the certificate was revoked, if it was.
    pub(crate) revoked: Option<OffsetDateTime>,
}

impl SignedList {
    /// The lists of a folder as `coda-hub authority` fills it: each `NAME.crl` with the issuing certificate `NAME.pem`.
    ///
    /// # Errors
    /// [`RevocationError::File`], [`RevocationError::Text`], [`RevocationError::None`].
    pub fn read(folder: &Path) -> Result<Vec<Self>, RevocationError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| RevocationError::File { path, source }
        };
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed(folder))? {
            paths.push(entry.map_err(failed(folder))?.path());
        }
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "crl"));
        if paths.is_empty() {
            return Err(RevocationError::None(folder.to_owned()));
        }
        paths.sort();
        let one = |path: PathBuf| {
            let text = fs::read(&path).map_err(failed(&path))?;
            let list = CertificateRevocationListDer::from_pem_slice(&text);
            let list = list.map_err(|_| RevocationError::Text(path.clone()))?.to_vec();
            let path = path.with_extension("pem");
            let text = fs::read(&path).map_err(failed(&path))?;
            let issuer = CertificateDer::from_pem_slice(&text).map_err(|_| RevocationError::Text(path))?.to_vec();
            Ok(Self { list, issuer })
        };
        paths.into_iter().map(one).collect()
    }
}

impl Mark {
    pub(crate) fn of(leaf: &X509Certificate<'_>, issuer: &X509Certificate<'_>) -> Self {
        Self { issuer: key(issuer), serial: leaf.serial.to_bytes_be() }
    }
}

impl Revocation {
    /// Takes lists at `now`, each by itself: one that is no good keeps no other out. `roots` are the trust anchors that must have
    /// signed their issuers. The first error, after those that are good were taken.
    pub(crate) fn take(
        &self,
        lists: &[SignedList],
        roots: &[CertificateDer<'_>],
        now: OffsetDateTime,
    ) -> Result<(), RevocationError> {
        let read: Vec<_> = lists.iter().map(|signed| read(signed, roots, now)).collect();
        let mut first = Ok(());
        // Two may take lists at the same moment; none is lost.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for taken in read {
            let taken = taken.and_then(|(issuer, list)| match known.lists.get(&issuer) {
                Some(before) if before.number > list.number => Err(RevocationError::Older),
                Some(before) if before.revoked.keys().any(|serial| !list.revoked.contains_key(serial)) => {
                    Err(RevocationError::Lacking)
                }
                _ => Ok((issuer, list)),
            });
            match taken {
                Ok((issuer, list)) => {
                    known.lists.insert(issuer, list);
                    known.taken = Some(now);
                }
                Err(error) => first = first.and(Err(error)),
            }
        }
        first
    }

    /// What the list of the issuer with this key (its SHA-256) says of a serial number (big-endian, no zeros before it). Nothing
    /// when there is no list that is good at `now`.
    pub(crate) fn listed(&self, issuer: [u8; 32], serial: &[u8], now: OffsetDateTime) -> Option<Listed> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let list = state.lists.get(&issuer).filter(|list| now <= list.until)?;
        Some(Listed { from: list.from, until: list.until, revoked: list.revoked.get(serial).copied() })
    }

    /// Whether a certificate is on a list, whatever the date of the list: the authority's clock may be ahead.
    pub(crate) fn is_revoked(&self, mark: &Mark) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.lists.get(&mark.issuer).is_some_and(|list| list.revoked.contains_key(&mark.serial))
    }

    /// Whether a certificate is good at `now`, as far as is known; where `required`, no older knowledge than that will do.
    pub(crate) fn check(&self, mark: &Mark, required: Option<Duration>, now: OffsetDateTime) -> Result<(), ChainError> {
        if self.is_revoked(mark) {
            return Err(ChainError::Revoked);
        }
        let Some(at_most) = required else { return Ok(()) };
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let list = state.lists.get(&mark.issuer);
        let is_recent = state.taken.is_some_and(|taken| (now - taken).abs() <= at_most);
        if is_recent && list.is_some_and(|list| now <= list.until) {
            Ok(())
        } else {
            Err(ChainError::RevocationUnknown)
        }
    }
}

/// A list whose signatures are good, by its issuer's key.
fn read(
    signed: &SignedList,
    roots: &[CertificateDer<'_>],
    now: OffsetDateTime,
) -> Result<([u8; 32], List), RevocationError> {
    let der = CertificateDer::from(signed.issuer.as_slice());
    let issuer = certificate::parse(&der).map_err(|_| RevocationError::Issuer)?;
    if chain::issuing(&issuer, roots).is_none() || certificate::check_validity(&issuer, now).is_err() {
        return Err(RevocationError::Issuer);
    }
    certificate::check_key(&issuer).map_err(RevocationError::Key)?;
    let Ok(([], list)) = CertificateRevocationList::from_der(&signed.list) else { return Err(RevocationError::List) };
    list.verify_signature(issuer.public_key()).map_err(|_| RevocationError::Signature)?;
    let until = list.next_update().ok_or(RevocationError::List)?.to_datetime();
    if until < now {
        return Err(RevocationError::Over(until));
    }
    let number = list.crl_number().ok_or(RevocationError::List)?.to_bytes_be();
    let number = number.iter().try_fold(0u128, |number, byte| number.checked_mul(256)?.checked_add(u128::from(*byte)));
    let from = list.last_update().to_datetime();
    let entries = list.iter_revoked_certificates();
    let revoked = entries.map(|entry| (entry.serial().to_bytes_be(), entry.revocation_date.to_datetime())).collect();
    Ok((key(&issuer), List { number: number.ok_or(RevocationError::List)?, from, until, revoked }))
}

/// By what an issuer's list is found.
pub(crate) fn key(certificate: &X509Certificate<'_>) -> [u8; 32] {
    sha256(certificate.public_key().raw)
}
