//! Why a policy is refused.

/// A policy file that is not valid. Its text is one line: where, what is wrong, what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML.
    #[error("line {line}: {problem}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// What the TOML reader says.
        problem: String,
    },
    /// A key there is not.
    #[error("line {line}: there is no key {key}; {advice}")]
    Unknown {
        /// The line, from 1.
        line: usize,
        /// The key as it is written.
        key: String,
        /// The key that may be meant, or all.
        advice: String,
    },
    /// A key of an earlier version.
    #[error("line {line}: {key} {why}; remove the line")]
    Gone {
        /// The line, from 1.
        line: usize,
        /// The key.
        key: &'static str,
        /// What stands in its place.
        why: &'static str,
    },
    /// A value of the wrong kind, or out of bounds.
    #[error("line {line}: {key}: {problem}; write {allowed}")]
    Value {
        /// The line, from 1.
        line: usize,
        /// The key.
        key: &'static str,
        /// What is wrong.
        problem: String,
        /// What is allowed.
        allowed: String,
    },
    /// Under the network's minimum.
    #[error(
        "line {line}: {key} = {written} is under the network's minimum of {minimum}: {why}; a site may raise it, never lower it"
    )]
    Minimum {
        /// The line, from 1.
        line: usize,
        /// The key.
        key: &'static str,
        /// The value as it is written.
        written: i128,
        /// The minimum.
        minimum: u64,
        /// What would happen under it.
        why: &'static str,
    },
    /// A name is not valid.
    #[error("line {line}: {key}: the name is not valid")]
    Name {
        /// The line, from 1.
        line: usize,
        /// The key.
        key: &'static str,
        /// What a valid name is.
        source: coda_model::NameError,
    },
}
