//! Frames: the only intermediate result there is. A frame belongs to one ask and one cell. It holds, for each of its slots,
//! the people and rows behind it, the key of its query set, and what its people contribute to sums.

use std::fmt;

use crate::{
    ids::{People, Rows},
    plan::Unit,
    rounding::Rounding,
    scale::Scale,
    variable::Missing,
};

/// The key of a query set: the sum of its people's record keys modulo 2^64 (docs/disclosure.md, R2).
///
/// Keys add up like any other sum: over slots that share no person, over shards, over passes. Two sets with one key are, but
/// for a chance of 2^-64, the same people. `Debug` is silent: a key never leaves a site.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SetKey(pub u64);

/// A query set with what its people contribute.
///
/// `Debug` is silent: a raw count may be under the threshold.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Slot {
    /// Distinct people.
    pub people: People,
    /// Rows; as many as people when people are counted.
    pub rows: Rows,
    /// Key of the people.
    pub key: SetKey,
    /// Contributions to sums.
    pub sums: Contributions,
}

/// Sums of what each person contributes: the number of rows `n`, the sum `x` of the codes of these rows, and the sum `q` of
/// their squares. Of people, who have one value each, `n` is 1 and `q` is `x` squared.
///
/// The products say how unequal the contributions are, which is the size of the noise that a sum leaves with (R6). All are 0
/// where no value is summed, but for `nn`, which is kept for every count of rows.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Contributions {
    /// Sum of `x`.
    pub x: i128,
    /// Sum of `q`.
    pub q: i128,
    /// Sum of `n * n`.
    pub nn: i128,
    /// Sum of `n * x`.
    pub nx: i128,
    /// Sum of `n * q`.
    pub nq: i128,
    /// Sum of `x * x`.
    pub xx: i128,
    /// Sum of `x * q`.
    pub xq: i128,
    /// Sum of `q * q`.
    pub qq: i128,
}

/// What a site computes for one ask in one cell. Raw: it must pass `disclosure::release` before it goes anywhere.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Frame {
    /// The slots, as many as the statistic's shape has.
    pub slots: Vec<Slot>,
    /// All who are in one of the slots.
    pub valid: Slot,
    /// Those of the cell who miss a value that the ask needs.
    pub missing: Slot,
}

/// The frames of one ask over all cells.
#[derive(Clone, PartialEq)]
pub struct Tabulated {
    /// What is told of the slots together.
    pub guard: Guard,
    /// Whether a missing value may occur.
    pub missing: Missing,
    /// What is counted.
    pub unit: Unit,
    /// The column that is summed.
    pub summed: Option<Summed>,
    /// Of a distribution, the slots that end where a bin of the histogram ends; these edges are told first.
    pub bins: Vec<usize>,
    /// The frames, one a cell.
    pub frames: Vec<Frame>,
}

/// A column that is summed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summed {
    /// Its place in the plan.
    pub column: usize,
    /// Its scale.
    pub scale: Scale,
}

/// What is told of the slots of a frame together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Guard {
    /// Each slot stands for itself, as the levels of a table do.
    Each,
    /// A figure needs all slots: a site of which one is suppressed is not in it.
    All,
    /// A distribution: cumulative counts on the public grid (R8), from so many people on.
    Distribution {
        /// Fewest people, as told, behind the whole distribution.
        least: u64,
    },
}

/// Something that a site tells, or does not. Suppressed carries no number and no reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown<T> {
    /// It is told.
    Value(T),
    /// It is suppressed: fewer people than the site tells counts from.
    Suppressed,
}

/// One frame as it leaves a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownFrame {
    /// The slots. Of a distribution, a slot that is told counts everybody since the last one that is.
    pub slots: Vec<Shown<ShownSlot>>,
    /// All who are in one of the slots.
    pub valid: Shown<Count>,
    /// Those who miss a value; `None` when the dictionary promises that nothing is missing.
    pub missing: Option<Shown<Count>>,
}

/// A count that is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Distinct people.
    pub people: People,
    /// Rows.
    pub rows: Rows,
}

/// A slot that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownSlot {
    /// People and rows.
    pub count: Count,
    /// Sums scaled to the told rows; `None` where no value is summed.
    pub sums: Option<ShownSums>,
}

/// Binary digits of a code in [`ShownSums`]: a told sum is in 1/65,536 of a code, so that a told mean survives it.
pub const FINE: u32 = 16;

/// Sums that are told, of codes in 1/65,536 (see [`FINE`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShownSums {
    /// Sum of the values.
    pub x: i128,
    /// Sum of their squares.
    pub q: i128,
}

/// What a site told for a whole query: for each ask, a frame for each cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteFrames {
    /// How the site's counts are told.
    pub rounding: Rounding,
    /// Everybody in the cohort.
    pub total: Shown<Count>,
    /// Ask by ask, cell by cell.
    pub asks: Vec<Vec<ShownFrame>>,
}

impl SetKey {
    /// The key of two sets that share nobody.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }
}

impl Slot {
    /// Takes in a slot of other people.
    pub fn add(&mut self, other: &Self) {
        self.people.0 += other.people.0;
        self.rows.0 += other.rows.0;
        self.key = self.key.plus(other.key);
        self.sums.add(&other.sums);
    }
}

impl Contributions {
    /// Of one person: the number of rows, the sum of their codes, the sum of their squares.
    pub fn of(n: i128, x: i128, q: i128) -> Self {
        Self { x, q, nn: n * n, nx: n * x, nq: n * q, xx: x * x, xq: x * q, qq: q * q }
    }

    /// Takes in contributions of other people.
    pub fn add(&mut self, other: &Self) {
        let Self { x, q, nn, nx, nq, xx, xq, qq } = other;
        self.x += x;
        self.q += q;
        self.nn += nn;
        self.nx += nx;
        self.nq += nq;
        self.xx += xx;
        self.xq += xq;
        self.qq += qq;
    }
}

impl<T> Shown<T> {
    /// The value, if it is told.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Suppressed => None,
        }
    }
}

macro_rules! silent {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}
silent!(SetKey, Slot, Contributions, Frame, Tabulated);
