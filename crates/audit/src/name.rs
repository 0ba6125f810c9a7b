//! What a log or a witness is called.

use std::fmt;
use std::str::FromStr;

/// The name of a key (C2SP signed-note) and the origin of a log (C2SP tlog-checkpoint), such as `coda/site/north/compute`:
/// 1 to 255 printable characters of ASCII without `+`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// Not a name.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0:?} is not a valid name of a log or a witness: use 1 to 255 letters, digits and marks, without spaces and without +"
)]
pub struct NameError(String);

impl Name {
    /// Takes a name.
    ///
    /// # Errors
    /// [`NameError`] when it is empty, too long, or has a character that a name may not have.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let valid = (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'+');
        if valid { Ok(Self(text.to_owned())) } else { Err(NameError(text.chars().take(80).collect())) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::new(text)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
