//! What is taken from a certificate request (RFC 2986): its key.

use rcgen::CertificateSigningRequestParams;
use rustls_pki_types::CertificateSigningRequestDer;
use rustls_pki_types::pem::PemObject as _;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer as _;

use super::AuthorityError;
use crate::public;

/// Reads a request in PEM whose key the network takes and has signed it. The kind is looked at before the signature, of which
/// only some kinds can be checked at all.
pub(super) fn read(text: &str) -> Result<CertificateSigningRequestParams, AuthorityError> {
    let malformed = || AuthorityError::Request(rcgen::Error::CouldNotParseCertificationRequest);
    let der = CertificateSigningRequestDer::from_pem_slice(text.as_bytes()).map_err(|_| malformed())?;
    let Ok(([], parsed)) = X509CertificationRequest::from_der(&der) else { return Err(malformed()) };
    public::kind(&parsed.certification_request_info.subject_pki).ok_or(AuthorityError::WeakKey)?;
    CertificateSigningRequestParams::from_der(&der).map_err(AuthorityError::Request)
}
