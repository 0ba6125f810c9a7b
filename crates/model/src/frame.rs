//! Frames: the only intermediate result there is. A frame belongs to one ask and one cell and holds, for each of its
//! slots, the people and rows behind it and their sums.

use std::fmt;

use crate::{
    ids::{People, Rows},
    plan::Unit,
};

/// People, rows and sums of one slot.
///
/// `Debug` is silent: a raw count may be under the threshold.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Slot {
    /// Distinct people.
    pub people: People,
    /// Rows; as many as people when people are counted.
    pub rows: Rows,
    /// Sums over rows of the value's code, then of its square, as far as the statistic needs.
    pub sums: Vec<i128>,
    /// The two largest parts of one person in the first sum, the larger first. Zeros where they were not looked for, because
    /// the sum is so large that no two people can dominate it, or the variable is bounded.
    pub largest: [i128; 2],
    /// How the people of the slot stand to what was released before.
    pub standing: Standing,
}

/// How a set of people stands to the sets about which the site released something before (disclosure.md 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// It is new, and far from all of them.
    #[default]
    Free,
    /// Something was released about this very set, as it was asked for: what it tells is known.
    Known,
    /// Something was released about this very set on an earlier build, and few of its people, or none, have come or gone since:
    /// what was told is told again, and how many the others are today is not told beside it.
    Kept,
    /// Fewer than the threshold of people tell it from one of them (or nobody). It takes that set's place, and its own people
    /// stay hidden like a small count.
    Close,
    /// It must not leave, because with what is known it would tell of fewer than the threshold of people.
    Barred,
}

/// What a site computes for one ask in one cell. Raw: it must pass `disclosure::release` before it goes anywhere.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Frame {
    /// The slots, as many as the statistic's shape has.
    pub slots: Vec<Slot>,
    /// People and rows of the cell that miss a value the ask needs.
    pub missing: Slot,
    /// Where those who miss a value are.
    pub absent: Absent,
}

/// Where those who miss a value are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Absent {
    /// In a count of their own.
    #[default]
    Apart,
    /// They are fewer than the threshold (or none), and are counted with a slot, so that nobody can tell how many they are.
    Absorbed,
}

/// The frames of one ask over all cells.
#[derive(Clone, PartialEq, Eq)]
pub struct Tabulated {
    /// What must hold for them to leave.
    pub guard: Guard,
    /// Whether a missing value may occur.
    pub missing: crate::variable::Missing,
    /// What is counted.
    pub unit: Unit,
    /// Places of the columns in which a value is needed and may be missing, ascending.
    pub columns: Vec<usize>,
    /// Of an ask that divides one column by ascending codes: its place, and the codes where the slots begin.
    pub edges: Option<(usize, Vec<i32>)>,
    /// How many sums a slot has.
    pub powers: u8,
    /// The frames, one a cell.
    pub frames: Vec<Frame>,
}

/// What must hold for the frames of a statistic to leave a site (disclosure.md 1.1, 1.3, 1.7, 1.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Guard {
    /// Slots are cells of a table; each stands for itself, and what it would give away about its neighbours counts.
    Table,
    /// One sample: everything is withheld under so many people.
    Sample {
        /// Fewest people.
        least: u64,
    },
    /// Several samples or a 2x2 table: every slot must pass, or all are withheld.
    Together {
        /// Fewest people in each slot.
        least: u64,
    },
    /// A distribution on the public grid, given out in steps of at least the threshold.
    Distribution {
        /// Fewest people behind the whole distribution.
        least: u64,
    },
}

/// Something that a site lets out, or does not. Withheld carries no number and no reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown<T> {
    /// It is out.
    Value(T),
    /// It is not.
    Withheld,
}

/// One frame as it may leave a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownFrame {
    /// The slots. Of a distribution, a slot that is out counts everybody since the last one that is.
    pub slots: Vec<Shown<ShownSlot>>,
    /// Missing; `None` when the dictionary promises that nothing is missing.
    pub missing: Option<Shown<Count>>,
    /// All that this frame withholds, together, where some of it is out: the pooled level "other" (disclosure.md 1.4).
    pub rest: Shown<Count>,
}

/// A count that is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Distinct people.
    pub people: People,
    /// Rows.
    pub rows: Rows,
}

/// A slot that is out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownSlot {
    /// People and rows.
    pub count: Count,
    /// Sums, see [`Slot::sums`].
    pub sums: Vec<i128>,
}

/// The slack of an answer of which nothing is said that would bound it.
pub const UNBOUNDED: u64 = u64::MAX;

/// What a site let out for a whole query: for each ask, a frame for each cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteFrames {
    /// The site's threshold, which is public.
    pub threshold: u64,
    /// Figures may describe a cohort that differs by up to so many people (disclosure.md 2.3, `snap`). [`UNBOUNDED`] where the total
    /// is withheld and may be any number.
    pub slack: u64,
    /// All people, or rows, of the cohort.
    pub total: Shown<Count>,
    /// Ask by ask, cell by cell.
    pub asks: Vec<Vec<ShownFrame>>,
}

impl<T> Shown<T> {
    /// The value, if it is out.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Withheld => None,
        }
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slot(…)")
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Frame(…)")
    }
}

impl fmt::Debug for Tabulated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tabulated(…)")
    }
}
