//! The keys of `policy.toml`: the network's values and bounds (disclosure.md 0.2).

use super::Percent;

/// A key whose value is a whole number.
pub(super) struct Number {
    pub(super) key: &'static str,
    /// The network's value.
    pub(super) usual: u64,
    pub(super) least: u64,
    pub(super) most: u64,
    /// What is counted.
    pub(super) unit: &'static str,
    pub(super) bound: Bound,
}

/// What the smallest value allowed is.
pub(super) enum Bound {
    /// The network's floor, and what would happen under it.
    Floor(&'static str),
    /// The smallest number that has a meaning.
    Meaning,
}

/// The network's pair: the two largest, and the most they may have of a sum.
pub(super) const NK: (u64, Percent) = (2, Percent(90));
/// Most people a pair of `nk` may speak of.
pub(super) const NK_PEOPLE: u64 = 100;

/// No figure has to rest on more people than this; a larger number is a slip of the pen.
const MANY: u64 = 1_000_000;

const fn floor(key: &'static str, usual: u64, most: u64, unit: &'static str, why: &'static str) -> Number {
    Number { key, usual, least: usual, most, unit, bound: Bound::Floor(why) }
}

const fn free(key: &'static str, usual: u64, (least, most): (u64, u64), unit: &'static str) -> Number {
    Number { key, usual, least, most, unit, bound: Bound::Meaning }
}

const THRESHOLD: u64 = coda_model::threshold::FLOOR;

pub(super) const K: Number =
    floor("k", THRESHOLD, MANY, "people", "a figure about fewer people can be traced to one of them");
pub(super) const K_ROWS: Number =
    floor("k_rows", THRESHOLD, MANY, "rows", "a figure about fewer rows can be traced to one of them");
pub(super) const P_PERCENT: Number =
    floor("p_percent", 10, 100, "per cent", "the second largest could then work out the largest value too closely");
pub(super) const N_SD: Number =
    floor("n_sd", 10, MANY, "people", "the values of fewer people can nearly be worked out from mean and spread");
pub(super) const N_SHAPE: Number = floor(
    "n_shape",
    20,
    MANY,
    "people",
    "the values of fewer people can be worked out from the shape of their distribution",
);
pub(super) const Q_TAIL: Number =
    floor("q_tail", THRESHOLD, MANY, "people", "a quantile with fewer people beyond it is nearly one person's value");
pub(super) const RANK_BUDGET: Number = free("rank_budget", 33, (1, 100), "per cent");
pub(super) const RANK_BUDGET_USER: Number = free("rank_budget_user", 10, (1, 100), "per cent");
pub(super) const REQUESTS_PER_DAY: Number = free("requests_per_day", 200, (1, 100_000), "requests");
pub(super) const COHORTS_PER_DAY: Number = free("cohorts_per_day", 50, (1, 100_000), "groups");
pub(super) const REPLY_QUANTUM_MS: Number = free("reply_quantum_ms", 20, (0, 60_000), "milliseconds");

/// All whole numbers but `nk`.
pub(super) const NUMBERS: &[&Number] = &[
    &K,
    &K_ROWS,
    &P_PERCENT,
    &N_SD,
    &N_SHAPE,
    &Q_TAIL,
    &RANK_BUDGET,
    &RANK_BUDGET_USER,
    &REQUESTS_PER_DAY,
    &COHORTS_PER_DAY,
    &REPLY_QUANTUM_MS,
];

/// The keys outside any table, in the order in which they are shown.
pub(super) const TOP: &[&str] = &[
    "k",
    "k_rows",
    "p_percent",
    "nk",
    "n_sd",
    "n_shape",
    "q_tail",
    "minmax",
    "rank_budget",
    "rank_budget_user",
    "requests_per_day",
    "cohorts_per_day",
    "reply_quantum_ms",
    "queries",
    "refused_users",
    "refused_datasets",
    "history",
];
/// The keys of `[history]`.
pub(super) const HISTORY: &[&str] = &["mode", "linear_audit"];

/// Keys of disclosure.md 0.2 for what this version does not have: accepted, they would promise a protection that is not there.
pub(super) const ABSENT: &[(&str, &str)] = &[
    ("glm_p_ratio", MODELS),
    ("dof_min", MODELS),
    ("ess_min", MODELS),
    ("w_share_max", MODELS),
    ("lev_max", MODELS),
    ("min_sites_pooled", "belongs to the pooled mode, which this version does not have"),
    ("pooled_secagg", "belongs to the pooled mode, which this version does not have"),
    ("sig_digits", "is about how figures are displayed, which a site does not decide"),
    ("zeros", "is the same everywhere, because none at all is always shown in the same way as fewer than k"),
    ("rounding_base", NOISE),
    ("cell_key", NOISE),
    ("dp", NOISE),
];
const MODELS: &str = "belongs to models, which this version does not have";
const NOISE: &str = "belongs to rounding and noise, which this version does not have";
