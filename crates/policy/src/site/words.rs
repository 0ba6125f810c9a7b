//! A policy in words, and as text.

use std::fmt::Display;

use super::{
    Budgets, Dominance, History, HistoryMode, LinearAudit, MinMax, Percent, Queries, Samples, SitePolicy,
    rule::{self, Change, Rule},
};

pub(super) fn canonical(policy: &SitePolicy) -> String {
    let lines = rule::all(policy).into_iter().map(|Rule { key, here, .. }| format!("{key} = {here}\n"));
    // The name changes when a key comes or goes, so that the texts of two versions never agree by chance.
    format!("coda-policy/1\n{}", lines.collect::<String>())
}

pub(super) fn check(policy: &SitePolicy) -> String {
    let lines = [vec!["The policy can be taken.".to_owned()], meaning(policy), differences(policy)].concat();
    lines.join("\n") + "\n"
}

pub(super) fn show(policy: &SitePolicy) -> String {
    let mut text = wrapped(HEAD, "# ");
    let mut table = "";
    for Rule { key, here, usual, says, allowed, .. } in rule::all(policy) {
        let (under, key) = key.rsplit_once('.').unwrap_or(("", key));
        if under != table {
            table = under;
            text.push_str(&format!("\n[{table}]\n"));
        }
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
            Change::Other => format!("the network's value is {usual}"),
        };
        text.push_str(&format!("\n{key} = {here} ({compared})\n"));
        for paragraph in [says, &protects, &format!("Allowed: {allowed}."), &format!("To tighten it: {tighten}")] {
            text.push_str(&wrapped(paragraph, "  "));
        }
    }
    text
}

const INTRODUCTION: &str = "What this policy asks for, rule by rule: what the rule says, what it protects against, what may be \
                            written, and how it could be tightened. What is said to be withheld is shown in the same way \
                            whatever the reason, and a rule that a site makes stricter holds for its own figures alone.";

/// The policy, one sentence a line.
fn meaning(policy: &SitePolicy) -> Vec<String> {
    let SitePolicy {
        threshold,
        dominance,
        samples,
        minmax: MinMax::Never,
        history: History { mode, linear_audit: LinearAudit::On },
        budgets,
        reply_quantum_ms,
        queries,
        refused_users,
        refused_datasets,
    } = policy;
    let Samples { n_sd, n_shape, q_tail } = samples;
    let Budgets { rank_budget, rank_budget_user, requests_per_day, cohorts_per_day } = budgets;
    let (k, rows) = (threshold.least(), threshold.rows());
    let rows = if rows == k { "at least as many rows".to_owned() } else { format!("at least {rows} rows") };
    vec![
        format!("A result leaves this site only with at least {k} people behind it, and {rows}."),
        format!("A sum or mean leaves only if {}.", shares(dominance)),
        format!("A standard deviation needs {n_sd} people, a skewness or kurtosis {n_shape}."),
        format!(
            "A quantile needs {q_tail} people on its smaller side. The smallest and the largest value never leave."
        ),
        match mode {
            HistoryMode::Snap => {
                format!("A group that differs by fewer than {k} people from an earlier one gets that one's answer.")
            }
            HistoryMode::RefuseSymmetric => {
                format!(
                    "A group that differs by fewer than {k} people from an earlier one, or by none, gets no answer."
                )
            }
        },
        "Answers that could be solved together for a few people are not given.".to_owned(),
        format!(
            "Per 100 patients all users together get at most {} independent figures, one user at most {}.",
            rank_budget.0, rank_budget_user.0
        ),
        format!("One user asks at most {requests_per_day} times a day, and about at most {cohorts_per_day} groups."),
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

fn shares(Dominance { p_percent: Percent(p), nk }: &Dominance) -> String {
    let pairs = nk.iter().map(|(people, Percent(share))| match people {
        1 => format!(", and the largest is at most {share} % of it"),
        _ => format!(", and the {people} largest are at most {share} % of it"),
    });
    format!("all but its two largest parts come to at least {p} % of the largest{}", pairs.collect::<String>())
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
        (Change::Other, "Otherwise than the network's values, neither stricter nor looser"),
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
