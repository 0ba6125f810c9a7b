//! Twins: two sites whose people differ in one person's one attribute. They have the same secrets, so that what depends on a
//! secret is the same at both, and what differs between their replies comes from that attribute.

use std::{fs, path::Path, time::Duration};

use coda_disclosure::Defences;
use coda_model::{
    frame::{Count, Shown, ShownFrame},
    query::Query,
};

use super::{Bench, PATIENT, Reply, With as _, of, patients::Patient};

/// What is kept at a site beside its data.
const SECRETS: [&str; 4] = ["builds.salt", "ledger.db", "ledger.db-wal", "ledger.db.key"];
/// The fewest people behind anything that is out.
const LEAST: u64 = 5;

/// The most laboratory rows that one of the patients has.
const ROWS: u64 = 3;

/// Two sites.
pub(crate) struct Twins(pub(crate) [Bench; 2]);

impl Twins {
    /// Two sites with these people, under a policy without a budget to speak of.
    pub(crate) async fn of(people: [Vec<Patient>; 2], defences: Defences) -> Self {
        Self::with(people, defences, PATIENT).await
    }

    /// Two sites with these people.
    pub(crate) async fn with([one, other]: [Vec<Patient>; 2], defences: Defences, policy: &str) -> Self {
        let one = Bench::with(vec![("a", one)], defences, policy).await;
        let secrets = one.folder().join("sites/a");
        // The key is the last thing that a node writes when it starts.
        while !secrets.join("ledger.db.key").exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let folder = tempfile::tempdir().unwrap();
        copy(&secrets, &folder.path().join("sites/a"));
        Self([one, Bench::within(folder, vec![("a", other)], defences, policy).await])
    }

    /// The replies of both.
    pub(crate) async fn wire(&self, query: &Query) -> [Reply; 2] {
        [self.0[0].wire(query).await, self.0[1].wire(query).await]
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in SECRETS {
        if from.join(name).exists() {
            fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }
}

/// Reads a question such as `count, mean:age | by unit | over month:admission | where sex = f | rows lab | derive n = count(lab)`.
pub(crate) fn question(text: &str) -> Query {
    let mut parts = text.split(" | ");
    let asks: Vec<&str> = parts.next().unwrap().split(", ").collect();
    parts.fold(of(&asks), |query, part| match part.split_once(' ').unwrap() {
        ("by", factor) => query.by(factor),
        ("over", over) => query.over(over),
        ("where", predicate) => query.whose(predicate),
        ("rows", table) => query.rows(table),
        ("derive", derivation) => {
            let (name, derivation) = derivation.split_once(" = ").unwrap();
            query.derive(name, derivation)
        }
        (other, _) => panic!("{other}"),
    })
}

/// How far the replies of twins may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// The question has nothing to do with what differs.
    Nothing,
    /// An exact count of enough people may have that one person more or less, and its sums with it.
    One,
}

/// What the replies of twins to one question show that they must not.
pub(crate) fn told([one, other]: &[Reply; 2], allowed: Allowed) -> Vec<String> {
    let mut told = Vec::new();
    let mut unlike = |what: &str, same: bool| {
        if !same {
            told.push(what.to_owned());
        }
    };
    unlike("code", one.code == other.code);
    unlike("words", one.words == other.words);
    unlike("length", (one.length, one.bytes.len()) == (other.length, other.bytes.len()));
    unlike("budget", one.budget == other.budget);
    let (Some(one), Some(other)) = (&one.frames, &other.frames) else { return told };
    unlike("slack", one.slack == other.slack);
    told.extend(of_counts("total", &one.total, &other.total, allowed));
    for (ask, (one, other)) in one.asks.iter().zip(&other.asks).enumerate() {
        for (cell, (one, other)) in one.iter().zip(other).enumerate() {
            told.extend(
                of_frames(one, other, allowed).into_iter().map(|what| format!("ask {ask}, cell {cell}: {what}")),
            );
        }
    }
    told
}

fn of_frames(one: &ShownFrame, other: &ShownFrame, allowed: Allowed) -> Vec<String> {
    let count = |missing: Option<Shown<Count>>| missing.unwrap_or(Shown::Withheld);
    let mut told = of_counts("missing", &count(one.missing), &count(other.missing), allowed);
    told.extend(of_counts("rest", &one.rest, &other.rest, allowed));
    for (place, (one, other)) in one.slots.iter().zip(&other.slots).enumerate() {
        let count = |slot: &Shown<_>| match slot {
            Shown::Value(coda_model::frame::ShownSlot { count, .. }) => Shown::Value(*count),
            Shown::Withheld => Shown::Withheld,
        };
        told.extend(of_counts(&format!("slot {place}"), &count(one), &count(other), allowed));
        let sums = one.value().zip(other.value()).is_some_and(|(one, other)| one.sums != other.sums);
        if sums && allowed == Allowed::Nothing {
            told.push(format!("sums of slot {place}"));
        }
    }
    told
}

fn of_counts(what: &str, one: &Shown<Count>, other: &Shown<Count>, allowed: Allowed) -> Vec<String> {
    let (one, other) = match (one.value(), other.value()) {
        (None, None) => return Vec::new(),
        (Some(one), Some(other)) => (one, other),
        _ => return vec![format!("{what}: out at one, withheld at the other")],
    };
    let mut told = Vec::new();
    let few = |count: &Count| count.people.0 < LEAST || count.rows.0 < LEAST;
    if few(one) || few(other) {
        told.push(format!("{what}: out for {} and {} people", one.people.0, other.people.0));
    }
    let apart = (one.people.0.abs_diff(other.people.0), one.rows.0.abs_diff(other.rows.0));
    let most = if allowed == Allowed::One { (1, ROWS) } else { (0, 0) };
    if apart.0 > most.0 || apart.1 > most.1 {
        told.push(format!(
            "{what}: {} and {} people, {} and {} rows",
            one.people.0, other.people.0, one.rows.0, other.rows.0
        ));
    }
    told
}
