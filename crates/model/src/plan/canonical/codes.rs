//! Sets of codes of one source.

use std::{cmp::Ordering, fmt, iter, ops::Range};

use crate::{
    plan::{Axis, Classes},
    scale::MISSING,
};

/// A set of codes of one source, -1 for missing among them: sorted, disjoint, half-open ranges that do not touch.
///
/// `Debug` is silent: the codes may describe a person.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Codes(Vec<Range<i32>>);

impl Codes {
    /// The codes in any of these ranges, in any order; those under -1 are no codes.
    pub fn of(ranges: impl IntoIterator<Item = Range<i32>>) -> Self {
        let valid = |range: Range<i32>| range.start.max(MISSING)..range.end;
        let mut sorted: Vec<_> = ranges.into_iter().map(valid).filter(|range| !range.is_empty()).collect();
        sorted.sort_unstable_by_key(|range| range.start);
        let mut merged: Vec<Range<i32>> = Vec::with_capacity(sorted.len());
        for range in sorted {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        Self(merged)
    }

    /// Every value there may be, but not missing.
    pub fn present(highest: i32) -> Self {
        Self::from(0..highest.saturating_add(1))
    }

    /// Missing only.
    pub fn missing() -> Self {
        Self::from(MISSING..0)
    }

    /// The codes of a class of an axis; the class after the last is missing, and there is none after that.
    pub fn of_class(axis: &Axis, class: usize, highest: i32) -> Self {
        match class.cmp(&axis.len()) {
            Ordering::Less => {}
            Ordering::Equal => return Self::missing(),
            Ordering::Greater => return Self::default(),
        }
        let code = i32::try_from(class).unwrap_or(i32::MAX);
        let chosen = match &axis.classes {
            Classes::Codes => Self::one(code),
            Classes::Is(level) if class == 0 => Self::one(*level).complement(highest),
            Classes::Is(level) => Self::one(*level),
            Classes::Edges(edges) => {
                // What lies under the first edge is of the first class, as in `Axis::class`.
                let start = if class == 0 { Some(0) } else { edges.get(class).copied() };
                let end = edges.get(class + 1).copied().unwrap_or(highest.saturating_add(1));
                Self::of(start.map(|start| start..end))
            }
        };
        chosen.intersect(&Self::present(highest))
    }

    /// Those in both.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut found = Vec::new();
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let common = a.start.max(b.start)..a.end.min(b.end);
            if !common.is_empty() {
                found.push(common);
            }
            if a.end <= b.end {
                left.next();
            } else {
                right.next();
            }
        }
        Self(found)
    }

    /// Those in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::of(self.0.iter().chain(&other.0).cloned())
    }

    /// Those from -1 to the highest that are not in it.
    #[must_use]
    pub fn complement(&self, highest: i32) -> Self {
        let mut start = MISSING;
        let mut found = Vec::with_capacity(self.0.len() + 1);
        for range in &self.0 {
            found.push(start..range.start);
            start = range.end;
        }
        found.push(start..i32::MAX);
        Self::of(found).intersect(&Self::from(MISSING..highest.saturating_add(1)))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a code is among them.
    pub fn contains(&self, code: i32) -> bool {
        self.0.iter().any(|range| range.contains(&code))
    }

    /// The ranges, ascending.
    pub fn ranges(&self) -> impl Iterator<Item = &Range<i32>> {
        self.0.iter()
    }

    /// One code.
    pub(super) fn one(code: i32) -> Self {
        Self::from(code..code.saturating_add(1))
    }

    /// The smallest code in it.
    pub(super) fn first(&self) -> Option<i32> {
        self.0.first().map(|range| range.start)
    }
}

impl From<Vec<Range<i32>>> for Codes {
    fn from(ranges: Vec<Range<i32>>) -> Self {
        Self::of(ranges)
    }
}

impl From<Range<i32>> for Codes {
    /// The codes in a range; those under -1 are no codes.
    fn from(range: Range<i32>) -> Self {
        Self::of(iter::once(range))
    }
}

impl fmt::Debug for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Codes(…)")
    }
}
