//! Each key of a policy with its value and with what to say of it.

mod asking;
mod figures;

use std::{cmp::Ordering, fmt::Display};

use super::{
    SitePolicy,
    key::{Bound, Number},
};

/// A key, what it is set to, and what a privacy auditor has to know of it.
#[derive(Clone)]
pub(super) struct Rule {
    /// The key, `history.mode` with its table.
    pub(super) key: &'static str,
    /// The value in effect, as TOML.
    pub(super) here: String,
    /// The network's value, as TOML.
    pub(super) usual: String,
    /// How the value in effect compares with the network's.
    pub(super) change: Change,
    /// What it says, one sentence.
    pub(super) says: &'static str,
    /// What may be written.
    pub(super) allowed: String,
    /// What it protects against, with an example.
    pub(super) protects: String,
    /// How it could be tightened.
    pub(super) tighten: &'static str,
}

/// How a value compares with the network's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Same,
    Stricter,
    Looser,
    /// Neither stricter nor looser.
    Other,
}

/// Which way a number is tightened.
#[derive(Clone, Copy)]
enum Stricter {
    Up,
    Down,
}

/// All rules, in the order in which they are shown. Keys of a table come last, as TOML has it.
pub(super) fn all(policy: &SitePolicy) -> Vec<Rule> {
    let usual = SitePolicy::default();
    [figures::rules(policy), asking::rules(policy, &usual), asking::history(policy, &usual)].concat()
}

/// What is said of a number.
struct Words {
    says: &'static str,
    protects: String,
    tighten: &'static str,
}

fn number(of: &Number, here: u64, stricter: Stricter, words: Words) -> Rule {
    let Number { key, usual, least, most, .. } = of;
    let change = match (here.cmp(usual), stricter) {
        (Ordering::Equal, _) => Change::Same,
        (Ordering::Greater, Stricter::Up) | (Ordering::Less, Stricter::Down) => Change::Stricter,
        _ => Change::Looser,
    };
    let allowed = match of.bound {
        Bound::Floor(_) => format!("{least} to {most}: a site may raise it, never lower it"),
        Bound::Meaning => format!("{least} to {most}, as the site's privacy auditor decides"),
    };
    let Words { says, protects, tighten } = words;
    Rule { key, here: here.to_string(), usual: usual.to_string(), change, says, allowed, protects, tighten }
}

/// A list of names as TOML; names hold nothing that would have to be escaped.
fn names<Name: Display>(names: impl IntoIterator<Item = Name>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("\"{name}\"")).collect();
    format!("[{}]", names.join(", "))
}

fn stricter_if_unlike(here: &str, usual: &str) -> Change {
    if here == usual { Change::Same } else { Change::Stricter }
}
