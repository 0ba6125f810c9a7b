//! The keys of `policy.toml`: the network's values and bounds.

/// A key whose value is a whole number.
pub(super) struct Number {
    pub(super) key: &'static str,
    /// The network's value.
    pub(super) usual: u64,
    pub(super) least: u64,
    pub(super) most: u64,
    /// What is counted.
    pub(super) unit: &'static str,
    /// What would happen under the network's minimum; `None` where the smallest value is just the smallest that has a meaning.
    pub(super) minimum: Option<&'static str>,
}

/// No figure has to rest on more people than this; a larger number is a slip of the pen.
const MANY: u64 = 1_000_000;

/// The hub takes no answer of a site whose threshold is larger: an estimate would be more work than it is worth.
const MOST_K: u64 = 200;

pub(super) const K: Number = Number {
    key: "k",
    usual: coda_model::threshold::FLOOR,
    least: coda_model::threshold::FLOOR,
    most: MOST_K,
    unit: "people",
    minimum: Some("a figure about fewer people can be traced to one of them"),
};
pub(super) const ALONE: Number = Number {
    key: "alone",
    usual: 100,
    least: 50,
    most: MANY,
    unit: "people",
    minimum: Some("of so few people an asker who knows most of them learns the others"),
};
pub(super) const COHORTS_PER_PROJECT: Number = free("cohorts_per_project", 100, (1, 100_000), "cohorts");
pub(super) const ASKS_PER_PROJECT: Number = free("asks_per_project", 1_000, (1, 1_000_000), "asks");
pub(super) const ASKS_PER_DAY: Number = free("asks_per_day", 300, (1, 1_000_000), "asks");
pub(super) const REPLY_QUANTUM_MS: Number = free("reply_quantum_ms", 20, (0, 60_000), "milliseconds");

/// All whole numbers.
#[cfg(test)]
pub(super) const NUMBERS: &[&Number] =
    &[&K, &ALONE, &COHORTS_PER_PROJECT, &ASKS_PER_PROJECT, &ASKS_PER_DAY, &REPLY_QUANTUM_MS];

/// All keys, in the order in which they are shown.
pub(super) const ALL: &[&str] = &[
    "k",
    "alone",
    "exact",
    "cohorts_per_project",
    "asks_per_project",
    "asks_per_day",
    "reply_quantum_ms",
    "queries",
    "refused_users",
    "refused_datasets",
];

/// Keys of earlier versions: taken silently, they would promise a protection that is not there.
pub(super) const GONE: &[(&str, &str)] = &[
    ("history", HISTORY),
    ("rank_budget", LIMITS),
    ("rank_budget_user", LIMITS),
    ("requests_per_day", LIMITS),
    ("cohorts_per_day", LIMITS),
    ("k_rows", PERTURBED),
    ("p_percent", PERTURBED),
    ("nk", PERTURBED),
    ("n_sd", PERTURBED),
    ("n_shape", PERTURBED),
    ("q_tail", PERTURBED),
    ("minmax", "is not a choice: the smallest and the largest value never leave"),
];
const HISTORY: &str =
    "belongs to an earlier version: no answer depends on earlier ones any more, every figure is perturbed instead";
const LIMITS: &str = "belongs to an earlier version: set asks_per_project, cohorts_per_project and asks_per_day";
const PERTURBED: &str = "belongs to an earlier version: every figure is perturbed instead";

const fn free(key: &'static str, usual: u64, (least, most): (u64, u64), unit: &'static str) -> Number {
    Number { key, usual, least, most, unit, minimum: None }
}
