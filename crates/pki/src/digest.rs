//! SHA-256 and random bytes, from the one cryptographic library of the network.

use aws_lc_rs::digest;
use aws_lc_rs::rand;

/// SHA-256 of `bytes` (FIPS 180-4).
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

/// `N` unpredictable bytes, from the random generator of AWS-LC.
///
/// # Panics
/// Never: without randomness AWS-LC aborts the process instead of returning.
#[expect(clippy::expect_used, reason = "RAND_bytes of AWS-LC aborts rather than return without randomness")]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("AWS-LC gives random bytes or aborts");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_gives_the_standards_example() {
        // FIPS 180-4 example: "abc".
        let expected = [
            0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03,
            0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
        ];
        assert_eq!(sha256(b"abc"), expected);
    }

    #[test]
    fn random_bytes_differ() {
        assert_ne!(random::<16>(), random::<16>());
    }
}
