//! Released sets that put together are a set but for few people, looked for among their shapes: unions of disjoint ones
//! and what these leave of another that holds them.
//!
//! [`super::decode`] finds all that differ in up to four classes, but in long histories in two at most; what honest tables and
//! attackers have is mostly made as here.

use std::ops::Range;

use super::{
    Set,
    bits::Bits,
    entries::{Entries, Known, Sketch, sketch},
    people::People,
    sample::Sample,
};

mod candidates;

use candidates::{Candidate, Target, lack, minus};

/// The most sets looked at that hold almost all of another, the smallest; beside the first entry, which holds everybody.
const HOLDERS: usize = 12;

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
        let (itself, sample, reach) = (sketch(set), self.entries.sample(set), probe.reach);
        let target = Target { entries: self.entries, size: set.len(), sketch: itself, sample, most: 3, reach };
        let inside = self.inside(&probe);
        let families = self.families(&target, &inside);
        if let Some(union) = target.cover(&inside, &families, &|union| self.is_close(union, set) && accept(union)) {
            return Some(union);
        }
        let holders: Vec<Known<'_>> = self.entries.known().filter(|known| probe.is_held_by(known)).collect();
        let left_by_holders = self.left_by(&holders, &probe);
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
    fn inside(&self, probe: &Probe) -> Vec<Candidate<'a>> {
        let mut inside = Vec::new();
        let Some(everybody) = self.entries.at(0) else { return inside };
        for known in self.entries.known() {
            if probe.has_almost_all(known.size, probe.common(known.place)) {
                inside.push(Candidate::entry(known));
            }
            let rest = || (everybody.size - known.size, probe.common(0) - probe.common(known.place));
            if self.entries.is_within(known.place, 0)
                && let (size, common) = rest()
                && probe.has_almost_all(size, common)
            {
                inside.push(Candidate::rest(everybody, known));
            }
        }
        inside
    }

    /// What the holders of almost all of the set leave of everybody, where less than half of that is in the set.
    fn left_by(&self, holders: &[Known<'a>], probe: &Probe) -> Vec<Candidate<'a>> {
        let Some(everybody) = self.entries.at(0) else { return Vec::new() };
        let holders = holders.iter().filter(|holder| self.entries.is_within(holder.place, 0));
        let is_less =
            |holder: &&Known<'_>| everybody.size - holder.size > 2 * (probe.common(0) - probe.common(holder.place));
        holders.filter(is_less).map(|holder| Candidate::rest(everybody, *holder)).collect()
    }

    /// Entries within the holder and almost outside the set, and what other holders of it leave of everybody (`left`). None
    /// at all when none is large enough to be the largest of as many as may be put together.
    fn parts<'h>(
        &'h self,
        target: &Target<'_>,
        holder: &Known<'_>,
        left: &'h [Candidate<'_>],
        probe: &'h Probe,
    ) -> Vec<Candidate<'h>> {
        let reach = target.reach;
        let may_fit = |size: u64, sketch: &Sketch| size <= target.size + reach && lack(sketch, &target.sketch) <= reach;
        let is_left = |candidate: &&Candidate<'_>| {
            may_fit(candidate.size, &candidate.sketch) && (holder.place == 0 || candidate.set().is_subset(holder.set))
        };
        let left: Vec<&Candidate<'_>> = left.iter().filter(is_left).collect();
        let candidates = || self.entries.within(holder.place, &probe.outside);
        let mut all = Sample::union(left.iter().map(|candidate| &*candidate.sample));
        candidates().filter_map(|place| self.entries.at(place)).for_each(|known| all.extend(known.sample));
        if target.sample.lack(&all) > reach {
            return Vec::new();
        }
        let candidates = candidates().filter_map(|place| self.entries.at(place));
        let candidates: Vec<Known<'h>> = candidates.filter(|known| may_fit(known.size, known.sketch)).collect();
        let largest = target.size.saturating_sub(reach) / target.most as u64;
        let is_large_family = |family: Range<usize>| {
            let start = candidates.partition_point(|known| known.place < family.start);
            let members = candidates.get(start..).unwrap_or_default().iter();
            members.take_while(|known| known.place < family.end).map(|known| known.size).sum::<u64>() >= largest
        };
        let sizes = left.iter().map(|candidate| candidate.size).chain(candidates.iter().map(|known| known.size));
        if sizes.max().is_none_or(|size| size < largest) && !self.entries.families().any(is_large_family) {
            return Vec::new();
        }
        let mut parts: Vec<Candidate<'h>> = left.into_iter().map(Candidate::lend).collect();
        parts.extend(candidates.into_iter().map(Candidate::entry));
        parts.sort_by_key(|candidate| candidate.place);
        parts
    }

    /// The union of the candidates in each family, where there are more than two; `candidates` are in the order of storing.
    fn families<'p>(&self, target: &Target<'_>, candidates: &[Candidate<'p>]) -> Vec<Candidate<'p>> {
        let entries: Vec<&Candidate<'p>> =
            candidates.iter().filter(|candidate| candidate.as_entry().is_some()).collect();
        let union = |family: Range<usize>| {
            let start = entries.partition_point(|candidate| candidate.place < family.start);
            let end = entries.partition_point(|candidate| candidate.place < family.end);
            let members = entries.get(start..end)?;
            let size: u64 = members.iter().map(|candidate| candidate.size).sum();
            if size <= target.size + target.reach { Candidate::union(members) } else { None }
        };
        self.entries.families().filter_map(union).collect()
    }
}

/// A set to hold against many others.
struct Probe {
    size: u64,
    /// How many of its records each entry has.
    common: Vec<u32>,
    /// The most records that k - 1 people can have.
    reach: u64,
    /// The places of the entries that have no more of it than few people can have, and less than half of their own.
    outside: Bits,
}

impl Probe {
    fn new(set: &Set, reach: u64, entries: &Entries) -> Self {
        let common = entries.common(set);
        let mut outside = Bits::default();
        for (known, common) in entries.known().zip(&common) {
            let common = u64::from(*common);
            if common <= reach && 2 * common < known.size {
                outside.insert(known.place);
            }
        }
        Self { size: set.len(), common, reach, outside }
    }

    /// How many of its records an entry has.
    fn common(&self, entry: usize) -> u64 {
        self.common.get(entry).copied().unwrap_or_default().into()
    }

    /// Whether an entry holds all of the set but what few people can have.
    fn is_held_by(&self, entry: &Known<'_>) -> bool {
        self.size - self.common(entry.place) <= self.reach
    }

    /// Whether it has, in common with a set of this size, all of that but what few people can have. Sets are counted in or out by
    /// where most of them is: then a union is as close to its target as it can be.
    fn has_almost_all(&self, size: u64, common: u64) -> bool {
        size.saturating_sub(common) <= self.reach && 2 * common > size
    }
}
