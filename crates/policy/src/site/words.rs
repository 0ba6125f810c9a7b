//! A policy in words, and as text.

use std::fmt::Display;

use coda_model::rounding::{Rounding, Sensitivity};

use super::{
    ExactRelease, Limits, Queries, SitePolicy,
    rule::{self, Change, Rule},
};

pub(super) fn canonical(policy: &SitePolicy) -> String {
    let lines = rule::all(policy).into_iter().map(|Rule { key, here, .. }| format!("{key} = {here}\n"));
    // The name changes when a key comes or goes, so that the texts of two versions never agree by chance.
    format!("coda-policy/2\n{}", lines.collect::<String>())
}

pub(super) fn check(policy: &SitePolicy) -> String {
    let lines = [vec!["The policy is valid.".to_owned()], meaning(policy), differences(policy)].concat();
    lines.join("\n") + "\n"
}

pub(super) fn show(policy: &SitePolicy) -> String {
    let mut text = wrapped(HEAD, "# ");
    for Rule { key, here, usual, says, allowed, .. } in rule::all(policy) {
        let (says, allowed) = (wrapped(says, "# "), wrapped(&format!("Network: {usual}. Allowed: {allowed}."), "# "));
        text.push_str(&format!("\n{says}{allowed}{key} = {here}\n"));
    }
    text
}

const HEAD: &str = "A site's own policy. It narrows which figures leave the site, and never widens it; how much may be asked, and \
                    when answers leave, is set here too. Every key may be left out; then it has the network's value. `coda-node \
                    policy check policy.toml` says in words what the file means, `coda-node policy explain policy.toml` what each \
                    key protects against.";

pub(super) fn explain(policy: &SitePolicy) -> String {
    let mut text = wrapped(INTRODUCTION, "");
    for Rule { key, here, usual, change, says, allowed, protects, tighten } in rule::all(policy) {
        let compared = match change {
            Change::Same => "the network's value".to_owned(),
            Change::Stricter => format!("stricter than the network's {usual}"),
            Change::Looser => format!("looser than the network's {usual}"),
        };
        text.push_str(&format!("\n{key} = {here} ({compared})\n"));
        for paragraph in [says, &protects, &format!("Allowed: {allowed}."), &format!("To tighten it: {tighten}")] {
            text.push_str(&wrapped(paragraph, "  "));
        }
    }
    text
}

const INTRODUCTION: &str = "What this policy asks for, rule by rule: what the rule says, what it protects against, what may be \
                            written, and how it could be tightened. A suppressed figure is shown in the same way \
                            whatever the reason, and a rule that a site makes stricter holds for its own figures alone.";

/// The policy, one sentence a line.
fn meaning(policy: &SitePolicy) -> Vec<String> {
    let SitePolicy { threshold, alone, exact, limits, reply_quantum_ms, queries, refused_users, refused_datasets } =
        policy;
    let Limits { cohorts_per_project, asks_per_project, asks_per_day } = limits;
    let rounding = Rounding::random(*threshold);
    vec![
        format!(
            "Counts are told from {} on, rounded at random to multiples of {}, within {} of the truth ({} where a sensitive \
             variable is named); other sums carry the noise of about two people.",
            rounding.told_from,
            rounding.base,
            rounding.error(Sensitivity::Plain),
            rounding.error(Sensitivity::Sensitive)
        ),
        format!("A data set of fewer than {alone} people is not answered alone."),
        match exact {
            ExactRelease::Allowed => "Data sets that the dictionary declares public or synthetic are released exactly.",
            ExactRelease::Forbidden => "No data set is released exactly.",
        }
        .to_owned(),
        format!(
            "A project asks about at most {cohorts_per_project} cohorts and makes at most {asks_per_project} asks, until the \
             privacy auditor renews it; a person makes at most {asks_per_day} new asks a day."
        ),
        match reply_quantum_ms {
            0 => "An answer leaves as soon as it is ready.".to_owned(),
            _ => format!("An answer leaves at a whole multiple of {reply_quantum_ms} ms after the request came."),
        },
        match queries {
            Queries::Answered => "Queries are answered.",
            Queries::Refused => "No query is answered.",
        }
        .to_owned(),
        refused("user", refused_users),
        refused("data set", refused_datasets),
    ]
}

fn refused<Name: Display>(kind: &str, names: impl IntoIterator<Item = Name>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
    if names.is_empty() { format!("No {kind} is refused.") } else { format!("Refused {kind}s: {}.", names.join(", ")) }
}

/// Where the policy differs from the network's values, a line for each way to differ.
fn differences(policy: &SitePolicy) -> Vec<String> {
    let rules = rule::all(policy);
    let line = |(change, words): (Change, &str)| {
        let of = rules.iter().filter(|rule| rule.change == change);
        let list: Vec<String> =
            of.map(|Rule { key, here, usual, .. }| format!("{key} = {here} (not {usual})")).collect();
        (!list.is_empty()).then(|| format!("{words}: {}.", list.join(", ")))
    };
    let lines: Vec<String> = [
        (Change::Stricter, "Stricter than the network's values"),
        (Change::Looser, "Looser than the network's values, which is for the site's privacy auditor to decide"),
    ]
    .into_iter()
    .filter_map(line)
    .collect();
    if lines.is_empty() { vec!["All values are the network's.".to_owned()] } else { lines }
}

/// Lines of at most 110 characters, each beginning with `margin`.
fn wrapped(text: &str, margin: &str) -> String {
    let mut lines = vec![margin.to_owned()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() == margin.len() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= 110 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("{margin}{word}")),
        }
    }
    lines.join("\n") + "\n"
}
