//! Released sets to be put together, and a search for disjoint ones that together are as large as wanted and look right.

use std::{borrow::Cow, cell::OnceCell};

use roaring::MultiOps as _;

use super::super::{
    Set,
    entries::{Entries, Known, Sketch},
    sample::Sample,
};

/// The most sets that are put together in search of one, the largest.
const LOOKED_AT: usize = 200;

/// The most threes tried for one set.
const TRIES: usize = 20_000;

/// An entry, what an entry leaves of everybody, or a union of entries.
pub(super) struct Piece<'a> {
    /// The entry's place, or the last one's, for the order in which pieces are tried.
    pub(super) place: usize,
    pub(super) size: u64,
    pub(super) sketch: Cow<'a, Sketch>,
    pub(super) sample: Cow<'a, Sample>,
    records: Records<'a>,
}

enum Records<'a> {
    /// An entry's.
    Entry(&'a Set),
    /// What an entry leaves of everybody, computed when it is looked at.
    Rest { everybody: &'a Set, without: &'a Set, rest: OnceCell<Set> },
    /// Those of another piece.
    Lent(&'a Set),
    /// Those of several entries, put together when they are looked at.
    Union(Vec<&'a Set>, OnceCell<Set>),
}

/// What is to be covered.
pub(super) struct Target<'a> {
    pub(super) entries: &'a Entries,
    pub(super) size: u64,
    pub(super) sketch: Sketch,
    pub(super) sample: Sample,
    /// How many may be put together.
    pub(super) most: usize,
    /// The most records that may be too many or too few.
    pub(super) reach: u64,
}

/// What a union must be besides.
pub(super) type Accept<'a> = &'a dyn Fn(&Set) -> bool;

impl<'a> Piece<'a> {
    pub(super) fn entry(known: Known<'a>) -> Self {
        let Known { place, set, size, sketch, sample } = known;
        let (sketch, sample) = (Cow::Borrowed(sketch), Cow::Borrowed(sample));
        Self { place, size, sketch, sample, records: Records::Entry(set) }
    }

    /// What an entry leaves of everybody, in whom it lies.
    pub(super) fn rest(everybody: Known<'a>, known: Known<'a>) -> Self {
        let (sketch, sample) = (minus(everybody.sketch, known.sketch), everybody.sample.minus(known.sample));
        Self {
            place: known.place,
            size: everybody.size - known.size,
            sketch: Cow::Owned(sketch),
            sample: Cow::Owned(sample),
            records: Records::Rest { everybody: everybody.set, without: known.set, rest: OnceCell::new() },
        }
    }

    pub(super) fn lend(&self) -> Piece<'_> {
        let (sketch, sample) = (Cow::Borrowed(self.sketch.as_ref()), Cow::Borrowed(self.sample.as_ref()));
        Piece { place: self.place, size: self.size, sketch, sample, records: Records::Lent(self.set()) }
    }

    /// The union of disjoint entries; none if there are other pieces among these, or fewer than three.
    pub(super) fn union(pieces: &[&Self]) -> Option<Self> {
        let last = pieces.last().filter(|_| pieces.len() > 2)?;
        let members = pieces.iter().map(|piece| piece.as_entry()).collect::<Option<_>>()?;
        let sketch = pieces.iter().fold([0; 16], |sum, piece| plus(&sum, &piece.sketch));
        Some(Self {
            place: last.place,
            size: pieces.iter().map(|piece| piece.size).sum(),
            sketch: Cow::Owned(sketch),
            sample: Cow::Owned(pieces.iter().fold(Sample::NOBODY, |union, piece| union.or(&piece.sample))),
            records: Records::Union(members, OnceCell::new()),
        })
    }

    pub(super) fn set(&self) -> &Set {
        match &self.records {
            Records::Entry(set) | Records::Lent(set) => set,
            Records::Rest { everybody, without, rest } => rest.get_or_init(|| *everybody - *without),
            Records::Union(members, union) => union.get_or_init(|| members.iter().copied().union()),
        }
    }

    pub(super) fn as_entry(&self) -> Option<&'a Set> {
        if let Records::Entry(set) = self.records { Some(set) } else { None }
    }

    /// Whether what is quickly known of them leaves it open that they have nothing in common.
    fn may_be_disjoint(&self, other: &Piece<'_>, entries: &Entries) -> bool {
        match (&self.records, &other.records) {
            (Records::Entry(_), Records::Entry(_)) => entries.are_apart(self.place, other.place),
            _ => self.sample.common(&other.sample) == 0,
        }
    }

    fn is_disjoint(&self, other: &Piece<'_>, entries: &Entries) -> bool {
        match (&self.records, &other.records) {
            (Records::Entry(_), Records::Entry(_)) => entries.are_apart(self.place, other.place),
            _ => self.sample.common(&other.sample) == 0 && self.set().is_disjoint(other.set()),
        }
    }
}

impl Target<'_> {
    /// The first union of disjoint pieces that is accepted: a family's, then of one, two and three pieces, then as many as
    /// fit when each is taken that still does.
    pub(super) fn cover(&self, pieces: &[Piece<'_>], families: &[Piece<'_>], accept: Accept<'_>) -> Option<Set> {
        let all = pieces.iter().fold(Sample::NOBODY, |all, piece| all.or(&piece.sample));
        if self.sample.lack(&all) > self.reach {
            return None;
        }
        let accepted = families.iter().find(|family| self.fits(&[family]) && accept(family.set()));
        if let Some(family) = accepted {
            return Some(family.set().clone());
        }
        let mut largest_first: Vec<&Piece<'_>> = pieces.iter().chain(families).collect();
        let order = |piece: &&Piece<'_>| (std::cmp::Reverse(piece.size), piece.place);
        if largest_first.len() > LOOKED_AT {
            largest_first.select_nth_unstable_by_key(LOOKED_AT, order);
            largest_first.truncate(LOOKED_AT);
        }
        largest_first.sort_by_key(order);
        let mut earliest_first = largest_first.clone();
        earliest_first.sort_by_key(|piece| piece.place);
        self.few(&earliest_first, accept)
            .or_else(|| self.taken_in_turn(&earliest_first, accept))
            .or_else(|| self.taken_in_turn(&largest_first, accept))
    }

    /// One, two or three disjoint pieces, the earliest first.
    fn few(&self, pieces: &[&Piece<'_>], accept: Accept<'_>) -> Option<Set> {
        let close = |chosen: &[&Piece<'_>]| {
            let union = || chosen.iter().map(|piece| piece.set()).union();
            (self.fits(chosen) && self.are_disjoint(chosen)).then(union).filter(|union| accept(union))
        };
        let one = || pieces.iter().find_map(|piece| close(&[piece]));
        let by_size = BySize::new(pieces);
        let two = || self.two(pieces, &by_size, &close);
        one().or_else(two).or_else(|| if self.most > 2 { self.three(pieces, &by_size, &close) } else { None })
    }

    fn two(
        &self,
        pieces: &[&Piece<'_>],
        by_size: &BySize,
        close: &dyn Fn(&[&Piece<'_>]) -> Option<Set>,
    ) -> Option<Set> {
        pieces.iter().enumerate().find_map(|(index, first)| {
            let mut second = self.missing_beside(first.size, by_size, index).into_iter();
            second.find_map(|second| close(&[first, pieces.get(second)?]))
        })
    }

    fn three(
        &self,
        pieces: &[&Piece<'_>],
        by_size: &BySize,
        close: &dyn Fn(&[&Piece<'_>]) -> Option<Set>,
    ) -> Option<Set> {
        let mut tries = 0;
        for (index, first) in pieces.iter().enumerate() {
            if first.size + 2 * by_size.largest + self.reach < self.size {
                continue;
            }
            for (other, second) in pieces.iter().enumerate().skip(index + 1) {
                let both = first.size + second.size;
                if both > self.size + self.reach
                    || both + by_size.largest + self.reach < self.size
                    || !first.may_be_disjoint(second, self.entries)
                {
                    continue;
                }
                let third = self.missing_beside(both, by_size, other);
                if third.is_empty() || lack(&plus(&first.sketch, &second.sketch), &self.sketch) > self.reach {
                    continue;
                }
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

    /// The pieces after one that have, beside so many records, the size that is wanted, in order.
    fn missing_beside(&self, size: u64, by_size: &BySize, after: usize) -> Vec<usize> {
        if size > self.size + self.reach {
            return Vec::new();
        }
        let start = by_size.list.partition_point(|(other, _)| size + other + self.reach < self.size);
        let fitting = by_size.list.get(start..).unwrap_or_default().iter();
        let fitting = fitting.take_while(|(other, _)| size + other <= self.size + self.reach);
        let mut fitting: Vec<usize> = fitting.map(|(_, index)| *index).filter(|index| *index > after).collect();
        fitting.sort_unstable();
        fitting
    }

    /// Takes one piece after the other that is disjoint from those taken and fits in beside them.
    fn taken_in_turn(&self, pieces: &[&Piece<'_>], accept: Accept<'_>) -> Option<Set> {
        let most = self.size + self.reach;
        let mut left: u64 = pieces.iter().map(|piece| piece.size).sum();
        let (mut taken, mut sample, mut size): (Vec<&Piece<'_>>, _, _) = (Vec::new(), Sample::NOBODY, 0);
        for piece in pieces {
            if size + left + self.reach < self.size {
                return None;
            }
            left -= piece.size;
            let fits = size + piece.size <= most && sample.common(&piece.sample) == 0;
            if fits && taken.iter().all(|other| piece.is_disjoint(other, self.entries)) {
                taken.push(piece);
                sample = sample.or(&piece.sample);
                size += piece.size;
            }
        }
        if size + self.reach < self.size || !self.fits(&taken) {
            return None;
        }
        let union = taken.into_iter().map(Piece::set).union();
        accept(&union).then_some(union)
    }

    fn are_disjoint(&self, pieces: &[&Piece<'_>]) -> bool {
        let after = |index: usize| pieces.get(index + 1..).unwrap_or_default().iter();
        let is_apart =
            |(index, piece): (usize, &&Piece<'_>)| after(index).all(|other| piece.is_disjoint(other, self.entries));
        pieces.iter().enumerate().all(is_apart)
    }

    /// Whether disjoint pieces can, by what is quickly known of them, be the target but for few.
    fn fits(&self, pieces: &[&Piece<'_>]) -> bool {
        let size: u64 = pieces.iter().map(|piece| piece.size).sum();
        size.abs_diff(self.size) <= self.reach
            && {
                let union = pieces.iter().fold(Sample::NOBODY, |union, piece| union.or(&piece.sample));
                union.lack(&self.sample) + self.sample.lack(&union) <= self.reach
            }
            && {
                let sum = pieces.iter().fold([0; 16], |sum, piece| plus(&sum, &piece.sketch));
                lack(&sum, &self.sketch) + lack(&self.sketch, &sum) <= self.reach
            }
    }
}

/// Pieces by their sizes.
struct BySize {
    list: Vec<(u64, usize)>,
    largest: u64,
}

impl BySize {
    fn new(pieces: &[&Piece<'_>]) -> Self {
        let mut list: Vec<(u64, usize)> = pieces.iter().map(|piece| piece.size).zip(0..).collect();
        list.sort_unstable();
        let largest = list.last().map_or(0, |(size, _)| *size);
        Self { list, largest }
    }
}

/// The least number of records that a set of the first sketch has outside one of the second.
pub(super) fn lack(inner: &Sketch, outer: &Sketch) -> u64 {
    inner.iter().zip(outer).map(|(inner, outer)| u64::from(inner.saturating_sub(*outer))).sum()
}

fn plus(left: &Sketch, right: &Sketch) -> Sketch {
    let mut sum = *left;
    for (sum, right) in sum.iter_mut().zip(right) {
        *sum = sum.saturating_add(*right);
    }
    sum
}

pub(super) fn minus(left: &Sketch, right: &Sketch) -> Sketch {
    let mut rest = *left;
    for (rest, right) in rest.iter_mut().zip(right) {
        *rest = rest.saturating_sub(*right);
    }
    rest
}
