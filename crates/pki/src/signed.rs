//! Signed bytes: envelopes and receipts, checked against the signer's chain.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use coda_model::Identity;
use rustls_pki_types::CertificateDer;
use time::OffsetDateTime;

use crate::certificate::{self, CertificateError};
use crate::chain::ChainError;
use crate::digest::sha256;
use crate::known::SignatureDigest;
use crate::public::{self, Kind};
use crate::roots::Roots;

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// Who it is.
    pub identity: Identity,
    /// SHA-256 of its certificate in DER, which access tokens are bound to (RFC 8705, 3.1).
    pub thumbprint: [u8; 32],
}

/// Why signed bytes are not taken.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// No chain came with them.
    #[error("no certificate came with the signature")]
    NoChain,
    /// The chain is not one of the network's at that time.
    #[error("the signer's certificate is refused")]
    Chain(#[source] ChainError),
    /// The signer's certificate cannot be read.
    #[error("the signer's certificate cannot be used")]
    Certificate(#[source] CertificateError),
    /// The signer's key is of a kind the network does not take.
    #[error("the signer's key must be {}", public::TAKEN)]
    WeakKey,
    /// The signature is not the signer's, or not over these bytes.
    #[error("the signature does not fit the bytes")]
    Signature,
}

/// Checks that the holder of `chain` (leaf first, then its issuer) signed `bytes`, and that the chain was good at `now`
/// as [`Roots::verify`] has it. The algorithm follows from the signer's key, never from the message.
///
/// # Errors
/// [`SignatureError`].
pub fn verify_signed(
    chain: &[CertificateDer<'_>],
    roots: &Roots,
    bytes: &[u8],
    signature: &[u8],
    now: OffsetDateTime,
) -> Result<Signer, SignatureError> {
    let leaf = chain.first().ok_or(SignatureError::NoChain)?;
    let identity = roots.verify(chain, now).map_err(SignatureError::Chain)?;
    let signer = Signer { identity, thumbprint: sha256(leaf) };
    let digest = SignatureDigest::of(leaf, bytes, signature);
    if roots.signatures().has(digest) {
        return Ok(signer);
    }
    let parsed = certificate::parse(leaf).map_err(SignatureError::Certificate)?;
    let algorithm: &'static dyn VerificationAlgorithm = match public::kind(parsed.public_key()) {
        Some(Kind::P256) => &ECDSA_P256_SHA256_ASN1,
        Some(Kind::P384) => &ECDSA_P384_SHA384_ASN1,
        Some(Kind::Rsa { .. }) => &RSA_PKCS1_2048_8192_SHA256,
        None => return Err(SignatureError::WeakKey),
    };
    UnparsedPublicKey::new(algorithm, &parsed.public_key().subject_public_key.data)
        .verify(bytes, signature)
        .map_err(|_| SignatureError::Signature)?;
    roots.signatures().keep(digest);
    Ok(signer)
}
