//! What the authority revoked: a list for each issuing authority (RFC 5280, 5), kept beside its certificate.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use coda_model::Identity;
use rcgen::{CertificateRevocationListParams, KeyIdMethod, RevocationReason, RevokedCertParams, SerialNumber};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer};
use time::{Duration, OffsetDateTime};
use x509_parser::prelude::FromDer as _;
use x509_parser::revocation_list::CertificateRevocationList;

use super::issuing::{Issuing, list_file};
use super::{Authority, AuthorityError};
use crate::certificate;
use crate::chain::Issuer;

impl Authority {
    /// Revokes a certificate of this authority, and signs the lists anew: `people.crl` and `nodes.crl` in `folder`. They must be
    /// renewed within `validity`. Returns whose certificate it is.
    ///
    /// # Errors
    /// [`AuthorityError`], notably [`AuthorityError::Stranger`] when this authority has not issued it.
    pub fn revoke(
        &self,
        folder: &Path,
        certificate: &CertificateDer<'_>,
        validity: Duration,
        now: OffsetDateTime,
    ) -> Result<Identity, AuthorityError> {
        let leaf = certificate::parse(certificate).map_err(|_| AuthorityError::Stranger)?;
        let identity = certificate::identity(certificate).map_err(|_| AuthorityError::Stranger)?;
        let kind = Issuer::of(&identity);
        let issuing = certificate::parse(&self.issuing(kind).certificate).map_err(|_| AuthorityError::Stranger)?;
        leaf.verify_signature(Some(issuing.public_key())).map_err(|_| AuthorityError::Stranger)?;
        self.sign_lists(folder, Some((kind, leaf.raw_serial())), validity, now)?;
        Ok(identity)
    }

    /// Signs the lists anew, with what stands on them.
    ///
    /// # Errors
    /// [`AuthorityError`].
    pub fn renew_lists(&self, folder: &Path, validity: Duration, now: OffsetDateTime) -> Result<(), AuthorityError> {
        self.sign_lists(folder, None, validity, now)
    }

    fn sign_lists(
        &self,
        folder: &Path,
        new: Option<(Issuer, &[u8])>,
        validity: Duration,
        now: OffsetDateTime,
    ) -> Result<(), AuthorityError> {
        for kind in [Issuer::People, Issuer::Nodes] {
            let serial = new.filter(|(of, _)| *of == kind).map(|(_, serial)| serial.to_vec());
            self.issuing(kind).sign_list(&folder.join(list_file(kind)), serial.as_slice(), validity, now)?;
        }
        Ok(())
    }
}

impl Issuing {
    /// Signs the list at `path` anew: with what stands on it, and these serial numbers.
    pub(super) fn sign_list(
        &self,
        path: &Path,
        serials: &[Vec<u8>],
        validity: Duration,
        now: OffsetDateTime,
    ) -> Result<(), AuthorityError> {
        let failed = |source| AuthorityError::File { path: path.to_owned(), source };
        // One at a time, of all programs: of two that read the same list one would lose what the other adds.
        let lock = fs::File::create(path.with_extension("crl.lock")).map_err(failed)?;
        lock.lock().map_err(failed)?;
        let Standing { number, next: _, mut revoked } = standing(path)?;
        let mut known = numbers(&revoked);
        for serial in serials {
            if known.insert(serial.clone()) {
                let reason_code = Some(RevocationReason::Unspecified);
                revoked.push(RevokedCertParams {
                    serial_number: SerialNumber::from_slice(serial),
                    revocation_time: now,
                    reason_code,
                    invalidity_date: None,
                });
            }
        }
        let text = list(self, number, revoked, validity, now).map_err(AuthorityError::Signing)?;
        // Beside it first: a hub may be reading the old one.
        let beside = path.with_extension("crl.new");
        fs::write(&beside, text).and_then(|()| fs::rename(&beside, path)).map_err(failed)
    }
}

/// Whether the list at `path` has these serial numbers, and is good until `until` at least.
pub(super) fn covers(path: &Path, serials: &[Vec<u8>], until: OffsetDateTime) -> Result<bool, AuthorityError> {
    let Standing { next, revoked, .. } = standing(path)?;
    let known = numbers(&revoked);
    Ok(next.is_some_and(|next| next >= until) && serials.iter().all(|serial| known.contains(serial)))
}

fn numbers(revoked: &[RevokedCertParams]) -> HashSet<Vec<u8>> {
    revoked.iter().map(|revoked| revoked.serial_number.to_bytes()).collect()
}

/// What is on a list that was signed before.
#[derive(Default)]
struct Standing {
    number: u64,
    next: Option<OffsetDateTime>,
    revoked: Vec<RevokedCertParams>,
}

/// Of the list in a file; nothing when there is none, as in a new authority.
fn standing(path: &Path) -> Result<Standing, AuthorityError> {
    let failed = |source| AuthorityError::File { path: path.to_owned(), source };
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Standing::default()),
        Err(error) => return Err(failed(error)),
    };
    let malformed = || failed(std::io::Error::from(std::io::ErrorKind::InvalidData));
    let der = CertificateRevocationListDer::from_pem_slice(&text).map_err(|_| malformed())?;
    let (_, list) = CertificateRevocationList::from_der(&der).map_err(|_| malformed())?;
    let entry = |entry: &x509_parser::revocation_list::RevokedCertificate<'_>| RevokedCertParams {
        serial_number: SerialNumber::from_slice(entry.raw_serial()),
        revocation_time: entry.revocation_date.to_datetime(),
        reason_code: Some(RevocationReason::Unspecified),
        invalidity_date: None,
    };
    let number = list.crl_number().and_then(|number| u64::try_from(number).ok()).ok_or_else(malformed)?;
    let next = list.next_update().map(|next| next.to_datetime());
    Ok(Standing { number, next, revoked: list.iter_revoked_certificates().map(entry).collect() })
}

fn list(
    issuing: &Issuing,
    last: u64,
    revoked_certs: Vec<RevokedCertParams>,
    validity: Duration,
    now: OffsetDateTime,
) -> Result<String, rcgen::Error> {
    let parameters = CertificateRevocationListParams {
        this_update: now,
        next_update: now + validity,
        // Milliseconds since 1970, and more than the last: it grows also where the clock was ahead.
        crl_number: SerialNumber::from(((now.unix_timestamp_nanos() / 1_000_000).unsigned_abs() as u64).max(last + 1)),
        issuing_distribution_point: None,
        revoked_certs,
        key_identifier_method: KeyIdMethod::Sha256,
    };
    let issuer = rcgen::Issuer::from_ca_cert_der(&issuing.certificate, issuing.key.pair())?;
    parameters.signed_by(&issuer)?.pem()
}
