//! Passwords by NIST SP 800-63B-4, section 3.1.1: long enough, any characters, none that others would guess. Hashed with Argon2id.

mod breached;
mod hasher;

pub use breached::{Breached, BreachedError};
pub use hasher::{Cost, HashError, Hasher};

use coda_model::UserId;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// The least and most characters of a password.
const LEAST: usize = 8;
const MOST: usize = 128;
/// A word of the context counts from so many characters; shorter ones are in too many words.
const CONTEXT: usize = 4;
/// zxcvbn takes time that grows faster than the password, and what is long enough is not guessed by its rules.
const ESTIMATED: usize = 64;
/// The least of its five grades: over a million guesses, where ten lock the account. The next grade would refuse any eight characters.
const GRADE: zxcvbn::Score = zxcvbn::Score::Two;

/// A password that somebody typed, in Unicode's canonical composition, so that every keyboard gives the same bytes.
pub struct Password(Zeroizing<String>);

/// Why a new password is refused. No variant repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Under 8 characters.
    #[error("a password has at least {LEAST} characters")]
    Short,
    /// Over 128.
    #[error("a password has at most {MOST} characters")]
    Long,
    /// It has a name in it that anybody who knows the account would try.
    #[error("leave your name, your e-mail address, your institution and the network's name out of the password")]
    Context,
    /// It would be guessed.
    #[error("this password would be guessed soon; take several words that do not belong together")]
    Guessable,
    /// It is in the file of breached passwords.
    #[error("this password was in a data breach somewhere; take another")]
    Breached,
    /// The person had it before.
    #[error("you had this password before; take another")]
    Former,
}

/// What a new password must keep to, beside the person's own former ones.
#[derive(Debug, Default)]
pub struct Rules {
    /// Words of the network: its name, its sites.
    pub words: Vec<String>,
    /// The file of breached passwords, where there is one.
    pub breached: Option<Breached>,
}

impl Password {
    /// What somebody typed.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.nfc().collect()))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password")
    }
}

impl Rules {
    /// Whether `user` may take this password. Takes milliseconds: not for a thread that serves requests.
    ///
    /// # Errors
    /// The first [`PasswordFault`], or that the file of breached passwords cannot be read.
    pub fn check(&self, password: &Password, user: &UserId) -> Result<Result<(), PasswordFault>, BreachedError> {
        let text = password.0.as_str();
        let length = text.chars().count();
        let words = self.context(user);
        let fault = if length < LEAST {
            PasswordFault::Short
        } else if length > MOST {
            PasswordFault::Long
        } else if has_word(text, &words) {
            PasswordFault::Context
        } else if is_guessable(text) {
            PasswordFault::Guessable
        } else if self.breached.as_ref().map_or(Ok(false), |file| file.has(password))? {
            PasswordFault::Breached
        } else {
            return Ok(Ok(()));
        };
        Ok(Err(fault))
    }

    /// The words that anybody would try who knows whose account it is, in lower case.
    fn context(&self, user: &UserId) -> Vec<String> {
        let own = user.as_str().split(|c: char| !c.is_ascii_alphanumeric());
        let own = own.chain(self.words.iter().flat_map(|word| word.split_whitespace()));
        own.filter(|word| word.chars().count() >= CONTEXT).map(str::to_lowercase).collect()
    }
}

fn has_word(text: &str, words: &[String]) -> bool {
    let plain = text.to_lowercase();
    // As people disguise a word.
    let read: String = plain.chars().map(undisguised).collect();
    words.iter().any(|word| plain.contains(word) || read.contains(word))
}

fn undisguised(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

fn is_guessable(text: &str) -> bool {
    let head: String = text.chars().take(ESTIMATED).collect();
    zxcvbn::zxcvbn(&head, &[]).score() < GRADE
}

#[cfg(test)]
mod tests;
