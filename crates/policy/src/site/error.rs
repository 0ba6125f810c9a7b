//! Why a policy is refused.

/// A policy file that cannot be taken. Its text is one line: where, what is wrong, what is allowed.
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
    /// A key of a part of Coda that this version does not have.
    #[error("line {line}: {key} cannot be set: it {why}; remove the line")]
    Absent {
        /// The line, from 1.
        line: usize,
        /// The key.
        key: &'static str,
        /// What it belongs to.
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
    /// Under the network's floor.
    #[error(
        "line {line}: {key} = {written} is under the network's floor of {floor}: {why}; a site may raise it, never lower it"
    )]
    Floor {
        /// The line, from 1.
        line: usize,
        /// The key.
        key: &'static str,
        /// The value as it is written.
        written: i128,
        /// The floor.
        floor: u64,
        /// What would happen under it.
        why: &'static str,
    },
    /// `q_tail` under the file's own `k`.
    #[error(
        "line {line}: q_tail = {written} is under k, which is {k} here: the people beyond a quantile are a group like any \
         other; write {k} or more, or leave it out"
    )]
    UnderK {
        /// The line, from 1.
        line: usize,
        /// The value as it is written.
        written: u64,
        /// The file's `k`.
        k: u64,
    },
    /// `nk` without the network's pair, or with a larger share.
    #[error(
        "line {line}: nk {problem}: a sum of which two people make up more than {share} % tells each of them nearly the \
         other's value; keep a pair [2, {share}], or one with a smaller share"
    )]
    Dominance {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
        /// The largest share allowed to two people, in per cent.
        share: u64,
    },
    /// A name is not lawful.
    #[error("line {line}: {key}: the name is not lawful")]
    Name {
        /// The line, from 1.
        line: usize,
        /// The key.
        key: &'static str,
        /// What a lawful name is.
        source: coda_model::NameError,
    },
}
