//! One account, and its parts. Times are seconds since 1970.

use std::net::{IpAddr, Ipv6Addr};

use coda_model::UserId;
use coda_pki::sha256;

/// An account as its administrators see it. No password, no code, no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose it is: the address of e-mail.
    pub user: UserId,
    /// Where codes go instead of by e-mail.
    pub phone: Option<Phone>,
    /// Whether the password is one that an administrator handed out.
    pub must_change: bool,
    /// Wrong passwords and codes since the last log-in.
    pub wrong: i64,
    /// When it was locked.
    pub locked_at: Option<i64>,
    /// When it was closed.
    pub closed_at: Option<i64>,
    /// When it was opened.
    pub opened_at: i64,
    /// By whom; nobody when it was done on the hub itself.
    pub opened_by: Option<UserId>,
}

/// A telephone number in international form (ITU-T E.164).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone(String);

/// A text that is no telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a telephone number is written as + and 7 to 15 digits")]
pub struct PhoneError;

/// A secret of 32 random bytes that a program holds, written in hexadecimal; the database has its SHA-256.
#[derive(Clone)]
pub struct Secret([u8; 32]);

/// A person's certificate, as this hub issued it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// SHA-256 of the certificate in DER, in hexadecimal.
    pub thumbprint: String,
    /// Whose it is.
    pub user: UserId,
    /// When it was issued.
    pub issued_at: i64,
    /// Until when it is good.
    pub until: i64,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
}

/// From where somebody calls, as it is kept: without the port, and of IPv6 the network (/64), in which anybody has any address.
pub(crate) fn place(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        None => String::new(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) if address.is_loopback() => address.to_string(),
        Some(IpAddr::V6(address)) => format!("{}/64", Ipv6Addr::from(u128::from(address) >> 64 << 64)),
    }
}

impl Account {
    /// Why nobody logs in to it, as the audit log says it; nothing for an account that is open.
    pub(crate) fn refusal(&self) -> Option<&'static str> {
        match (self.closed_at, self.locked_at) {
            (Some(_), _) => Some("closed"),
            (None, Some(_)) => Some("locked"),
            (None, None) => None,
        }
    }
}

impl Phone {
    /// Checks the number.
    ///
    /// # Errors
    /// [`PhoneError`].
    pub fn new(text: &str) -> Result<Self, PhoneError> {
        let digits = text.strip_prefix('+').ok_or(PhoneError)?;
        let valid = (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if valid && !digits.starts_with('0') { Ok(Self(text.to_owned())) } else { Err(PhoneError) }
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Secret {
    pub(crate) fn new() -> Self {
        Self(coda_pki::random())
    }

    /// Reads what a program sends, as [`text`](Self::text) has it: one secret has one text.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// For the program.
    pub fn text(&self) -> String {
        hex::encode(self.0)
    }

    /// For the database.
    pub(crate) fn hash(&self) -> String {
        hex::encode(sha256(&self.0))
    }

    /// Of a code that goes with this secret: nobody who reads the database can try codes.
    pub(crate) fn code_hash(&self, code: &str) -> String {
        hex::encode(sha256(&[&self.0, code.as_bytes()].concat()))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_international() {
        assert!(Phone::new("+4973150000").is_ok());
        for wrong in ["", "+", "0731500000", "+49 731 50000", "+049731500", "+123456", "+1234567890123456", "+12345a7"]
        {
            assert!(Phone::new(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_secret_reads_back_and_shows_nothing() {
        let secret = Secret::new();
        assert_eq!(Secret::read(&secret.text()).unwrap().hash(), secret.hash());
        assert!(!format!("{secret:?}").contains(&secret.text()));
        assert_ne!(secret.hash(), secret.text());
        assert!(Secret::read("00").is_none());
        assert_ne!(secret.code_hash("1234"), Secret::new().code_hash("1234"));
    }
}
