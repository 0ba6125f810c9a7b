//! What an honest program asks seldom or never.

/// A kind of unlikely request. Its word is the reason in the audit log and in a letter to administrators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unlikely {
    /// Another party than the one that is answered here.
    Peer,
    /// A certificate that was revoked.
    Certificate,
    /// A query that its asker did not sign.
    EnvelopeSignature,
    /// A token that the auth server did not sign.
    TokenSignature,
    /// Somebody else's token.
    TokenOwner,
    /// A query that its asker may not ask here.
    NotPermitted,
    /// A query for which the asker has no role at a site.
    NoRole,
    /// A query that was answered before.
    Replay,
    /// A party of another site.
    NotOurs,
    /// A service where people are answered.
    NotAPerson,
    /// A person where services are answered.
    NotAService,
    /// A role or an account that the caller does not administer.
    NotYours,
    /// A role for oneself.
    Oneself,
    /// An audit log that does not continue what was seen of it.
    Witness,
    /// What the watch saw.
    Twins,
}

impl Unlikely {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Peer,
        Self::Certificate,
        Self::EnvelopeSignature,
        Self::TokenSignature,
        Self::TokenOwner,
        Self::NotPermitted,
        Self::NoRole,
        Self::Replay,
        Self::NotOurs,
        Self::NotAPerson,
        Self::NotAService,
        Self::NotYours,
        Self::Oneself,
        Self::Witness,
        Self::Twins,
    ];

    /// The same from version to version.
    pub fn word(self) -> &'static str {
        match self {
            Self::Peer => "peer",
            Self::Certificate => "certificate",
            Self::EnvelopeSignature => "envelope signature",
            Self::TokenSignature => "token signature",
            Self::TokenOwner => "token owner",
            Self::NotPermitted => "not permitted",
            Self::NoRole => "no role",
            Self::Replay => "replay",
            Self::NotOurs => "not ours",
            Self::NotAPerson => "not a person",
            Self::NotAService => "not a service",
            Self::NotYours => "not yours",
            Self::Oneself => "oneself",
            Self::Witness => "witness",
            Self::Twins => "questions in nearly equal pairs",
        }
    }

    /// The kind with this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// How many of one party within ten minutes are an alarm. A log that was rewritten is proof at the first.
    pub(crate) fn many(self) -> usize {
        match self {
            Self::Witness | Self::Twins => 1,
            _ => 5,
        }
    }
}
