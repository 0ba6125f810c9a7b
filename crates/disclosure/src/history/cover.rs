//! Released sets that put together are a set but for few people, looked for among their shapes: unions of disjoint ones
//! and what these leave of another that holds them.
//!
//! [`super::decode`] finds all that differ in up to four classes, but in long histories in two at most; what honest tables and
//! attackers have is mostly made as here.

use super::{
    Set,
    crossings::Common,
    entries::{Entries, Known, sketch},
    people::People,
};

mod candidates;

use candidates::{Candidate, Made, Target, lack, minus};

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
    pub(super) fn find(&self, set: &Set, common: &Common, accept: &dyn Fn(&Set) -> bool) -> Option<Set> {
        let probe = Probe::new(common, self.reach(), self.entries);
        let (itself, sample, reach) = (sketch(set), self.entries.sample(set), probe.reach);
        let target = Target { entries: self.entries, size: set.len(), sketch: itself, sample, most: 3, reach };
        let rests = self.rests_inside(&probe);
        let mut inside = self.inside(&probe);
        inside.extend(rests.iter().map(Candidate::made));
        inside.sort_by_key(|candidate| candidate.place);
        if let Some(union) = target.cover(&inside, &|union| self.is_close(union, set) && accept(union)) {
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
            let cover = target.cover(&parts, &|union| self.is_close(&left(union), set) && accept(&left(union)));
            cover.map(|union| left(&union))
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

    /// Entries almost inside the set.
    fn inside(&self, probe: &Probe<'_>) -> Vec<Candidate<'a>> {
        let is_inside = |known: &Known<'_>| probe.has_almost_all(known.size, probe.common(known.place));
        self.entries.known().filter(is_inside).map(Candidate::entry).collect()
    }

    /// What entries leave of everybody, almost inside the set.
    fn rests_inside(&self, probe: &Probe<'_>) -> Vec<Made<'a>> {
        let Some(everybody) = self.entries.at(0) else { return Vec::new() };
        let is_inside = |known: &Known<'_>| {
            self.entries.is_within(known.place, 0)
                && probe.has_almost_all(everybody.size - known.size, probe.common(0) - probe.common(known.place))
        };
        self.entries.known().filter(is_inside).map(|known| Made::rest(everybody, known)).collect()
    }

    /// What the holders of almost all of the set leave of everybody, where less than half of that is in the set.
    fn left_by(&self, holders: &[Known<'a>], probe: &Probe<'_>) -> Vec<Made<'a>> {
        let Some(everybody) = self.entries.at(0) else { return Vec::new() };
        let holders = holders.iter().filter(|holder| self.entries.is_within(holder.place, 0));
        let is_less =
            |holder: &&Known<'_>| everybody.size - holder.size > 2 * (probe.common(0) - probe.common(holder.place));
        holders.filter(is_less).map(|holder| Made::rest(everybody, *holder)).collect()
    }

    /// Entries within the holder and almost outside the set, and what other holders of it leave of everybody (`left`). None
    /// at all when neither one of them nor a family is large enough to be the largest of as many as may be put together.
    fn parts<'h>(
        &'h self,
        target: &Target<'_>,
        holder: &Known<'_>,
        left: &'h [Made<'_>],
        probe: &'h Probe<'_>,
    ) -> Vec<Candidate<'h>> {
        let reach = target.reach;
        let is_left = |candidate: &Candidate<'_>| {
            candidate.size <= target.size + reach
                && lack(candidate.sketch, &target.sketch) <= reach
                && (holder.place == 0 || candidate.is_within(holder))
        };
        // Whatever lies within the holder and almost outside the set fits in.
        let is_part = |candidate: &Candidate<'_>| self.entries.is_within(candidate.place, holder.place);
        let mut parts: Vec<Candidate<'h>> = probe.outside.iter().copied().filter(is_part).collect();
        let left: Vec<Candidate<'h>> = left.iter().map(Candidate::made).filter(is_left).collect();
        let largest = target.size.saturating_sub(reach) / target.most as u64;
        let is_large_family =
            |family: &[Candidate<'_>]| family.iter().map(|candidate| candidate.size).sum::<u64>() >= largest;
        let are_large = left.iter().chain(&parts).any(|candidate| candidate.size >= largest)
            || self.entries.by_family(&parts, |candidate| candidate.place).any(is_large_family);
        if !are_large {
            return Vec::new();
        }
        parts.extend(left);
        parts.sort_by_key(|candidate| candidate.place);
        parts
    }
}

/// A set to hold against many others.
struct Probe<'c> {
    /// What it has in common with the entries.
    common: &'c Common,
    /// The most records that k - 1 people can have.
    reach: u64,
    /// The entries that have no more of it than few people can have, and less than half of their own.
    outside: Vec<Candidate<'c>>,
}

impl<'c> Probe<'c> {
    fn new(common: &'c Common, reach: u64, entries: &'c Entries) -> Self {
        let is_outside = |known: &Known<'_>| {
            let common = common.with(known.place);
            common <= reach && 2 * common < known.size
        };
        let outside = entries.known().filter(is_outside).map(Candidate::entry).collect();
        Self { common, reach, outside }
    }

    /// How many of its records an entry has.
    fn common(&self, entry: usize) -> u64 {
        self.common.with(entry)
    }

    /// Whether an entry holds all of the set but what few people can have.
    fn is_held_by(&self, entry: &Known<'_>) -> bool {
        self.common.size - self.common(entry.place) <= self.reach
    }

    /// Whether it has, in common with a set of this size, all of that but what few people can have. Sets are counted in or out by
    /// where most of them is: then a union is as close to its target as it can be.
    fn has_almost_all(&self, size: u64, common: u64) -> bool {
        size.saturating_sub(common) <= self.reach && 2 * common > size
    }
}
