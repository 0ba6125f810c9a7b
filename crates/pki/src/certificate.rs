//! One certificate (RFC 5280): its dates, its names, its text form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use coda_model::{Identity, IdentityError};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;

use crate::digest::sha256;
use crate::public;

/// Why a certificate, or a file of them, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// Not PEM.
    #[error("the text is not PEM")]
    Pem(#[source] rustls_pki_types::pem::Error),
    /// PEM without a certificate in it.
    #[error("there is no certificate in it (\"BEGIN CERTIFICATE\")")]
    Missing,
    /// Not X.509.
    #[error("the certificate is malformed")]
    Malformed,
    /// Not exactly one subject alternative name, a URI.
    #[error("the certificate must have exactly one subject alternative name, a URI")]
    Names,
    /// The URI is no identity of the network.
    #[error("the certificate names nobody of the network")]
    Identity(#[from] IdentityError),
    /// Past its validity.
    #[error("the certificate expired on {0}; request a new one")]
    Expired(OffsetDateTime),
    /// Before its validity.
    #[error("the certificate is valid only from {0}; check the clock")]
    NotYetValid(OffsetDateTime),
    /// Not a certificate for the key beside it.
    #[error("the certificate is for another key")]
    OtherKey,
    /// The key is too weak, or of a kind the network does not take.
    #[error("the certificate's key must be {}", public::TAKEN)]
    WeakKey,
    /// A chain without the certificate of the issuer.
    #[error(
        "it has the party's certificate alone; add the certificate of its issuer below it, as the authority handed both out"
    )]
    NoIssuer,
    /// A chain that begins with an issuing certificate.
    #[error("it begins with the certificate of an issuing authority; put the party's own certificate first")]
    Order,
    /// A chain whose second certificate did not sign the first.
    #[error(
        "its second certificate has not signed the first; put the certificate of the issuer there, as the authority handed both out"
    )]
    OtherIssuer,
    /// Not a trust anchor.
    #[error("the certificate cannot be a root")]
    Root(#[source] rustls::Error),
}

/// Who the certificate says it is. Nothing here checks whether that is true; see [`Roots::verify`](crate::Roots::verify).
///
/// # Errors
/// [`CertificateError`] unless there is exactly one subject alternative name, the URI of an identity.
pub fn identity(certificate: &CertificateDer<'_>) -> Result<Identity, CertificateError> {
    Ok(Identity::parse(&sole_uri(&parse(certificate)?)?)?)
}

/// The common name for an identity: for people's eyes, cut to the 64 characters RFC 5280 (appendix A.1) allows.
pub(crate) fn display_name(identity: &Identity) -> String {
    identity.to_string().chars().take(64).collect()
}

/// The end of the certificate's validity.
///
/// # Errors
/// [`CertificateError::Malformed`].
pub fn expires(certificate: &CertificateDer<'_>) -> Result<OffsetDateTime, CertificateError> {
    Ok(parse(certificate)?.validity().not_after.to_datetime())
}

/// What tells one certificate from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// SHA-256 of the certificate in DER.
    pub thumbprint: [u8; 32],
    /// The serial number, as it stands in the certificate.
    pub serial: Vec<u8>,
    /// The end of its validity.
    pub until: OffsetDateTime,
}

/// Of the first certificate of a PEM text.
///
/// # Errors
/// [`CertificateError`].
pub fn details(text: &str) -> Result<Details, CertificateError> {
    let first = first(text.as_bytes())?;
    let parsed = parse(&first)?;
    let until = parsed.validity().not_after.to_datetime();
    Ok(Details { thumbprint: sha256(&first), serial: parsed.raw_serial().to_vec(), until })
}

pub(crate) fn parse<'a>(der: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, CertificateError> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err(CertificateError::Malformed),
    }
}

/// The one subject alternative name (RFC 5280, 4.2.1.6). A second name of any kind would leave it open which one counts.
pub(crate) fn sole_uri(certificate: &X509Certificate<'_>) -> Result<String, CertificateError> {
    let names = certificate.subject_alternative_name().map_err(|_| CertificateError::Malformed)?;
    match names.map(|extension| extension.value.general_names.as_slice()) {
        Some([GeneralName::URI(uri)]) => Ok((*uri).to_owned()),
        _ => Err(CertificateError::Names),
    }
}

/// That the certificate's key is of a kind the network takes.
pub(crate) fn check_key(certificate: &X509Certificate<'_>) -> Result<(), CertificateError> {
    public::kind(certificate.public_key()).map(|_| ()).ok_or(CertificateError::WeakKey)
}

pub(crate) fn check_validity(certificate: &X509Certificate<'_>, now: OffsetDateTime) -> Result<(), CertificateError> {
    let (from, to) = (certificate.validity().not_before.to_datetime(), certificate.validity().not_after.to_datetime());
    if now > to {
        return Err(CertificateError::Expired(to));
    }
    if now < from {
        return Err(CertificateError::NotYetValid(from));
    }
    Ok(())
}

/// The first certificate of a PEM text.
///
/// # Errors
/// [`CertificateError::Pem`], [`CertificateError::Missing`].
pub fn first(text: &[u8]) -> Result<CertificateDer<'static>, CertificateError> {
    from_pem(text)?.into_iter().next().ok_or(CertificateError::Missing)
}

pub(crate) fn from_pem(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let certificates: Vec<_> =
        CertificateDer::pem_slice_iter(text).collect::<Result<_, _>>().map_err(CertificateError::Pem)?;
    if certificates.is_empty() { Err(CertificateError::Missing) } else { Ok(certificates) }
}

/// Textual encoding (RFC 7468): lines of 64 characters.
pub fn to_pem(certificates: &[CertificateDer<'_>]) -> String {
    let mut text = String::new();
    for certificate in certificates {
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        for (place, character) in STANDARD.encode(certificate).chars().enumerate() {
            if place > 0 && place % 64 == 0 {
                text.push('\n');
            }
            text.push(character);
        }
        text.push_str("\n-----END CERTIFICATE-----\n");
    }
    text
}
