//! Released sets that put together are a set but for few people, looked for among their shapes: unions of disjoint ones
//! and what these leave of another that holds them.
//!
//! [`super::decode`] finds all that differ by few enough people, but in long histories by two at most; what honest tables and
//! attackers have is mostly made as here.

use std::{cell::OnceCell, ops::Range};

use super::{
    Set,
    bits::Bits,
    entries::{Entries, Known, Sketch, sketch},
    people::People,
    sample::Sample,
};

mod pieces;

use pieces::{Piece, Target, lack, minus};

/// The most sets looked at that hold almost all of another, the smallest; beside the first entry, which holds everybody.
const HOLDERS: usize = 12;

/// How many of these are asked what lies apart from them, the smallest.
const TIGHTEST: usize = 4;

/// Records looked for in an entry before all are.
const SAMPLE: u64 = 64;

/// Where combinations are looked for.
pub(super) struct Cover<'a> {
    pub(super) entries: &'a Entries,
    pub(super) people: &'a People,
    pub(super) least: u64,
}

impl<'a> Cover<'a> {
    /// The first union of disjoint entries, or what such a union leaves of an entry around it, from which fewer than k
    /// people, or none, tell the set, and that is accepted.
    pub(super) fn find(&self, set: &Set, accept: &dyn Fn(&Set) -> bool) -> Option<Set> {
        let probe = Probe::new(set, self.reach(), self.entries);
        let Probe { sketch: itself, sample, reach, .. } = probe;
        let target = Target { entries: self.entries, size: set.len(), sketch: itself, sample, most: 3, reach };
        let inside = self.inside(&probe);
        let families = self.families(&target, &inside);
        if let Some(union) = target.cover(&inside, &families, &|union| self.is_close(union, set) && accept(union)) {
            return Some(union);
        }
        let holders = self.holders(&probe);
        let probe = probe.held_by(&holders);
        let left_by_holders = self.left_by(&holders, set);
        let mut tried: Vec<&Known<'_>> = holders.iter().collect();
        // The smallest beside the first; then all in the order of storing.
        tried.sort_by_key(|holder| (holder.place != 0, holder.size, holder.place));
        tried.truncate(HOLDERS + 1);
        tried.sort_by_key(|holder| holder.place);
        tried.into_iter().find_map(|holder| {
            // What it holds beside the set.
            let lacking = set - holder.set;
            let rest = minus(holder.sketch, &minus(&itself, &sketch(&lacking)));
            let size = (holder.size + lacking.len()).saturating_sub(set.len());
            let most = if holder.place == 0 { 3 } else { 2 };
            let sample = holder.sample.minus(&sample);
            let target = Target { entries: self.entries, size, sketch: rest, sample, most, reach };
            let left = |union: &Set| holder.set - union;
            let parts = self.parts(&target, holder, &left_by_holders, &probe);
            let families = self.families(&target, &parts);
            target
                .cover(&parts, &families, &|union| self.is_close(&left(union), set) && accept(&left(union)))
                .map(|union| left(&union))
        })
    }

    /// Whether fewer than k people tell the sets apart, and the combination is of enough people to be answered for.
    fn is_close(&self, combination: &Set, set: &Set) -> bool {
        self.people.are_few(&(combination ^ set), self.least) && !self.people.are_few(combination, self.least)
    }

    /// The most records that k - 1 people can have.
    fn reach(&self) -> u64 {
        self.least.saturating_sub(1).saturating_mul(self.people.most())
    }

    /// Entries almost inside the set, and what others leave of everybody.
    fn inside(&self, probe: &Probe<'_>) -> Vec<Piece<'a>> {
        let Probe { set, sketch: itself, sample: own, reach, .. } = probe;
        let mut inside = Vec::new();
        let Some(everybody) = self.entries.at(0) else { return inside };
        // Counted in or out by where most of it is: then a union is as close to its target as it can be.
        let is_inside = |size: u64, common: u64| size.saturating_sub(common) <= *reach && 2 * common > size;
        let (most, others) = (set.len() + reach, everybody.sample.minus(own));
        for known in self.entries.known() {
            let may_be_inside = known.size <= most && known.sample.lack(own) <= *reach;
            if may_be_inside
                && lack(known.sketch, itself) <= *reach
                && is_inside(known.size, set.intersection_len(known.set))
            {
                inside.push(Piece::entry(known));
            }
            let may_leave = known.size + most >= everybody.size && others.lack(known.sample) <= *reach;
            if may_leave && self.entries.is_within(known.place, 0) {
                let rest = Piece::rest(everybody, known);
                if lack(&rest.sketch, itself) <= *reach && is_inside(rest.size, set.intersection_len(rest.set())) {
                    inside.push(rest);
                }
            }
        }
        inside
    }

    /// Entries that hold almost all of the set.
    fn holders(&self, probe: &Probe<'_>) -> Vec<Known<'a>> {
        self.entries.known().filter(|known| probe.is_held_by(known)).collect()
    }

    /// What the holders of almost all of the set leave of everybody, where less than half of that is in the set.
    fn left_by(&self, holders: &[Known<'a>], set: &Set) -> Vec<Piece<'a>> {
        let Some(everybody) = self.entries.at(0) else { return Vec::new() };
        let holders = holders.iter().filter(|holder| self.entries.is_within(holder.place, 0));
        let left = holders.map(|holder| Piece::rest(everybody, *holder));
        left.filter(|piece| piece.size > 2 * piece.set().intersection_len(set)).collect()
    }

    /// Entries within the holder and almost outside the set, and what other holders of it leave of everybody (`left`). None
    /// at all when none is large enough to be the largest of as many as may be put together.
    fn parts<'h>(
        &'h self,
        target: &Target<'_>,
        holder: &Known<'_>,
        left: &'h [Piece<'_>],
        probe: &'h Probe<'h>,
    ) -> Vec<Piece<'h>> {
        let reach = target.reach;
        let may_fit = |size: u64, sketch: &Sketch| size <= target.size + reach && lack(sketch, &target.sketch) <= reach;
        let is_left = |piece: &&Piece<'_>| {
            may_fit(piece.size, &piece.sketch) && (holder.place == 0 || piece.set().is_subset(holder.set))
        };
        let left: Vec<&Piece<'_>> = left.iter().filter(is_left).collect();
        let candidates = || self.entries.within(holder.place, &probe.maybe_outside);
        let mut all = Sample::union(left.iter().map(|piece| &*piece.sample));
        candidates().filter_map(|place| self.entries.sample_of(place)).for_each(|sample| all.extend(sample));
        if target.sample.lack(&all) > reach {
            return Vec::new();
        }
        let candidates = candidates().filter_map(|place| self.entries.at(place));
        let candidates: Vec<Known<'h>> = candidates.filter(|known| may_fit(known.size, known.sketch)).collect();
        let sizes = |candidates: &[Known<'h>]| candidates.iter().map(|known| known.size).sum::<u64>();
        let largest = target.size.saturating_sub(reach) / target.most as u64;
        let is_part = |known: &&Known<'_>| probe.is_outside(known);
        let is_large_family = |family: Range<usize>| {
            let start = candidates.partition_point(|known| known.place < family.start);
            let end = candidates.partition_point(|known| known.place < family.end);
            let members = candidates.get(start..end).unwrap_or_default();
            let parts = || members.iter().filter(is_part).map(|known| known.size);
            sizes(members) >= largest && parts().sum::<u64>() >= largest
        };
        let is_large = |known: &Known<'_>| known.size >= largest && is_part(&known);
        if left.iter().any(|piece| piece.size >= largest)
            || candidates.iter().any(is_large)
            || self.entries.families().any(is_large_family)
        {
            let parts = candidates.iter().filter(is_part).map(|known| Piece::entry(*known));
            let mut parts: Vec<Piece<'h>> = left.into_iter().map(Piece::lend).chain(parts).collect();
            parts.sort_by_key(|piece| piece.place);
            return parts;
        }
        Vec::new()
    }

    /// The union of the pieces in each family, where there are more than two; `pieces` are in the order of storing.
    fn families<'p>(&self, target: &Target<'_>, pieces: &[Piece<'p>]) -> Vec<Piece<'p>> {
        let entries: Vec<&Piece<'p>> = pieces.iter().filter(|piece| piece.as_entry().is_some()).collect();
        let union = |family: Range<usize>| {
            let start = entries.partition_point(|piece| piece.place < family.start);
            let end = entries.partition_point(|piece| piece.place < family.end);
            let members = entries.get(start..end)?;
            let size: u64 = members.iter().map(|piece| piece.size).sum();
            if size <= target.size + target.reach { Piece::union(members) } else { None }
        };
        self.entries.families().filter_map(union).collect()
    }
}

/// A set to hold against many others.
struct Probe<'a> {
    set: &'a Set,
    sketch: Sketch,
    sample: Sample,
    /// The set, a bit for each record.
    bits: Bits,
    /// Some of its records.
    some: Vec<u32>,
    /// The most records that k - 1 people can have.
    reach: u64,
    /// The places of the entries that have little of the set, as far as their samples tell.
    maybe_outside: Bits,
    /// The places of the smallest entries that hold almost all of the set.
    held_by: Vec<usize>,
    entries: &'a Entries,
    /// Of each entry that was asked about, whether it is almost outside.
    outside: Vec<OnceCell<bool>>,
}

impl<'a> Probe<'a> {
    fn new(set: &'a Set, reach: u64, entries: &'a Entries) -> Self {
        let step = set.len().div_ceil(SAMPLE).max(1) as usize;
        let some = set.iter().step_by(step).collect();
        let sample = entries.sample(set);
        let mut maybe_outside = Bits::default();
        let outside = entries.known().filter(|known| known.sample.common(&sample) <= reach);
        outside.for_each(|known| maybe_outside.insert(known.place));
        let outside = vec![OnceCell::new(); entries.list().len()];
        let (sketch, held_by) = (sketch(set), Vec::new());
        Self { set, sketch, sample, bits: Bits::of(set), some, reach, maybe_outside, held_by, entries, outside }
    }

    /// The same, knowing what holds almost all of it.
    fn held_by(self, holders: &[Known<'_>]) -> Self {
        let mut holders: Vec<(u64, usize)> = holders.iter().map(|holder| (holder.size, holder.place)).collect();
        holders.sort_unstable();
        let held_by = holders.into_iter().take(TIGHTEST).map(|(_, place)| place).collect();
        Self { held_by, ..self }
    }

    /// Whether an entry holds all of the set but what few people can have.
    fn is_held_by(&self, entry: &Known<'_>) -> bool {
        let lacks_many = || self.some.iter().filter(|record| !entry.set.contains(**record)).nth(self.few()).is_some();
        entry.size + self.reach >= self.set.len()
            && self.sample.lack(entry.sample) <= self.reach
            && lack(&self.sketch, entry.sketch) <= self.reach
            && !lacks_many()
            && self.set.len() - self.set.intersection_len(entry.set) <= self.reach
    }

    /// Whether an entry has no more of this set than few people can have, and less than half of its own.
    fn is_outside(&self, entry: &Known<'_>) -> bool {
        let is_outside = || {
            // What has nothing in common with an entry that holds almost all of the set has almost nothing of the set; of a
            // large entry that is less than half.
            let is_apart = |holder: &usize| self.entries.are_apart(*holder, entry.place);
            if entry.size > 2 * self.reach && self.held_by.iter().any(is_apart) {
                return true;
            }
            entry.set.iter().filter(|record| self.bits.has(*record)).nth(self.few()).is_none()
                && (entry.size > 2 * self.reach || 2 * self.set.intersection_len(entry.set) < entry.size)
        };
        self.outside.get(entry.place).is_some_and(|known| *known.get_or_init(is_outside))
    }

    fn few(&self) -> usize {
        usize::try_from(self.reach).unwrap_or(usize::MAX)
    }
}
