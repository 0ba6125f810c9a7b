//! The site's secret, and what is drawn from it: H of docs/disclosure.md.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

/// The site's secret K: 32 bytes, made once and never changed, or every figure would leave with fresh noise.
///
/// `Debug` is silent; the bytes are wiped when it is dropped.
#[derive(Clone)]
pub struct SiteSecret([u8; 32]);

impl SiteSecret {
    /// The secret of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// H: HMAC-SHA-256 (RFC 2104) under K of a purpose and fields, each with its length before it, so that no two lists of
    /// fields look alike.
    pub(crate) fn digest(&self, purpose: &str, fields: &[&[u8]]) -> [u8; 32] {
        self.keyed().digest(purpose, fields)
    }

    /// u: the first eight bytes of H, big-endian: uniform over all `u64`.
    pub(crate) fn uniform(&self, purpose: &str, fields: &[&[u8]]) -> u64 {
        first(&self.digest(purpose, fields))
    }

    /// The key made ready for many digests.
    pub(crate) fn keyed(&self) -> Keyed {
        // HMAC takes a key of any length.
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        Keyed(Hmac::new_from_slice(&self.0).expect("a key of any length"))
    }
}

/// HMAC with its key taken in.
#[derive(Clone)]
pub(crate) struct Keyed(Hmac<Sha256>);

impl Keyed {
    pub(crate) fn digest(&self, purpose: &str, fields: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for field in [purpose.as_bytes()].iter().chain(fields) {
            mac.update(&(field.len() as u64).to_be_bytes());
            mac.update(field);
        }
        mac.finalize().into_bytes().into()
    }
}

/// The first eight bytes, big-endian.
pub(crate) fn first(digest: &[u8; 32]) -> u64 {
    digest.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

impl Drop for SiteSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for SiteSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SiteSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_do_not_run_into_each_other() {
        let secret = SiteSecret::new([7; 32]);
        assert_ne!(secret.digest("a", &[b"bc"]), secret.digest("ab", &[b"c"]));
        assert_ne!(secret.digest("a", &[b"b", b""]), secret.digest("a", &[b"b"]));
        assert_ne!(secret.digest("a", &[b"b"]), SiteSecret::new([8; 32]).digest("a", &[b"b"]));
        assert_eq!(format!("{secret:?}"), "SiteSecret(…)");
    }

    /// Worked out with Python: `hmac.new(bytes(32), struct.pack('>Q', 3) + b'abc' + struct.pack('>Q', 1) + b'x', 'sha256')`.
    #[test]
    fn it_is_hmac_sha_256_of_length_prefixed_fields() {
        let digest = SiteSecret::new([0; 32]).digest("abc", &[b"x"]);
        let hex = hex::encode(digest);
        assert_eq!(hex, "ea35306e61f8f2aaec5fa01e5c661fae4b752aaed412ae81d4d8a8c7d3723f0c");
    }
}
