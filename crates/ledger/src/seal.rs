//! Encryption of what is kept: AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hmac, rand};
use zeroize::Zeroizing;

use crate::error::LedgerError;

/// The 32 bytes of the key file.
pub(crate) type Secret = Zeroizing<[u8; 32]>;

/// Sealed texts have lengths of powers of two, from this one on: the length of a set says how many members it has.
const LEAST_LENGTH: usize = 64;
const LENGTH_BYTES: usize = 8;

/// The keys made of the key file. Each purpose has its own, so that none helps with another.
pub(crate) struct Vault {
    sealing: LessSafeKey,
    purposes: hmac::Key,
}

/// Where something sealed belongs. It can be opened there only: not in another table, nor in another row, nor in its own row
/// after another column has changed.
pub(crate) struct Place {
    pub(crate) table: &'static str,
    pub(crate) row: String,
    bound: Vec<u8>,
}

impl Vault {
    pub(crate) fn new(secret: &Secret) -> Result<Self, LedgerError> {
        let purposes = hmac::Key::new(hmac::HMAC_SHA256, secret.as_slice());
        let sealing = Zeroizing::new(derive(&purposes, "sealing", ""));
        let sealing = UnboundKey::new(&AES_256_GCM, sealing.as_slice()).map_err(|_| LedgerError::Cryptography)?;
        Ok(Self { sealing: LessSafeKey::new(sealing), purposes })
    }

    pub(crate) fn secret(&self, purpose: &str) -> [u8; 32] {
        derive(&self.purposes, "secret", purpose)
    }

    /// By which another secret is known again, and from which it does not follow.
    pub(crate) fn check_value(&self, secret: &Secret) -> [u8; 32] {
        derive(&self.purposes, "check", &hex::encode(secret.as_slice()))
    }

    pub(crate) fn seal(&self, place: &Place, plain: &[u8]) -> Result<Vec<u8>, LedgerError> {
        let failed = |_| LedgerError::Cryptography;
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce).map_err(failed)?;
        let mut text = Zeroizing::new((plain.len() as u64).to_le_bytes().to_vec());
        text.extend_from_slice(plain);
        let padded = text.len().next_power_of_two().max(LEAST_LENGTH);
        text.resize(padded, 0);
        let sealing = Nonce::assume_unique_for_key(nonce);
        let tag =
            self.sealing.seal_in_place_separate_tag(sealing, Aad::from(&place.bound), &mut text).map_err(failed)?;
        Ok([&nonce, text.as_slice(), tag.as_ref()].concat())
    }

    /// `None` when it was not sealed with this key for this place.
    pub(crate) fn decrypt(&self, place: &Place, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut text = Zeroizing::new(text.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain = self.sealing.open_in_place(nonce, Aad::from(&place.bound), &mut text).ok()?;
        let (length, padded) = plain.split_first_chunk::<LENGTH_BYTES>()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        padded.get(..length).map(<[u8]>::to_vec)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

impl Place {
    pub(crate) fn new(table: &'static str, row: impl fmt::Display) -> Self {
        let row = row.to_string();
        Self { table, bound: Vec::new(), row: row.clone() }.with(table.as_bytes()).with(row.as_bytes())
    }

    /// Binds it to another column too.
    pub(crate) fn with(mut self, column: &[u8]) -> Self {
        self.bound.extend_from_slice(&(column.len() as u64).to_le_bytes());
        self.bound.extend_from_slice(column);
        self
    }

    pub(crate) fn with_number(self, column: i64) -> Self {
        self.with(&column.to_le_bytes())
    }
}

fn derive(key: &hmac::Key, kind: &str, purpose: &str) -> [u8; 32] {
    let tag = hmac::sign(key, format!("coda ledger {kind}:{purpose}").as_bytes());
    let mut derived = [0; 32];
    for (to, from) in derived.iter_mut().zip(tag.as_ref()) {
        *to = *from;
    }
    derived
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(byte: u8) -> Vault {
        Vault::new(&Zeroizing::new([byte; 32])).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_in_its_place_only() {
        let place = || Place::new("entries", 7).with(b"ab").with(b"c");
        let sealed = vault(1).seal(&place(), b"plain").unwrap();
        assert_eq!(vault(1).decrypt(&place(), &sealed).unwrap(), b"plain");
        assert_eq!(vault(2).decrypt(&place(), &sealed), None);
        for other in [
            Place::new("figures", 7).with(b"ab").with(b"c"),
            Place::new("entries", 8).with(b"ab").with(b"c"),
            Place::new("entries", 7).with(b"a").with(b"bc"),
            Place::new("entries", 7).with(b"ab"),
        ] {
            assert_eq!(vault(1).decrypt(&other, &sealed), None);
        }
    }

    #[test]
    fn no_byte_can_be_changed_or_cut() {
        let place = Place::new("entries", 7);
        let sealed = vault(1).seal(&place, b"plain").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(vault(1).decrypt(&place, &changed), None, "byte {at}");
            assert_eq!(vault(1).decrypt(&place, &sealed[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn lengths_tell_little_and_nothing_is_sealed_alike_twice() {
        let place = Place::new("entries", 7);
        let seal = |length| vault(1).seal(&place, &vec![7; length]).unwrap();
        assert_eq!(seal(0).len(), seal(56).len());
        assert_eq!(seal(600).len(), seal(1000).len());
        assert_ne!(seal(600), seal(600));
        assert_eq!(vault(1).decrypt(&place, &seal(0)).unwrap(), b"");
    }

    #[test]
    fn each_purpose_has_its_own_secret() {
        assert_eq!(vault(1).secret("orders"), vault(1).secret("orders"));
        assert_ne!(vault(1).secret("orders"), vault(1).secret("seeds"));
        assert_ne!(vault(1).secret("orders"), vault(2).secret("orders"));
        assert_ne!(vault(1).secret(""), [1; 32]);
    }
}
