//! Released sets that put together are a set but for few people, looked for among their shapes: unions of disjoint ones
//! and what these leave of another that holds them.
//!
//! [`super::decode`] finds all that differ by few enough people, but in long histories by two at most; what honest tables and
//! attackers have is mostly made as here.

use std::borrow::Cow;

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
const SAMPLE: usize = 64;

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

/// How entries lie to a set.
#[derive(Default)]
struct Surroundings<'a> {
    /// Those almost inside it.
    inside: Vec<Piece<'a>>,
    /// Those almost outside it.
    outside: Vec<Piece<'a>>,
    /// Those that hold almost all of it.
    holders: Vec<Piece<'a>>,
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
        let Surroundings { inside, outside, mut holders } = self.surroundings(set);
        let target = Target { size: set.len(), sketch: sketch(set), most: 3 };
        let inside = inside.iter().map(Piece::lend).collect();
        if let Some(union) = self.cover(&target, inside, &|union| self.is_close(union, set)) {
            return Some(union);
        }
        // The smallest beside the first; then all in the order of storing.
        holders.sort_by_key(|holder| (holder.place != 0, holder.size, holder.place));
        holders.truncate(HOLDERS + 1);
        holders.sort_by_key(|holder| holder.place);
        holders.iter().find_map(|holder| {
            let rest = holder.set.as_ref() - set;
            let most = if holder.place == 0 { 3 } else { 2 };
            let target = Target { size: rest.len(), sketch: sketch(&rest), most };
            let is_part = |piece: &&Piece<'_>| {
                piece.size < holder.size && lack(&piece.sketch, &holder.sketch) == 0 && piece.set.is_subset(&holder.set)
            };
            let parts = outside.iter().filter(is_part).map(Piece::lend).collect();
            let left = |union: &Set| holder.set.as_ref() - union;
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

    fn surroundings(&self, set: &Set) -> Surroundings<'a> {
        let (reach, size, itself) = (self.reach(), set.len(), sketch(set));
        let step = set.len().div_ceil(SAMPLE as u64).max(1) as usize;
        let sample: Vec<u32> = set.iter().step_by(step).collect();
        // Whether a set has many of the sample and lacks many.
        let is_mixed = |other: &Set| {
            let (mut had, mut lacked) = (0, 0);
            sample.iter().any(|record| {
                *(if other.contains(*record) { &mut had } else { &mut lacked }) += 1_u64;
                had > reach && lacked > reach
            })
        };
        let (mut found, mut holders) = (Surroundings::default(), Vec::new());
        let Some((everybody, all)) = self.entries.sketched().next() else { return found };
        let mut sort = |size: u64, common: u64, piece: &dyn Fn() -> Option<Piece<'a>>| {
            // Counted in or out by where most of it is: then a union is as close to its target as it can be.
            if size - common <= reach && 2 * common > size {
                found.inside.extend(piece());
            } else if common <= reach && 2 * common < size {
                found.outside.extend(piece());
            }
        };
        for (place, (other, sketch)) in self.entries.sketched().enumerate() {
            let rest = minus(all, sketch);
            let may_be_inside = lack(sketch, &itself) <= reach || lack(&rest, &itself) <= reach;
            if !may_be_inside && is_mixed(other) {
                continue;
            }
            let common = set.intersection_len(other);
            let piece = || Piece { place, size: other.len(), sketch: Cow::Borrowed(sketch), set: Cow::Borrowed(other) };
            sort(other.len(), common, &|| Some(piece()));
            // What it leaves of everybody.
            let (left, common_left) = (everybody.len().saturating_sub(other.len()), size.saturating_sub(common));
            let complement = || {
                let set = || Cow::Owned(everybody - other);
                let is_part = other.is_subset(everybody);
                is_part.then(|| Piece { place, size: left, sketch: Cow::Owned(rest), set: set() })
            };
            if left > 0 && common_left <= left {
                sort(left, common_left, &complement);
            }
            if size - common <= reach {
                holders.push(piece());
            }
        }
        found.holders = holders;
        found
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
        let mut tries = 0;
        for (index, first) in pieces.iter().enumerate() {
            for (other, second) in pieces.iter().enumerate().skip(index + 1) {
                let both = first.size + second.size;
                if both > size + reach {
                    continue;
                }
                let start = by_size.partition_point(|(third, _)| both + third + reach < size);
                let third = by_size.get(start..).unwrap_or_default().iter();
                let third = third.take_while(|(third, _)| both + third <= size + reach);
                let mut third: Vec<usize> = third.map(|(_, place)| *place).filter(|place| *place > other).collect();
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

impl Piece<'_> {
    fn lend(&self) -> Piece<'_> {
        let (sketch, set) = (Cow::Borrowed(self.sketch.as_ref()), Cow::Borrowed(self.set.as_ref()));
        Piece { place: self.place, size: self.size, sketch, set }
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
