use x509_parser::oid_registry::{OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_PKCS1_RSAENCRYPTION};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

/// The least RSA modulus, in bits.
const RSA_BITS: usize = 4096;

/// A public key the network takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    P256,
    Rsa,
}

/// The kind, from what the key says of itself; `None` for every key the network does not take, weak ones too.
pub(crate) fn kind(key: &SubjectPublicKeyInfo<'_>) -> Option<Kind> {
    if key.algorithm.algorithm == OID_PKCS1_RSAENCRYPTION {
        let Ok(PublicKey::RSA(rsa)) = key.parsed() else { return None };
        return (rsa.key_size() >= RSA_BITS).then_some(Kind::Rsa);
    }
    if key.algorithm.algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY {
        let curve = key.algorithm.parameters.as_ref()?.as_oid().ok()?;
        return (curve == OID_EC_P256).then_some(Kind::P256);
    }
    None
}
