//! Who signs the answers for an issuing authority.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use rcgen::PublicKeyData as _;
use rustls_pki_types::CertificateDer;
use time::OffsetDateTime;
use x509_cert::Certificate;
use x509_cert::der::asn1::{AnyRef, OctetString};
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{self, Decode as _, Encode as _};
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_ocsp::CertId;
use x509_parser::certificate::X509Certificate;

use crate::certificate::{self, CertificateError};
use crate::chain::{self, Issuer};
use crate::key::{KeyError, PrivateKey};
use crate::public::Kind;
use crate::revocation;
use crate::roots::Roots;

const ID_SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const ID_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");

/// A responder's certificate and key, by which it answers in place of an issuing authority (RFC 6960, 4.2.2.2).
#[derive(Debug)]
pub struct Delegate {
    issuer: Issuer,
    issuing: IssuerHashes,
    /// The list of the issuing authority.
    list: [u8; 32],
    /// Its certificate and the issuing one, for whoever knows the root alone.
    chain: [Certificate; 2],
    from: OffsetDateTime,
    until: OffsetDateTime,
    /// SHA-1 of the responder's public key.
    key_hash: Vec<u8>,
    key: PrivateKey,
}

/// Why there is no delegate.
#[derive(Debug, thiserror::Error)]
pub enum DelegateError {
    /// The chain's file.
    #[error("cannot read the certificate file {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A certificate.
    #[error("the responder's certificate, or its issuer's, cannot be used")]
    Certificate(#[from] CertificateError),
    /// Not the responder's certificate and the issuing one.
    #[error("a responder's chain has two certificates, its own and its issuer's; this has {0}")]
    Length(usize),
    /// The second certificate is not an issuing one of the network.
    #[error("the second certificate is not that of an issuing authority of this network")]
    Issuer,
    /// The second certificate has not signed the first.
    #[error("the issuing certificate has not signed the responder's")]
    Signature,
    /// A certificate for something else.
    #[error("the certificate is not for signing OCSP answers; have the request signed as a responder's")]
    Purpose,
    /// The key.
    #[error("the responder's key cannot be used")]
    Key(#[from] KeyError),
}

impl Delegate {
    /// Reads chain and key in PEM, and checks them against each other and `roots` at `now`.
    ///
    /// # Errors
    /// [`DelegateError`].
    pub fn load(chain: &Path, key: &Path, roots: &Roots, now: OffsetDateTime) -> Result<Self, DelegateError> {
        let text =
            fs::read_to_string(chain).map_err(|source| DelegateError::Read { path: chain.to_owned(), source })?;
        Self::from_pem(&text, PrivateKey::load(key)?, roots, now)
    }

    /// A delegate from a chain in PEM, the responder's certificate first, and a key in memory, checked as by [`Delegate::load`].
    ///
    /// # Errors
    /// [`DelegateError`].
    pub fn from_pem(chain: &str, key: PrivateKey, roots: &Roots, now: OffsetDateTime) -> Result<Self, DelegateError> {
        let chain = certificate::from_pem(chain.as_bytes())?;
        let [own, issuing] = chain.as_slice() else { return Err(DelegateError::Length(chain.len())) };
        let chain = [same(own)?, same(issuing)?];
        let (parsed, issuing) = (certificate::parse(own)?, certificate::parse(issuing)?);
        for certificate in [&parsed, &issuing] {
            certificate::check_key(certificate)?;
            certificate::check_validity(certificate, now)?;
        }
        let issuer = chain::issuing(&issuing, roots.certificates()).ok_or(DelegateError::Issuer)?;
        parsed.verify_signature(Some(issuing.public_key())).map_err(|_| DelegateError::Signature)?;
        let purposes = parsed.extended_key_usage().map_err(|_| CertificateError::Malformed)?;
        if !purposes.is_some_and(|purposes| purposes.value.ocsp_signing) {
            return Err(DelegateError::Purpose);
        }
        if parsed.public_key().raw != key.pair().subject_public_key_info() {
            return Err(CertificateError::OtherKey.into());
        }
        Ok(Self {
            issuer,
            issuing: IssuerHashes::of(&issuing),
            list: revocation::key(&issuing),
            chain,
            from: parsed.validity().not_before.to_datetime(),
            until: parsed.validity().not_after.to_datetime(),
            key_hash: sha1(&parsed.public_key().subject_public_key.data),
            key,
        })
    }

    /// For which authority it answers.
    pub fn issuer(&self) -> Issuer {
        self.issuer
    }

    /// The end of the certificate's validity; no question is answered after it.
    pub fn expires(&self) -> OffsetDateTime {
        self.until
    }

    pub(super) fn is_valid(&self, now: OffsetDateTime) -> bool {
        self.from <= now && now <= self.until
    }

    /// Whether its authority issued the certificate that is asked about.
    pub(super) fn answers_for(&self, id: &CertId) -> bool {
        let hashes = match id.hash_algorithm.oid {
            ID_SHA1 => &self.issuing.sha1,
            ID_SHA256 => &self.issuing.sha256,
            _ => return false,
        };
        hashes.name == id.issuer_name_hash.as_bytes() && hashes.key == id.issuer_key_hash.as_bytes()
    }

    pub(super) fn list(&self) -> [u8; 32] {
        self.list
    }

    pub(super) fn key_hash(&self) -> Result<OctetString, der::Error> {
        OctetString::new(self.key_hash.as_slice())
    }

    pub(super) fn key(&self) -> &PrivateKey {
        &self.key
    }

    pub(super) fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    /// How its key signs (RFC 5758, 3.2: without parameters; RFC 4055, 5: with NULL).
    pub(super) fn algorithm(&self) -> AlgorithmIdentifierOwned {
        match self.key.kind() {
            Kind::P256 => AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA256, parameters: None },
            Kind::P384 => AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA384, parameters: None },
            Kind::Rsa { .. } => {
                AlgorithmIdentifierOwned { oid: SHA256_WITH_RSA, parameters: Some(AnyRef::NULL.into()) }
            }
        }
    }
}

/// By what a request names an issuer (RFC 6960, 4.1.1): hashes of its name and of its key, without the key's algorithm.
#[derive(Debug)]
struct IssuerHashes {
    sha1: NameAndKey,
    sha256: NameAndKey,
}

#[derive(Debug)]
struct NameAndKey {
    name: Vec<u8>,
    key: Vec<u8>,
}

impl IssuerHashes {
    fn of(issuing: &X509Certificate<'_>) -> Self {
        let (name, key) = (issuing.subject().as_raw(), &issuing.public_key().subject_public_key.data);
        Self {
            sha1: NameAndKey { name: sha1(name), key: sha1(key) },
            sha256: NameAndKey { name: sha256(name), key: sha256(key) },
        }
    }
}

/// The certificate in the form in which answers carry it; it must come out of it unchanged.
fn same(der: &CertificateDer<'_>) -> Result<Certificate, CertificateError> {
    let certificate = Certificate::from_der(der).map_err(|_| CertificateError::Malformed)?;
    let is_same = certificate.to_der().is_ok_and(|again| again == der.as_ref());
    if is_same { Ok(certificate) } else { Err(CertificateError::Malformed) }
}

/// SHA-1 names keys here, as the standard has it; nothing is signed over it.
fn sha1(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref().to_vec()
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&SHA256, bytes).as_ref().to_vec()
}
