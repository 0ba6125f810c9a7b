//! One issuing authority: a certificate that signs others, and its key.

use std::path::Path;

use coda_model::{Identity, UserId};
use rcgen::PublicKeyData as _;
use rustls_pki_types::CertificateDer;
use time::{Duration, OffsetDateTime};

use super::{AuthorityError, profile, read, request, revoking};
use crate::certificate::{self, CertificateError};
use crate::chain::Issuer;
use crate::key::PrivateKey;

/// The issuing authority for people alone, as the hub has it: `people.pem` and `people.key` of the authority's folder. Nothing
/// that it signs can be a server, or a node.
#[derive(Debug)]
pub struct People(pub(super) Issuing);

#[derive(Debug)]
pub(super) struct Issuing {
    pub(super) certificate: CertificateDer<'static>,
    pub(super) key: PrivateKey,
    expires: OffsetDateTime,
}

impl People {
    /// Opens the two files in `folder`.
    ///
    /// # Errors
    /// [`AuthorityError`] when a file is missing, the key is open to others, or certificate and key are not a pair.
    pub fn open(folder: &Path) -> Result<Self, AuthorityError> {
        Ok(Self(Issuing::open(folder, Issuer::People)?))
    }

    /// Issues a certificate for a person, as [`Authority::issue`](super::Authority::issue) does.
    ///
    /// # Errors
    /// [`AuthorityError`] as there.
    pub fn issue(
        &self,
        request: &str,
        user: &UserId,
        validity: Duration,
        now: OffsetDateTime,
    ) -> Result<String, AuthorityError> {
        self.0.issue(request, &Identity::User(user.clone()), validity, now)
    }

    /// Sees to it that `people.crl` in `folder` has these serial numbers beside what stands on it, and is good for half of `validity`
    /// at least: signs it anew where it is not.
    ///
    /// # Errors
    /// [`AuthorityError`].
    pub fn renew_list(
        &self,
        folder: &Path,
        revoked: &[Vec<u8>],
        validity: Duration,
        now: OffsetDateTime,
    ) -> Result<(), AuthorityError> {
        let path = folder.join(list_file(Issuer::People));
        let is_good = revoking::covers(&path, revoked, now + validity / 2)?;
        if is_good { Ok(()) } else { self.0.sign_list(&path, revoked, validity, now) }
    }
}

impl Issuing {
    pub(super) fn open(folder: &Path, kind: Issuer) -> Result<Self, AuthorityError> {
        let path = folder.join(certificate_file(kind));
        let unusable = |source| AuthorityError::Certificate { path: path.clone(), source };
        let key = PrivateKey::load(&folder.join(key_file(kind)))?;
        let certificate = read(&path)?.into_iter().next().ok_or_else(|| unusable(CertificateError::Missing))?;
        let parsed = certificate::parse(&certificate).map_err(unusable)?;
        if certificate::sole_uri(&parsed).map_err(unusable)? != kind.uri() {
            return Err(AuthorityError::WrongUri { path, uri: kind.uri() });
        }
        if parsed.public_key().raw != key.pair().subject_public_key_info() {
            return Err(unusable(CertificateError::OtherKey));
        }
        let expires = parsed.validity().not_after.to_datetime();
        Ok(Self { certificate, key, expires })
    }

    pub(super) fn issue(
        &self,
        request: &str,
        identity: &Identity,
        validity: Duration,
        now: OffsetDateTime,
    ) -> Result<String, AuthorityError> {
        let request = request::read(request)?;
        let not_after = self.end(validity, now)?;
        let leaf = profile::leaf(identity, &request.public_key, &self.certificate, &self.key, now, not_after)
            .map_err(AuthorityError::Signing)?;
        Ok(certificate::to_pem(&[leaf, self.certificate.clone()]))
    }

    /// The end of a certificate that is to be valid for so long.
    pub(super) fn end(&self, validity: Duration, now: OffsetDateTime) -> Result<OffsetDateTime, AuthorityError> {
        let until = self.expires;
        let end = now.checked_add(validity).filter(|end| validity.is_positive() && *end <= until);
        end.ok_or(AuthorityError::Validity { validity, until })
    }
}

pub(super) fn certificate_file(kind: Issuer) -> String {
    format!("{}.pem", kind.word())
}

pub(super) fn key_file(kind: Issuer) -> String {
    format!("{}.key", kind.word())
}

pub(super) fn list_file(kind: Issuer) -> String {
    format!("{}.crl", kind.word())
}
