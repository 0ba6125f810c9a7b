//! A site, random sets, and frames made by hand.

use coda_disclosure::{AskStatements, Query, Release, RuleSet, SiteSecret, StatementKey, Statements, release};
use coda_model::{
    frame::{Contributions, Frame, Guard, SetKey, Slot, Summed, Tabulated},
    ids::{People, Rows},
    plan::{Statement, Unit},
    rounding::Sensitivity,
    scale::Scale,
    threshold::Threshold,
    variable::Missing,
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use time::macros::date;

/// Random numbers that are the same in every run.
pub(crate) fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// How many random cases a property has.
pub(crate) fn cases() -> u64 {
    std::env::var("CODA_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(10_000)
}

/// The rules of a site with this threshold.
pub(crate) fn rules(threshold: u64) -> RuleSet {
    RuleSet::perturbed(Threshold::new(threshold).unwrap())
}

/// A site's secret.
pub(crate) fn secret(number: u64) -> SiteSecret {
    let mut bytes = [9; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    SiteSecret::new(bytes)
}

/// The key of a statement.
pub(crate) fn statement(secret: &SiteSecret, text: &str, sensitivity: Sensitivity) -> StatementKey {
    let statement = Statement { text: text.to_owned(), sensitivity };
    StatementKey::of(secret, &[1; 16], date!(2026 - 01 - 01), &statement)
}

/// The told count of a set, or `None`.
pub(crate) fn told(rules: &RuleSet, secret: &SiteSecret, people: u64, key: u64, text: &str) -> Option<u64> {
    rules.told(secret, people, SetKey(key), &statement(secret, text, Sensitivity::Plain)).value().copied()
}

/// A slot of people with these codes.
pub(crate) fn slot(codes: &[i128], key: u64) -> Slot {
    let mut slot = Slot { key: SetKey(key), ..Slot::default() };
    for code in codes {
        slot.people = People(slot.people.0 + 1);
        slot.rows = Rows(slot.rows.0 + 1);
        slot.sums.add(&Contributions::of(1, *code, code * code));
    }
    slot
}

/// A slot of so many people without sums.
pub(crate) fn people(people: u64, key: u64) -> Slot {
    Slot { people: People(people), rows: Rows(people), key: SetKey(key), ..Slot::default() }
}

/// One ask of one cell with these slots.
pub(crate) fn ask(guard: Guard, slots: Vec<Slot>, bins: Vec<usize>, scale: Option<Scale>) -> Tabulated {
    let mut valid = Slot::default();
    for slot in &slots {
        valid.add(slot);
    }
    Tabulated {
        guard,
        missing: Missing::Never,
        unit: Unit::People,
        summed: scale.map(|scale| Summed { column: 0, scale }),
        bins,
        frames: vec![Frame { slots, valid, missing: Slot::default() }],
    }
}

/// What leaves of one ask, whose only set has this statement.
pub(crate) fn released(ask: &Tabulated, secret: &SiteSecret, rules: &RuleSet, text: &str) -> Release {
    let statement = statement(secret, text, Sensitivity::Plain);
    let own = AskStatements { slots: Vec::new(), missing: Vec::new(), source: "t.v".to_owned() };
    let statements = Statements { cohort: statement, cells: vec![statement], asks: vec![own] };
    let query = Query { cohort: &ask.frames[0].valid, asks: std::slice::from_ref(ask), statements: &statements };
    release(&query, secret, rules)
}
