//! Would these sets, released together after the stored ones, determine something about too few people?

use std::{array, borrow::Cow, cell::OnceCell};

use rayon::prelude::*;
use roaring::MultiOps as _;

use super::{
    Set, Universe,
    classes::Classes,
    crossings::Common,
    field,
    parts::{self, Part, Verdict},
    pool::Pool,
    related::TOGETHER,
    rows,
};

/// Vectors that are to be left when the new sets have used up theirs: a combination of two records needs two.
pub(super) const LEFT: usize = 2;

/// New sets, and the kept vectors' sums over each of them.
pub(super) struct Question<'a> {
    universe: &'a Universe,
    pool: Cow<'a, Pool>,
    sets: &'a [&'a Set],
    sums: Vec<Vec<u64>>,
    /// Of the stored sets most like any of the new ones, or like all of these together, the smaller sides; looked up when first needed.
    related: OnceCell<Vec<Cow<'a, [u32]>>>,
}

impl<'a> Question<'a> {
    pub(super) fn new(universe: &'a Universe, sets: &'a [&'a Set]) -> Self {
        let rows = rows(&universe.entries, &universe.independent);
        let width = sets.len() + LEFT;
        let pool = universe.system.vectors(&rows, width);
        let sums = sets.par_iter().map(|set| pool.sum_of(width, set)).collect();
        Self { universe, pool, sets, sums, related: OnceCell::new() }
    }

    /// Whether the sets of these places disclose something that the stored ones did not.
    pub(super) fn discloses(&self, chosen: &[usize]) -> bool {
        let Universe { system, least, .. } = self.universe;
        // A record that is not there yet is in no kept vector; nothing could be said about it.
        let records = system.records() as u64;
        let sets = || chosen.iter().filter_map(|index| self.sets.get(*index));
        if sets().any(|set| set.max().is_some_and(|last| u64::from(last) >= records)) {
            return true;
        }
        let sums = chosen.iter().filter_map(|index| self.sums.get(*index)).cloned().collect();
        let Some([first, second]) = combinations::<LEFT>(sums) else { return false };
        let now = |row: &[u64]| [field::dot(row, &first), field::dot(row, &second)];
        let now: Vec<[u64; LEFT]> = self.pool.par_records().map(now).collect();
        let mut classes = system.classes.clone();
        for set in sets() {
            classes.refine(set);
        }
        match parts::disclose(self.parts(&classes, &now), *least) {
            Verdict::Discloses => true,
            Verdict::Harmless => false,
            Verdict::Unfinished => {
                let parts = self.parts(&self.related_classes(sets()), &now);
                parts::disclose(parts, *least) == Verdict::Discloses
            }
        }
    }

    /// The classes that these new sets make with the stored ones that are most like any of the new ones.
    fn related_classes(&self, sets: impl Iterator<Item = &'a &'a Set>) -> Classes {
        let Universe { entries, people, least, .. } = self.universe;
        let related = || {
            let union = (self.sets.len() > 1).then(|| self.sets.iter().copied().union());
            let sets: Vec<&Set> = self.sets.iter().copied().chain(&union).collect();
            let common: Vec<Common> = sets.par_iter().map(|set| entries.common(set)).collect();
            self.universe.related(common.iter(), TOGETHER).collect()
        };
        let related = self.related.get_or_init(related).iter();
        Classes::of_related(
            self.universe.system.records() as u32,
            sets.copied(),
            related,
            (TOGETHER.classes, |size| people.may_be_few(size, *least)),
        )
    }

    /// Walks the sets in order: the places of those that must be left out.
    pub(super) fn harmful(&self) -> Vec<usize> {
        let (mut accepted, mut harmful) = (Vec::new(), Vec::new());
        // Halves still to be walked, the first on top.
        let whole = 0..self.sets.len();
        let mut walk = vec![whole];
        while let Some(range) = walk.pop() {
            let before = accepted.len();
            accepted.extend(range.clone());
            if range.is_empty() || !self.discloses(&accepted) {
                continue;
            }
            accepted.truncate(before);
            if range.len() == 1 {
                harmful.extend(range);
            } else {
                let middle = range.start.midpoint(range.end);
                walk.push(middle..range.end);
                walk.push(range.start..middle);
            }
        }
        harmful
    }

    /// What the kept vectors add up to over the set of a place.
    pub(super) fn sums(&self, place: usize) -> Vec<u64> {
        self.sums.get(place).cloned().unwrap_or_default()
    }

    /// Sums over every class of fewer than k people, by the first vectors and by these, over which the new sets add up to nought
    /// too.
    fn parts(&self, classes: &Classes, now: &[[u64; LEFT]]) -> Vec<Part> {
        // A question has two vectors at least.
        let first = |row: &[u64]| [row.first().copied().unwrap_or_default(), row.get(1).copied().unwrap_or_default()];
        let Universe { people, least, .. } = self.universe;
        people.summed(classes, *least, |record| {
            (first(self.pool.record(record)), now.get(record as usize).copied().unwrap_or_default())
        })
    }
}

/// So many combinations of the kept vectors that add up to nought over new sets too, given the vectors' sums over these; none if
/// all vectors do, because then the new sets are combinations of the stored.
///
/// The vectors were drawn independently, and each combination has one vector to itself: they are independent draws among
/// all vectors that the stored and the new sets add up to nought.
pub(super) fn combinations<const NUMBER: usize>(mut sums: Vec<Vec<u64>>) -> Option<[Vec<u64>; NUMBER]> {
    let width = sums.first()?.len();
    // Reduced rows, each with the column in which it alone is one.
    let mut reduced: Vec<(usize, Vec<u64>)> = Vec::with_capacity(sums.len());
    for mut row in sums.drain(..) {
        for (column, other) in &reduced {
            let factor = row.get(*column).copied().unwrap_or_default();
            field::take(&mut row, factor, other);
        }
        let Some((column, value)) = row.iter().copied().enumerate().find(|(_, value)| *value != 0) else { continue };
        let scale = field::inverse(value);
        for value in &mut row {
            *value = field::multiply(*value, scale);
        }
        for (_, other) in &mut reduced {
            let factor = other.get(column).copied().unwrap_or_default();
            field::take(other, factor, &row);
        }
        reduced.push((column, row));
    }
    if reduced.is_empty() {
        return None;
    }
    let mut free = (0..width).filter(|column| reduced.iter().all(|(used, _)| used != column));
    let combination = |_| {
        let mut factors = vec![0; width];
        let own = free.next();
        for (column, row) in &reduced {
            if let (Some(factor), Some(value)) = (factors.get_mut(*column), own.and_then(|own| row.get(own))) {
                *factor = field::negative(*value);
            }
        }
        if let Some(factor) = own.and_then(|own| factors.get_mut(own)) {
            *factor = 1;
        }
        factors
    };
    Some(array::from_fn(combination))
}
