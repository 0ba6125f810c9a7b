//! Each key of a policy with its value and with what to say of it.

use std::{cmp::Ordering, fmt::Display};

use super::{ExactRelease, Queries, SitePolicy, key, key::Number};

/// A key, what it is set to, and what a privacy auditor has to know of it.
#[derive(Clone)]
pub(super) struct Rule {
    /// The key.
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
}

/// Which way a number is tightened.
#[derive(Clone, Copy)]
enum Stricter {
    Up,
    Down,
}

const LARGER: &str = "Write a larger number.";
const SMALLER: &str = "Write a smaller number.";

/// All rules, in the order in which they are shown.
pub(super) fn all(policy: &SitePolicy) -> Vec<Rule> {
    let usual = SitePolicy::default();
    let limits = policy.limits;
    vec![
        threshold(policy),
        number(&key::ALONE, policy.alone, Stricter::Up, LARGER).says(
            "A data set of fewer people than this, as told, is not answered by this site alone.",
            "Of 60 patients somebody who knows 55 of them learns the other five from a few tables, whatever is done to the \
             figures. The site is then listed as too small to answer alone.",
        ),
        exact(policy.exact),
        number(&key::COHORTS_PER_PROJECT, limits.cohorts_per_project, Stricter::Down, SMALLER).says(
            "Most distinct cohorts that a project may ask about, until the privacy auditor renews it.",
            "The perturbation of one figure tells next to nothing of one person; that of a hundred aimed questions tells more. \
             A project that has asked about so many cohorts waits until somebody has looked at what it asks.",
        ),
        number(&key::ASKS_PER_PROJECT, limits.asks_per_project, Stricter::Down, SMALLER).says(
            "Most asks of a project, until the privacy auditor renews it; an ask is one statistic of one cohort.",
            "Tables of many margins narrow small cells down.",
        ),
        number(&key::ASKS_PER_DAY, limits.asks_per_day, Stricter::Down, SMALLER).says(
            "Most new asks of one person in a day; what was asked before is answered again for nothing.",
            "Attacks on figures take many questions, most of them asked by a program. This leaves time to notice.",
        ),
        number(&key::REPLY_QUANTUM_MS, policy.reply_quantum_ms, Stricter::Up, "Write a larger number; answers then take longer.")
            .says(
                "Answers leave at whole multiples of so many milliseconds after the request came; 0 lets them leave at once.",
                "An answer that comes sooner than others can tell that a cohort is empty or small.",
            ),
        queries(policy.queries),
        refused("refused_users", (names(&policy.refused_users), names(&usual.refused_users))).says(
            "People whom this site does not answer, whatever roles they have, such as [\"ana@north.example\"].",
            "The network decides who may ask; the site has the last word. A person on this list is refused here even while \
             the network still lets them in, for example until a suspicion is cleared.",
        ),
        refused("refused_datasets", (names(&policy.refused_datasets), names(&usual.refused_datasets))).says(
            "Data sets about which this site does not answer, by their ids in the dictionary, such as [\"covid\"].",
            "A site may take part in the network and keep one data set out of it, for example while its ethics approval is \
             being renewed.",
        ),
    ]
}

impl Rule {
    fn says(self, says: &'static str, protects: &str) -> Self {
        Self { says, protects: protects.to_owned(), ..self }
    }
}

fn threshold(policy: &SitePolicy) -> Rule {
    let rounding = coda_model::rounding::Rounding::random(policy.threshold);
    let from = rounding.told_from;
    let protects = format!(
        "\"1 woman over 90 of this ward with HIV\" names her to everybody who knows the ward. With k = {} here, counts are told \
         from {from} on, as multiples of 5, each within 8 of the truth; smaller ones are shown as \"<{from}\", and so are none at \
         all.",
        policy.threshold.least()
    );
    let rule = number(&key::K, policy.threshold.least(), Stricter::Up, LARGER);
    rule.says("Minimum frequency: no count of as few people as this is told.", &protects)
}

fn exact(exact: ExactRelease) -> Rule {
    let (here, change) = match exact {
        ExactRelease::Allowed => ("\"allowed\"", Change::Same),
        ExactRelease::Forbidden => ("\"forbidden\"", Change::Stricter),
    };
    Rule {
        key: "exact",
        here: here.to_owned(),
        usual: "\"allowed\"".to_owned(),
        change,
        says: "Whether data sets that the network's dictionary declares public or synthetic are released exactly.",
        allowed: "\"allowed\" or \"forbidden\"; a site cannot ask for more than the dictionary declares".to_owned(),
        protects:
            "Data sets for teaching and for tests need no protection. A site that wants none of its data sets released \
                   exactly, by mistake or otherwise, forbids it."
                .to_owned(),
        tighten: "Write \"forbidden\".",
    }
}

fn number(of: &Number, here: u64, stricter: Stricter, tighten: &'static str) -> Rule {
    let Number { key, usual, least, most, .. } = of;
    let change = match (here.cmp(usual), stricter) {
        (Ordering::Equal, _) => Change::Same,
        (Ordering::Greater, Stricter::Up) | (Ordering::Less, Stricter::Down) => Change::Stricter,
        _ => Change::Looser,
    };
    let allowed = match of.minimum {
        Some(_) => format!("{least} to {most}: a site may raise it, never under the minimum"),
        None => format!("{least} to {most}, as the site's privacy auditor decides"),
    };
    let (here, usual) = (here.to_string(), usual.to_string());
    Rule { key, here, usual, change, says: "", allowed, protects: String::new(), tighten }
}

fn queries(queries: Queries) -> Rule {
    let (here, change) = match queries {
        Queries::Answered => ("\"answered\"", Change::Same),
        Queries::Refused => ("\"refused\"", Change::Stricter),
    };
    Rule {
        key: "queries",
        here: here.to_owned(),
        usual: "\"answered\"".to_owned(),
        change,
        says: "Whether queries are answered at all.",
        allowed: "\"answered\", or \"refused\" for all of them, such as during an incident".to_owned(),
        protects: "When something is wrong, for example a stolen key or wrong data, the site stops giving out figures at once, \
                   without having to ask anybody."
            .to_owned(),
        tighten: "Write \"refused\"; then nothing leaves the site.",
    }
}

fn refused(key: &'static str, (here, usual): (String, String)) -> Rule {
    let change = if here == usual { Change::Same } else { Change::Stricter };
    let allowed = "any list of names, in quotes".to_owned();
    Rule { key, change, here, usual, says: "", allowed, protects: String::new(), tighten: "Add names." }
}

/// A list of names as TOML; names hold nothing that would have to be escaped.
fn names<Name: Display>(names: impl IntoIterator<Item = Name>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("\"{name}\"")).collect();
    format!("[{}]", names.join(", "))
}
