//! Released sets that put together are a set but for few people, looked for among their shapes: unions of disjoint ones
//! and what these leave of another that holds them.
//!
//! [`super::decode`] finds all that differ by few enough people, but in long histories by two at most; what honest tables and
//! attackers have is mostly made as here.

use std::{borrow::Cow, cell::OnceCell, ops::Range};

use super::{
    Set,
    entries::{Entries, Sketch, sketch},
    people::People,
};

/// The most sets looked at that lie almost inside another, the largest.
const LOOKED_AT: usize = 200;

/// The most sets looked at that hold almost all of another, the smallest; beside the first entry, which holds everybody.
const HOLDERS: usize = 12;

/// The most threes tried for one set.
const TRIES: usize = 20_000;

/// Records looked for in an entry before all are.
const SAMPLE: u64 = 64;

/// Where combinations are looked for.
pub(super) struct Cover<'a> {
    pub(super) entries: &'a Entries,
    pub(super) people: &'a People,
    pub(super) least: u64,
}

/// An entry, what an entry leaves of everybody, or a union of entries.
struct Piece<'a> {
    /// The entry's place, or the last one's, for the order in which pieces are tried.
    place: usize,
    size: u64,
    sketch: Cow<'a, Sketch>,
    set: Cow<'a, Set>,
}

/// What is to be covered.
struct Target {
    size: u64,
    sketch: Sketch,
    /// How many may be put together.
    most: usize,
}

impl<'a> Cover<'a> {
    /// The first union of disjoint entries, or what such a union leaves of an entry around it, from which fewer than k
    /// people, or none, tell the set.
    pub(super) fn find(&self, set: &Set) -> Option<Set> {
        let itself = sketch(set);
        let target = Target { size: set.len(), sketch: itself, most: 3 };
        if let Some(union) = self.cover(&target, self.inside(set, &itself), &|union| self.is_close(union, set)) {
            return Some(union);
        }
        let probe = Probe::new(set, self.reach(), self.entries.list().len());
        let holders = self.holders(&probe, &itself);
        let left_by_holders = self.left_by(&holders, set);
        let mut tried: Vec<&Piece<'_>> = holders.iter().collect();
        // The smallest beside the first; then all in the order of storing.
        tried.sort_by_key(|holder| (holder.place != 0, holder.size, holder.place));
        tried.truncate(HOLDERS + 1);
        tried.sort_by_key(|holder| holder.place);
        tried.into_iter().find_map(|holder| {
            // What it holds beside the set.
            let lacking = set - holder.set.as_ref();
            let rest = minus(&holder.sketch, &minus(&itself, &sketch(&lacking)));
            let size = (holder.size + lacking.len()).saturating_sub(set.len());
            let target = Target { size, sketch: rest, most: if holder.place == 0 { 3 } else { 2 } };
            let left = |union: &Set| holder.set.as_ref() - union;
            let parts = self.parts(&target, holder, &left_by_holders, &probe);
            self.cover(&target, parts, &|union| self.is_close(&left(union), set)).map(|union| left(&union))
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
    fn inside(&self, set: &Set, itself: &Sketch) -> Vec<Piece<'a>> {
        let mut inside = Vec::new();
        let Some((everybody, all)) = self.entries.sketched().next() else { return inside };
        // Counted in or out by where most of it is: then a union is as close to its target as it can be.
        let is_inside = |size: u64, common: u64| size.saturating_sub(common) <= self.reach() && 2 * common > size;
        for (place, (other, sketch)) in self.entries.sketched().enumerate() {
            if lack(sketch, itself) <= self.reach() && is_inside(other.len(), set.intersection_len(other)) {
                inside.push(Piece::entry(place, other, sketch));
            }
            let rest = minus(all, sketch);
            if lack(&rest, itself) <= self.reach() && self.entries.is_within_first(place) {
                let rest = everybody - other;
                if is_inside(rest.len(), set.intersection_len(&rest)) {
                    let (size, sketch) = (rest.len(), minus(all, sketch));
                    inside.push(Piece { place, size, sketch: Cow::Owned(sketch), set: Cow::Owned(rest) });
                }
            }
        }
        inside
    }

    /// Entries that hold almost all of the set.
    fn holders(&self, probe: &Probe<'_>, itself: &Sketch) -> Vec<Piece<'a>> {
        let entries = self.entries.sketched().enumerate();
        let holds = |other: &Set, sketch: &Sketch| lack(itself, sketch) <= self.reach() && probe.is_held_by(other);
        let holders = entries.filter(|(_, (other, sketch))| holds(other, sketch));
        holders.map(|(place, (other, sketch))| Piece::entry(place, other, sketch)).collect()
    }

    /// What the holders of almost all of the set leave of everybody, where less than half of that is in the set.
    fn left_by(&self, holders: &[Piece<'_>], set: &Set) -> Vec<Piece<'a>> {
        let Some((everybody, all)) = self.entries.sketched().next() else { return Vec::new() };
        let holders = holders.iter().filter(|holder| self.entries.is_within_first(holder.place));
        let left = holders.map(|holder| {
            let (rest, sketch) = (everybody - holder.set.as_ref(), minus(all, &holder.sketch));
            Piece { place: holder.place, size: rest.len(), sketch: Cow::Owned(sketch), set: Cow::Owned(rest) }
        });
        left.filter(|piece| piece.size > 2 * piece.set.intersection_len(set)).collect()
    }

    /// Entries within the holder and almost outside the set, and what other holders of it leave of everybody (`left`). None
    /// at all when none is large enough to be the largest of as many as may be put together.
    fn parts<'h>(
        &'h self,
        target: &Target,
        holder: &'h Piece<'_>,
        left: &'h [Piece<'_>],
        probe: &Probe<'_>,
    ) -> Vec<Piece<'h>> {
        let reach = self.reach();
        let is_within = |place: usize, set: &Set, sketch: &Sketch| {
            lack(sketch, &holder.sketch) == 0
                && (holder.place == 0 && self.entries.is_within_first(place) || set.is_subset(&holder.set))
        };
        let is_part = |place: usize, set: &Set, sketch: &Sketch| {
            set.len() <= target.size + reach
                && lack(sketch, &target.sketch) <= reach
                && is_within(place, set, sketch)
                && probe.is_outside(place, set)
        };
        let is_left = |piece: &&Piece<'_>| {
            piece.size <= target.size + reach
                && lack(&piece.sketch, &target.sketch) <= reach
                && (holder.place == 0 || piece.set.is_subset(&holder.set))
        };
        let mut parts: Vec<Piece<'h>> = left.iter().filter(is_left).map(Piece::lend).collect();
        let largest = target.size.saturating_sub(reach) / target.most as u64;
        let is_large = |set: &Set| set.len() >= largest;
        let of_all = || self.entries.sketched().enumerate().map(|(place, (set, sketch))| (place, set, sketch));
        let pick = |(place, set, sketch): (usize, &'h Set, &'h Sketch)| {
            is_part(place, set, sketch).then(|| Piece::entry(place, set, sketch))
        };
        parts.extend(of_all().filter(|(_, set, _)| is_large(set)).filter_map(pick));
        let is_large_family = |family: Range<usize>| {
            let members = || of_all().skip(family.start).take(family.len());
            let all: u64 = members().map(|(_, set, _)| set.len()).sum();
            let parts =
                || members().filter(|(place, set, sketch)| is_part(*place, set, sketch)).map(|(_, set, _)| set.len());
            all >= largest && parts().sum::<u64>() >= largest
        };
        if parts.iter().any(|piece| piece.size >= largest) || self.entries.families().any(is_large_family) {
            parts.extend(of_all().filter(|(_, set, _)| !is_large(set)).filter_map(pick));
            parts.sort_by_key(|piece| piece.place);
            return parts;
        }
        Vec::new()
    }

    /// The first union of disjoint pieces that is accepted: a family's, then of one, two and three pieces, then as many as
    /// fit when each is taken that still does.
    fn cover(&self, target: &Target, mut pieces: Vec<Piece<'_>>, accept: &dyn Fn(&Set) -> bool) -> Option<Set> {
        let families = self.families(target, &pieces);
        let accepted = families.iter().find(|family| self.fits(target, &[family]) && accept(&family.set));
        if let Some(family) = accepted {
            return Some(family.set.clone().into_owned());
        }
        pieces.extend(families);
        pieces.sort_by_key(|piece| (std::cmp::Reverse(piece.size), piece.place));
        pieces.truncate(LOOKED_AT);
        let largest_first: Vec<&Piece<'_>> = pieces.iter().collect();
        let mut earliest_first = largest_first.clone();
        earliest_first.sort_by_key(|piece| piece.place);
        self.few(target, &earliest_first, accept)
            .or_else(|| self.taken_in_turn(target, &earliest_first, accept))
            .or_else(|| self.taken_in_turn(target, &largest_first, accept))
    }

    /// The union of the pieces in each family, where there are more than two.
    fn families(&self, target: &Target, pieces: &[Piece<'_>]) -> Vec<Piece<'static>> {
        let entries: Vec<&Piece<'_>> = pieces.iter().filter(|piece| matches!(piece.set, Cow::Borrowed(_))).collect();
        let mut unions = Vec::new();
        for family in self.entries.families() {
            let start = entries.partition_point(|piece| piece.place < family.start);
            let end = entries.partition_point(|piece| piece.place < family.end);
            let members = entries.get(start..end).unwrap_or_default();
            let size: u64 = members.iter().map(|piece| piece.size).sum();
            if members.len() > 2 && size <= target.size + self.reach() {
                let set = members.iter().fold(Set::new(), |union, piece| union | piece.set.as_ref());
                let sketch = members.iter().fold([0; 16], |sum, piece| plus(&sum, &piece.sketch));
                let place = family.end - 1;
                unions.push(Piece { place, size, sketch: Cow::Owned(sketch), set: Cow::Owned(set) });
            }
        }
        unions
    }

    /// One, two or three disjoint pieces, the earliest first.
    fn few(&self, target: &Target, pieces: &[&Piece<'_>], accept: &dyn Fn(&Set) -> bool) -> Option<Set> {
        let close = |chosen: &[&Piece<'_>]| {
            let union = || chosen.iter().fold(Set::new(), |union, piece| union | piece.set.as_ref());
            (self.fits(target, chosen) && are_disjoint(chosen)).then(union).filter(|union| accept(union))
        };
        let one = pieces.iter().find_map(|piece| close(&[piece]));
        let pairs = || {
            let with = |(index, first): (usize, &&Piece<'_>)| {
                let rest = pieces.get(index + 1..).unwrap_or_default();
                rest.iter().find_map(|second| close(&[first, second]))
            };
            pieces.iter().enumerate().find_map(with)
        };
        one.or_else(pairs).or_else(|| if target.most > 2 { self.three(target, pieces, &close) } else { None })
    }

    fn three(
        &self,
        target: &Target,
        pieces: &[&Piece<'_>],
        close: &dyn Fn(&[&Piece<'_>]) -> Option<Set>,
    ) -> Option<Set> {
        let (size, reach) = (target.size, self.reach());
        let mut by_size: Vec<(u64, usize)> = pieces.iter().map(|piece| piece.size).zip(0..).collect();
        by_size.sort_unstable();
        let largest = by_size.last().map_or(0, |(size, _)| *size);
        let mut tries = 0;
        for (index, first) in pieces.iter().enumerate() {
            for (other, second) in pieces.iter().enumerate().skip(index + 1) {
                let both = first.size + second.size;
                if both > size + reach || both + largest + reach < size {
                    continue;
                }
                let start = by_size.partition_point(|(third, _)| both + third + reach < size);
                let third = by_size.get(start..).unwrap_or_default().iter();
                let third = third.take_while(|(third, _)| both + third <= size + reach);
                let mut third: Vec<usize> = third.map(|(_, place)| *place).filter(|place| *place > other).collect();
                if third.is_empty() || lack(&plus(&first.sketch, &second.sketch), &target.sketch) > reach {
                    continue;
                }
                third.sort_unstable();
                tries += third.len();
                if tries > TRIES {
                    return None;
                }
                let mut third = third.into_iter().filter_map(|place| pieces.get(place));
                if let Some(union) = third.find_map(|third| close(&[first, second, third])) {
                    return Some(union);
                }
            }
        }
        None
    }

    /// Takes one piece after the other that is disjoint from those taken and fits in beside them.
    fn taken_in_turn(&self, target: &Target, pieces: &[&Piece<'_>], accept: &dyn Fn(&Set) -> bool) -> Option<Set> {
        let most = target.size + self.reach();
        let mut union = Set::new();
        let mut size = 0;
        for piece in pieces {
            if size + piece.size <= most && union.is_disjoint(&piece.set) {
                union |= piece.set.as_ref();
                size += piece.size;
            }
        }
        (size + self.reach() >= target.size && accept(&union)).then_some(union)
    }

    /// Whether disjoint pieces can, by their sizes and sketches, be the target but for few.
    fn fits(&self, target: &Target, pieces: &[&Piece<'_>]) -> bool {
        let size: u64 = pieces.iter().map(|piece| piece.size).sum();
        let sum = || pieces.iter().fold([0; 16], |sum, piece| plus(&sum, &piece.sketch));
        size.abs_diff(target.size) <= self.reach() && {
            let sum = sum();
            lack(&sum, &target.sketch) + lack(&target.sketch, &sum) <= self.reach()
        }
    }
}

impl<'a> Piece<'a> {
    fn entry(place: usize, set: &'a Set, sketch: &'a Sketch) -> Self {
        Self { place, size: set.len(), sketch: Cow::Borrowed(sketch), set: Cow::Borrowed(set) }
    }

    fn lend(&self) -> Piece<'_> {
        let (sketch, set) = (Cow::Borrowed(self.sketch.as_ref()), Cow::Borrowed(self.set.as_ref()));
        Piece { place: self.place, size: self.size, sketch, set }
    }
}

/// A set to hold against many others.
struct Probe<'a> {
    set: &'a Set,
    /// The set, a bit for each record.
    words: Vec<u64>,
    /// Some of its records.
    sample: Vec<u32>,
    reach: u64,
    /// Of each entry that was asked about, whether it is almost outside.
    outside: Vec<OnceCell<bool>>,
}

impl<'a> Probe<'a> {
    fn new(set: &'a Set, reach: u64, entries: usize) -> Self {
        let mut words = vec![0_u64; set.max().map_or(0, |last| last as usize / 64 + 1)];
        for record in set {
            if let Some(word) = words.get_mut(record as usize / 64) {
                *word |= 1 << (record % 64);
            }
        }
        let step = set.len().div_ceil(SAMPLE).max(1) as usize;
        let sample = set.iter().step_by(step).collect();
        Self { set, words, sample, reach, outside: vec![OnceCell::new(); entries] }
    }

    /// Whether another set holds all of this but what few people can have.
    fn is_held_by(&self, other: &Set) -> bool {
        let lacks_many = || self.sample.iter().filter(|record| !other.contains(**record)).nth(self.few()).is_some();
        !lacks_many() && self.set.len() - self.set.intersection_len(other) <= self.reach
    }

    /// Whether an entry has no more of this set than few people can have, and less than half of its own.
    fn is_outside(&self, place: usize, entry: &Set) -> bool {
        let is_outside = || {
            let has =
                |record: &u32| self.words.get(*record as usize / 64).is_some_and(|word| word >> (record % 64) & 1 == 1);
            // Of a large entry few are less than half.
            entry.iter().filter(has).nth(self.few()).is_none()
                && (entry.len() > 2 * self.reach || 2 * self.set.intersection_len(entry) < entry.len())
        };
        self.outside.get(place).is_some_and(|known| *known.get_or_init(is_outside))
    }

    fn few(&self) -> usize {
        usize::try_from(self.reach).unwrap_or(usize::MAX)
    }
}

fn are_disjoint(pieces: &[&Piece<'_>]) -> bool {
    pieces.iter().enumerate().all(|(index, piece)| {
        pieces.get(index + 1..).unwrap_or_default().iter().all(|other| piece.set.is_disjoint(&other.set))
    })
}

/// The least number of records that a set of the first sketch has outside one of the second.
fn lack(inner: &Sketch, outer: &Sketch) -> u64 {
    inner.iter().zip(outer).map(|(inner, outer)| u64::from(inner.saturating_sub(*outer))).sum()
}

fn plus(left: &Sketch, right: &Sketch) -> Sketch {
    let mut sum = *left;
    for (sum, right) in sum.iter_mut().zip(right) {
        *sum = sum.saturating_add(*right);
    }
    sum
}

fn minus(left: &Sketch, right: &Sketch) -> Sketch {
    let mut rest = *left;
    for (rest, right) in rest.iter_mut().zip(right) {
        *rest = rest.saturating_sub(*right);
    }
    rest
}
