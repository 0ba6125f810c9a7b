//! Retired words: where the field has a word, code and documentation use it.
//!
//! A name is judged where it is declared, so that one crate can be converted before the crates it uses. In documentation,
//! what stands in backticks is a name. The bodies of macro calls are not read.

mod reader;

use std::collections::BTreeSet;

use super::{Finding, Tree};
use reader::Reader;

/// The crates that still have retired words, one a line.
const LIST: &str = "crates/xtask/words.txt";
/// How many crates the list may name. Lower it when one goes; never raise it.
const MAX_LISTED: usize = 0;

/// Words that are no longer used for an idea of ours, and the word that is.
struct Retired {
    words: &'static [&'static str],
    instead: &'static str,
    place: Place,
}

/// Where a word is retired; elsewhere it is ordinary English, or a word of another field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Variants,
    Documentation,
    /// In names and in documentation.
    Everywhere,
}

#[rustfmt::skip]
const RETIRED: &[Retired] = &[
    retired(&["withheld", "barred"],            "suppressed",    Place::Everywhere),
    retired(&["withhold", "withholds"],         "suppress",      Place::Everywhere),
    retired(&["withholding"],                   "suppression",   Place::Everywhere),
    retired(&["lawful", "lawfully"],            "valid",         Place::Everywhere),
    retired(&["unlawful", "unlawfully"],        "invalid",       Place::Everywhere),
    retired(&["nought", "noughts"],             "zero",          Place::Everywhere),
    retired(&["salt", "salts", "salted"],       "pseudonym key", Place::Everywhere),
    retired(&["vouch", "vouches", "vouched"],   "issuer",        Place::Everywhere),
    retired(&["unseal", "unseals", "unsealed"], "decrypt",       Place::Everywhere),
    // A root certificate may be called a root; what a party trusts are its trust anchors.
    retired(&["roots"],                         "trust anchors", Place::Documentation),
    // `Debug` may be silent; a site that does not answer is in another state.
    retired(&["silent"],                        "unreachable",   Place::Variants),
];

const fn retired(words: &'static [&'static str], instead: &'static str, place: Place) -> Retired {
    Retired { words, instead, place }
}

/// The word to use for one that is retired in one of these places.
fn replacement(word: &str, places: &[Place]) -> Option<&'static str> {
    let applies = |retired: &&Retired| places.contains(&retired.place) && retired.words.contains(&word);
    RETIRED.iter().find(applies).map(|retired| retired.instead)
}

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    check_with(tree, MAX_LISTED)
}

fn check_with(tree: &Tree, max_listed: usize) -> Vec<Finding> {
    let mut list = listed(tree);
    let mut findings = Vec::new();
    if list.len() > max_listed {
        let advice = format!("{} crates listed, at most {max_listed}: the list may only shrink", list.len());
        findings.push(finding(LIST, 1, advice));
    }
    let allowed: BTreeSet<&str> = list.iter().map(|(_, name)| *name).collect();
    for (path, text) in tree.rust() {
        // What is not Rust is a finding of the rule on leftovers.
        let Ok(file) = syn::parse_file(text) else { continue };
        let hits = Reader::read(&file);
        let owner = crate_of(path);
        if !hits.is_empty() {
            list.retain(|(_, name)| *name != owner);
        }
        if !allowed.contains(owner) {
            findings.extend(
                hits.into_iter()
                    .map(|hit| finding(path, hit.line, format!("{} is retired: use {}", hit.word, hit.instead))),
            );
        }
    }
    let converted = list
        .iter()
        .map(|(line, name)| finding(LIST, *line, format!("{name} has no retired word: take it off the list")));
    findings.extend(converted);
    findings
}

/// Line and name of each listed crate; `#` begins a comment.
fn listed(tree: &Tree) -> Vec<(usize, &str)> {
    let text = tree.file(LIST).and_then(|file| file.text.as_deref()).unwrap_or_default();
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.starts_with('#') && !line.trim().is_empty());
    lines.map(|(line, number)| (number, line.trim())).collect()
}

/// `crates/model/src/lib.rs` is of `model`, `tests/tests/network/main.rs` of `tests`.
fn crate_of(path: &str) -> &str {
    let inside = path.strip_prefix("crates/").unwrap_or(path);
    inside.split_once('/').map_or(inside, |(name, _)| name)
}

fn finding(path: &str, line: usize, advice: String) -> Finding {
    Finding { path: path.to_owned(), line, rule: "words", advice }
}

#[cfg(test)]
mod tests;
