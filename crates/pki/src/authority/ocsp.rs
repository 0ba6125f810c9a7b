//! Certificates for those who answer for an issuing authority whose key is elsewhere.

use time::{Duration, OffsetDateTime};

use super::{Authority, AuthorityError, Issuing, People, profile, request};
use crate::certificate;
use crate::chain::Issuer;
use crate::key::{Algorithm, PrivateKey};
use crate::ocsp::{self, Delegate};

impl Authority {
    /// Issues a certificate with which the key of the request may sign OCSP answers (RFC 6960, 4.2.2.2) about what one of the
    /// two issuing authorities issued, and nothing else. It is valid from five minutes before `now` until `validity` after it.
    /// Returns the chain in PEM: the responder's certificate, then the issuing one.
    ///
    /// The key is made where the answers are given, see [`ocsp::request`]; nothing but the public key is taken from the request. Such
    /// a certificate is never asked about itself, so its validity should be short: weeks.
    ///
    /// # Errors
    /// [`AuthorityError`] as for [`Authority::issue`].
    pub fn issue_responder(
        &self,
        request: &str,
        issuer: Issuer,
        validity: Duration,
        now: OffsetDateTime,
    ) -> Result<String, AuthorityError> {
        self.issuing(issuer).issue_responder(request, issuer, validity, now)
    }

    /// Makes a responder's key and issues for it, in memory: for the demo and the tests.
    ///
    /// # Errors
    /// [`AuthorityError`] as for [`Authority::issue`].
    pub fn delegate(
        &self,
        issuer: Issuer,
        algorithm: Algorithm,
        validity: Duration,
        now: OffsetDateTime,
    ) -> Result<Delegate, AuthorityError> {
        let key = PrivateKey::generate(algorithm)?;
        let chain = self.issue_responder(&ocsp::request(&key, issuer)?, issuer, validity, now)?;
        Ok(Delegate::from_pem(&chain, key, self.roots(), now)?)
    }
}

impl People {
    /// [`Authority::issue_responder`] for answers about people's certificates.
    ///
    /// # Errors
    /// [`AuthorityError`] as there.
    pub fn issue_responder(
        &self,
        request: &str,
        validity: Duration,
        now: OffsetDateTime,
    ) -> Result<String, AuthorityError> {
        self.0.issue_responder(request, Issuer::People, validity, now)
    }
}

impl Issuing {
    fn issue_responder(
        &self,
        request: &str,
        issuer: Issuer,
        validity: Duration,
        now: OffsetDateTime,
    ) -> Result<String, AuthorityError> {
        let request = request::read(request)?;
        let not_after = self.end(validity, now)?;
        let responder = profile::responder(issuer, &request.public_key, &self.certificate, &self.key, now, not_after)
            .map_err(AuthorityError::Signing)?;
        Ok(certificate::to_pem(&[responder, self.certificate.clone()]))
    }
}
