//! The kinds of public key that the network takes. rustls takes more and has no switch for it, so that every verifier asks here.

use x509_parser::oid_registry::{OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384, OID_PKCS1_RSAENCRYPTION};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

/// The sizes of an RSA modulus, in bits: 3072 is 128 bits of strength (NIST SP 800-57 part 1, table 2); above 8192 a check of a
/// signature takes too long, and AWS-LC checks none.
const RSA_BITS: std::ops::RangeInclusive<usize> = 3072..=8192;

/// What is taken, for error texts.
pub(crate) const TAKEN: &str = "ECDSA P-256, ECDSA P-384 or RSA with 3072 to 8192 bits";

/// A public key the network takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    P256,
    P384,
    Rsa {
        /// The length of the modulus.
        bits: usize,
    },
}

/// The kind, from what the key says of itself; `None` for every key the network does not take, weak ones too.
pub(crate) fn kind(key: &SubjectPublicKeyInfo<'_>) -> Option<Kind> {
    if key.algorithm.algorithm == OID_PKCS1_RSAENCRYPTION {
        let Ok(PublicKey::RSA(rsa)) = key.parsed() else { return None };
        let bits = bits(rsa.modulus)?;
        return RSA_BITS.contains(&bits).then_some(Kind::Rsa { bits });
    }
    if key.algorithm.algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY {
        let curve = key.algorithm.parameters.as_ref()?.as_oid().ok()?;
        return match curve {
            curve if curve == OID_EC_P256 => Some(Kind::P256),
            curve if curve == OID_NIST_EC_P384 => Some(Kind::P384),
            _ => None,
        };
    }
    None
}

/// The bits of a positive DER integer (X.690, 8.3). x509-parser counts whole bytes.
fn bits(integer: &[u8]) -> Option<usize> {
    if integer.first()? & 0x80 != 0 {
        return None;
    }
    let zeros = integer.iter().take_while(|byte| **byte == 0).count();
    let highest = integer.get(zeros)?;
    Some(8 * (integer.len() - zeros) - highest.leading_zeros() as usize)
}

#[cfg(test)]
mod tests;
