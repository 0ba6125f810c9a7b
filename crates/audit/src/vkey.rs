//! Public keys of logs and witnesses, and their text (C2SP signed-note, "vkey").

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use signed_note::{Verifier, key_id};

use crate::name::{Name, NameError};

/// Checks what a log signed. Its text is `name+id+key`, its algorithm 0x01 (Ed25519 over the text of a note).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogVerifier(Public);

/// Checks what a witness cosigned. Its text is `name+id+key`, its algorithm 0x04 (C2SP tlog-cosignature, Ed25519).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessVerifier(Public);

/// Why a text is not the public key of a log or a witness.
#[derive(Debug, thiserror::Error)]
pub enum VkeyError {
    /// Not `name+id+key`.
    #[error("a public key has the form name+id+key, with 8 hexadecimal digits and base64")]
    Form,
    /// The name is not one.
    #[error("the public key has an invalid name")]
    Name(#[from] NameError),
    /// Another kind of key.
    #[error("the public key is not that of a {expected}: its first byte should be {:#04x}", *expected as u8)]
    Kind {
        /// What was wanted.
        expected: Kind,
    },
    /// The digits are not those of this name and key.
    #[error("the public key's id is not that of its name and key; copy the key again")]
    Id,
    /// Anybody can sign for this key.
    #[error("the public key is one for which anybody can sign")]
    Weak,
}

/// What a key is for; its number is the algorithm byte of C2SP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Signs the checkpoints of a log.
    Log = 0x01,
    /// Cosigns the checkpoints of others.
    Witness = 0x04,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Public {
    name: Name,
    kind: Kind,
    key: [u8; 32],
}

impl LogVerifier {
    pub(crate) fn new(name: Name, key: [u8; 32]) -> Self {
        Self(Public { name, kind: Kind::Log, key })
    }

    /// The name of the log: the origin of its checkpoints.
    pub fn name(&self) -> &Name {
        &self.0.name
    }

    pub(crate) fn key(&self) -> &[u8; 32] {
        &self.0.key
    }
}

impl WitnessVerifier {
    pub(crate) fn new(name: Name, key: [u8; 32]) -> Self {
        Self(Public { name, kind: Kind::Witness, key })
    }

    /// The name of the witness.
    pub fn name(&self) -> &Name {
        &self.0.name
    }

    pub(crate) fn key(&self) -> &[u8; 32] {
        &self.0.key
    }
}

impl FromStr for LogVerifier {
    type Err = VkeyError;

    fn from_str(text: &str) -> Result<Self, VkeyError> {
        Public::parse(text, Kind::Log).map(Self)
    }
}

impl FromStr for WitnessVerifier {
    type Err = VkeyError;

    fn from_str(text: &str) -> Result<Self, VkeyError> {
        Public::parse(text, Kind::Witness).map(Self)
    }
}

impl fmt::Display for LogVerifier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl fmt::Display for WitnessVerifier {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Log => "log",
            Self::Witness => "witness",
        })
    }
}

impl Verifier for LogVerifier {
    fn name(&self) -> &str {
        self.0.name.as_str()
    }

    fn key_id(&self) -> u32 {
        self.0.id()
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        self.0.verify(text, signature)
    }
}

impl Verifier for WitnessVerifier {
    fn name(&self) -> &str {
        self.0.name.as_str()
    }

    fn key_id(&self) -> u32 {
        self.0.id()
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        split(signature).is_some_and(|(time, signature)| self.0.verify(&cosigned(time, text), signature))
    }
}

impl Public {
    fn parse(text: &str, expected: Kind) -> Result<Self, VkeyError> {
        let (name, rest) = text.split_once('+').ok_or(VkeyError::Form)?;
        let (id, key) = rest.split_once('+').ok_or(VkeyError::Form)?;
        let name = Name::new(name)?;
        let bytes = BASE64_STANDARD.decode(key).map_err(|_| VkeyError::Form)?;
        let Some((kind, key)) = bytes.split_first() else { return Err(VkeyError::Form) };
        if *kind != expected as u8 {
            return Err(VkeyError::Kind { expected });
        }
        let this = Self { name, kind: expected, key: key.try_into().map_err(|_| VkeyError::Form)? };
        if id != format!("{:08x}", this.id()) {
            return Err(VkeyError::Id);
        }
        if this.is_weak() { Err(VkeyError::Weak) } else { Ok(this) }
    }

    fn bytes(&self) -> Vec<u8> {
        [&[self.kind as u8], self.key.as_slice()].concat()
    }

    fn id(&self) -> u32 {
        key_id(self.name.as_str(), &self.bytes())
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.key).verify(message, signature).is_ok()
    }

    /// Whether the key is a point of small order (RFC 8032, section 5.1; the list is that of libsodium), or no canonical
    /// number: then a signature can be made without a private key.
    fn is_weak(&self) -> bool {
        // The y of the points of order 1, 2, 4 and 8, in hexadecimal, little end first.
        const SMALL: [&str; 5] = [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        ];
        let mut y = self.key;
        if let Some(last) = y.last_mut() {
            *last &= 0x7f;
        }
        // At least 2^255 - 19: the bytes between the first and the last are all ones.
        let [first, middle @ .., last] = y;
        let too_large = first >= 0xed && middle.iter().all(|byte| *byte == 0xff) && last == 0x7f;
        too_large || SMALL.contains(&hex::encode(y).as_str())
    }
}

impl fmt::Display for Public {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}+{:08x}+{}", self.name, self.id(), BASE64_STANDARD.encode(self.bytes()))
    }
}

/// What a witness signs of a checkpoint's text (C2SP tlog-cosignature, section "Ed25519 signed message").
pub(crate) fn cosigned(time: u64, text: &[u8]) -> Vec<u8> {
    [format!("cosignature/v1\ntime {time}\n").as_bytes(), text].concat()
}

/// The seconds since 1970 and the signature of a `timestamped_signature`.
pub(crate) fn split(signature: &[u8]) -> Option<(u64, &[u8])> {
    let (time, signature) = signature.split_first_chunk::<8>()?;
    let time = u64::from_be_bytes(*time);
    i64::try_from(time).is_ok().then_some((time, signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_for_which_anybody_can_sign_is_refused() {
        for (first, rest, last) in [(0, 0, 0), (1, 0, 0), (0, 0, 0x80), (0xec, 0xff, 0x7f), (0xee, 0xff, 0xff)] {
            let mut key = [rest; 32];
            (key[0], key[31]) = (first, last);
            let text = WitnessVerifier::new(Name::new("w").unwrap(), key).to_string();
            assert!(matches!(text.parse::<WitnessVerifier>(), Err(VkeyError::Weak)), "{text}");
        }
    }
}
