//! One grant, and its parts.

use std::fmt;

use coda_model::UserId;
use coda_policy::Claim;

/// A grant with its history. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Who has the role.
    pub user: UserId,
    /// The role, its site, extra permissions and project.
    pub claim: Claim,
    /// Why it was given; none when it was done on the hub itself.
    pub reason: Option<String>,
    /// Who gave it; nobody when it was done on the hub itself.
    pub granted_by: Option<UserId>,
    /// When it was given.
    pub granted_at: i64,
    /// The first second without the role; `None` for no end.
    pub until: Option<i64>,
    /// How it was ended, when it was.
    pub ended: Option<Ended>,
}

/// The end of a grant before its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// When, in seconds since 1970.
    pub at: i64,
    /// By whom; nobody when it was done on the hub itself.
    pub by: Option<UserId>,
}

/// A grant that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGrant {
    /// Who shall have the role.
    pub user: UserId,
    /// The role, its site, extra permissions and project.
    pub claim: Claim,
    /// Why it is given.
    pub reason: Option<String>,
    /// The first second without the role, in seconds since 1970; `None` for no end.
    pub until: Option<i64>,
}

/// What a grant is called: 16 random bytes, written as 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GrantId([u8; 16]);

/// A text that is no id of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the id of a grant has 32 hexadecimal digits, a to f in lower case")]
pub struct GrantIdError;

impl Grant {
    pub(super) fn made(new: NewGrant, by: Option<UserId>, at: i64) -> Self {
        let NewGrant { user, claim, reason, until } = new;
        let id = GrantId(coda_pki::random());
        Self { id, user, claim, reason, granted_by: by, granted_at: at, until, ended: None }
    }
}

impl GrantId {
    /// Reads an id.
    ///
    /// # Errors
    /// [`GrantIdError`].
    pub fn parse(text: &str) -> Result<Self, GrantIdError> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| GrantIdError)?;
        // One id has one text, so that two texts never mean one grant in a log.
        if hex::encode(bytes) == text { Ok(Self(bytes)) } else { Err(GrantIdError) }
    }
}

impl fmt::Display for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}
