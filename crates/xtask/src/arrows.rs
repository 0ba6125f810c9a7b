//! The crates and the arrows between them, as `ARCHITECTURE.md` has them.
//!
//! An arrow that is not here does not exist: `cargo xtask tidy` fails on it. The table may grow by a commit of
//! its own that says why.

/// One crate: its level, its name without the prefix, the crates it may use, and the levels it may use as a whole.
pub(crate) struct Row {
    pub(crate) level: u8,
    pub(crate) name: &'static str,
    pub(crate) crates: &'static [&'static str],
    pub(crate) levels: &'static [u8],
}

/// No I/O, no async, no clock, no randomness of its own.
pub(crate) const PURE: u8 = 0;
/// Tests and tools stand beside the levels, not above them.
pub(crate) const TOOLS: u8 = 5;

const LEVEL_0: &[u8] = &[PURE];
const LEVELS_0_TO_2: &[u8] = &[PURE, 1, 2];
const EVERYTHING: &[u8] = &[PURE, 1, 2, 3, 4, TOOLS];

#[rustfmt::skip]
pub(crate) const TABLE: &[Row] = &[
    // level, crate, may use
    // 0 pure
    row(PURE, "model",      &[], &[]),
    row(PURE, "stats",      &["model"], &[]),
    row(PURE, "disclosure", &["model"], &[]),
    row(PURE, "policy",     &["model"], &[]),
    row(PURE, "sof",        &[], &[]),
    // 1 wire
    row(1, "wire",          &[], LEVEL_0),
    // 2 adapters
    row(2, "runtime",       &["model"], &[]),
    row(2, "pki",           &["model"], &[]),
    // the keys of a log are certified by a certificate
    row(2, "audit",         &["model", "pki"], &[]),
    row(2, "engine",        &["model", "stats"], &[]),
    row(2, "ledger",        &["model", "disclosure"], &[]),
    // it checks receipts (stats) and proofs of the audit log
    row(2, "client",        &["wire", "pki", "audit", "model", "stats"], &[]),
    row(2, "builds",        &["model"], &[]),
    row(2, "ingest",        &["sof", "engine", "builds", "model", "disclosure"], &[]),
    // what every service does alike; a caller's identity is a word of the model
    row(2, "service",       &["wire", "pki", "runtime", "audit", "model"], &[]),
    // 3 services; none uses another
    row(3, "storage",       &["builds", "service", "wire", "pki", "runtime", "audit", "model"], &[]),
    row(3, "compute",       &["engine", "service", "wire", "pki", "runtime", "audit", "ledger", "client"], LEVEL_0),
    row(3, "auth",          &["service", "wire", "pki", "runtime", "audit", "policy", "model"], &[]),
    row(3, "coordinator",   &["client", "service", "wire", "pki", "runtime", "audit"], LEVEL_0),
    row(3, "dashboard",     &["client", "runtime", "model"], &[]),
    // 4 programs, and between them and the services (3½) what every program does alike
    row(4, "program",       &["service", "pki", "audit", "runtime", "model"], &[]),
    row(4, "node",          &["program", "storage", "compute", "ingest"], LEVELS_0_TO_2),
    row(4, "hub",           &["program", "auth", "coordinator", "dashboard"], LEVELS_0_TO_2),
    // It reads queries (model), lists the registry in its help (stats) and the roles (policy), and makes a person's key (pki).
    row(4, "cli",         &["client", "model", "pki", "policy", "runtime", "stats"], &[]),
    // demo makes the synthetic patients, or reads one's own files, and asks over them
    row(4, "demo",          &["testkit", "cli", "client", "ingest", "model", "runtime", "synth"], &[]),
    row(4, "python",        &["client"], &[]),
    // tests and tools
    row(TOOLS, "testkit",   &[], EVERYTHING),
    row(TOOLS, "postbox",   &[], &[]),
    // valid signed messages, and how they are changed
    row(TOOLS, "mutations", &["wire", "pki"], LEVEL_0),
    row(TOOLS, "synth",     &["model"], &[]),
    // the benchmark starts a network and measures it
    row(TOOLS, "xtask",     &["postbox", "testkit"], LEVELS_0_TO_2),
    row(TOOLS, "tests",     &[], EVERYTHING),
];

const fn row(level: u8, name: &'static str, crates: &'static [&'static str], levels: &'static [u8]) -> Row {
    Row { level, name, crates, levels }
}

pub(crate) fn find(name: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.name == name)
}

impl Row {
    pub(crate) fn may_use(&self, other: &Row) -> bool {
        self.crates.contains(&other.name) || self.levels.contains(&other.level)
    }

    /// Tests may reach sideways, down, and for the tools.
    pub(crate) fn may_use_in_tests(&self, other: &Row) -> bool {
        other.level <= self.level || other.level == TOOLS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_row_and_stands_once() {
        for row in TABLE {
            assert_eq!(TABLE.iter().filter(|other| other.name == row.name).count(), 1, "{}", row.name);
            for name in row.crates {
                assert!(find(name).is_some(), "{} names {name}, which has no row", row.name);
            }
        }
    }

    #[test]
    fn arrows_of_the_levels_go_down_or_stay() {
        for row in TABLE.iter().filter(|row| row.level < 4) {
            for other in TABLE.iter().filter(|other| row.may_use(other)) {
                assert!(other.level <= row.level, "{} may use {}", row.name, other.name);
            }
        }
    }

    #[test]
    fn services_never_depend_on_each_other() {
        let services = || TABLE.iter().filter(|row| row.level == 3);
        for (row, other) in services().flat_map(|row| services().map(move |other| (row, other))) {
            assert!(!row.may_use(other), "{} may use {}", row.name, other.name);
        }
    }
}
