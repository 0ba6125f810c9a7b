//! Released sets to be put together, and a search for disjoint ones that together are as large as wanted and look right.

use std::{cell::OnceCell, ops::Deref};

use roaring::MultiOps as _;

use super::super::{
    Set,
    entries::{Entries, Known, Sketch},
    sample::Sample,
};

/// The most sets that are put together in search of one, the largest.
const LOOKED_AT: usize = 200;

/// The most choices of three tried for one set.
const TRIES: usize = 20_000;

/// An entry, what an entry leaves of everybody, or a union of entries.
pub(super) struct Candidate<'a> {
    /// The entry's place, or the last one's, for the order in which candidates are tried.
    pub(super) place: usize,
    pub(super) size: u64,
    pub(super) sketch: Hint<'a, Sketch>,
    pub(super) sample: Hint<'a, Sample>,
    records: Records<'a>,
}

/// What is quickly known of a candidate: an entry's, or its own. Smaller than a `Cow`, of which many would be moved about.
pub(super) enum Hint<'a, T> {
    Of(&'a T),
    Own(Box<T>),
}

impl<T> Deref for Hint<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Self::Of(hint) => hint,
            Self::Own(hint) => hint,
        }
    }
}

enum Records<'a> {
    /// An entry's.
    Entry(&'a Set),
    /// What an entry leaves of everybody, computed when it is looked at.
    Rest(Box<Rest<'a>>),
    /// Those of another candidate.
    Lent(&'a Set),
    /// Those of several entries, put together when they are looked at.
    Union(Box<(Vec<&'a Set>, OnceCell<Set>)>),
}

struct Rest<'a> {
    everybody: &'a Set,
    without: &'a Set,
    set: OnceCell<Set>,
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

impl<'a> Candidate<'a> {
    pub(super) fn entry(known: Known<'a>) -> Self {
        let Known { place, set, size, sketch, sample } = known;
        let (sketch, sample) = (Hint::Of(sketch), Hint::Of(sample));
        Self { place, size, sketch, sample, records: Records::Entry(set) }
    }

    /// What an entry leaves of everybody, in whom it lies.
    pub(super) fn rest(everybody: Known<'a>, known: Known<'a>) -> Self {
        let (sketch, sample) = (minus(everybody.sketch, known.sketch), everybody.sample.minus(known.sample));
        Self {
            place: known.place,
            size: everybody.size - known.size,
            sketch: Hint::Own(Box::new(sketch)),
            sample: Hint::Own(Box::new(sample)),
            records: Records::Rest(Box::new(Rest {
                everybody: everybody.set,
                without: known.set,
                set: OnceCell::new(),
            })),
        }
    }

    pub(super) fn lend(&self) -> Candidate<'_> {
        let (sketch, sample) = (Hint::Of(&*self.sketch), Hint::Of(&*self.sample));
        Candidate { place: self.place, size: self.size, sketch, sample, records: Records::Lent(self.set()) }
    }

    /// The union of disjoint entries; none if there are other candidates among these, or fewer than three.
    pub(super) fn union(candidates: &[&Self]) -> Option<Self> {
        let last = candidates.last().filter(|_| candidates.len() > 2)?;
        let members = candidates.iter().map(|candidate| candidate.as_entry()).collect::<Option<_>>()?;
        let sketch = candidates.iter().fold([0; 16], |sum, candidate| plus(&sum, &candidate.sketch));
        Some(Self {
            place: last.place,
            size: candidates.iter().map(|candidate| candidate.size).sum(),
            sketch: Hint::Own(Box::new(sketch)),
            sample: Hint::Own(Box::new(Sample::union(candidates.iter().map(|candidate| &*candidate.sample)))),
            records: Records::Union(Box::new((members, OnceCell::new()))),
        })
    }

    pub(super) fn set(&self) -> &Set {
        match &self.records {
            Records::Entry(set) | Records::Lent(set) => set,
            Records::Rest(rest) => rest.set.get_or_init(|| rest.everybody - rest.without),
            Records::Union(members) => members.1.get_or_init(|| members.0.iter().copied().union()),
        }
    }

    pub(super) fn as_entry(&self) -> Option<&'a Set> {
        if let Records::Entry(set) = self.records { Some(set) } else { None }
    }

    fn is_disjoint(&self, other: &Candidate<'_>, entries: &Entries) -> bool {
        match (&self.records, &other.records) {
            (Records::Entry(_), Records::Entry(_)) => entries.are_apart(self.place, other.place),
            _ => self.sample.common(&other.sample) == 0 && self.set().is_disjoint(other.set()),
        }
    }
}

impl Target<'_> {
    /// The first union of disjoint candidates that is accepted: a family's, then of one, two and three candidates, then as many as
    /// fit when each is taken that still does.
    pub(super) fn cover(
        &self,
        candidates: &[Candidate<'_>],
        families: &[Candidate<'_>],
        accept: Accept<'_>,
    ) -> Option<Set> {
        if self.sample.lack(&Sample::union(candidates.iter().map(|candidate| &*candidate.sample))) > self.reach {
            return None;
        }
        let accepted = families.iter().find(|family| self.fits(&[family]) && accept(family.set()));
        if let Some(family) = accepted {
            return Some(family.set().clone());
        }
        let mut largest_first: Vec<&Candidate<'_>> = candidates.iter().chain(families).collect();
        let order = |candidate: &&Candidate<'_>| (std::cmp::Reverse(candidate.size), candidate.place);
        if largest_first.len() > LOOKED_AT {
            largest_first.select_nth_unstable_by_key(LOOKED_AT, order);
            largest_first.truncate(LOOKED_AT);
        }
        largest_first.sort_by_key(order);
        let mut earliest_first = largest_first.clone();
        earliest_first.sort_by_key(|candidate| candidate.place);
        self.few(&earliest_first, accept)
            .or_else(|| self.taken_in_turn(&earliest_first, accept))
            .or_else(|| self.taken_in_turn(&largest_first, accept))
    }

    /// One, two or three disjoint candidates: fewer before more, then the earliest first.
    fn few(&self, candidates: &[&Candidate<'_>], accept: Accept<'_>) -> Option<Set> {
        let chosen = |places: &[usize]| -> Vec<&Candidate<'_>> {
            places.iter().filter_map(|place| candidates.get(*place).copied()).collect()
        };
        // Two that can be part of three. What overlaps is no try, or overlapping sets would use up all of them.
        let go_together = |places: [usize; 2]| {
            let chosen = chosen(&places);
            let sketch = chosen.iter().fold([0; 16], |sum, candidate| plus(&sum, &candidate.sketch));
            lack(&sketch, &self.sketch) <= self.reach && self.are_disjoint(&chosen)
        };
        let mut by_size: Vec<(u64, usize)> = candidates.iter().map(|candidate| candidate.size).zip(0..).collect();
        by_size.sort_unstable();
        let threes = self.as_large_with_three(&by_size, &go_together).take(TRIES);
        let mut found = Vec::new();
        for mut places in self.as_large(&by_size).chain(threes) {
            places.sort_unstable();
            let chosen = chosen(&places);
            if self.fits(&chosen) && self.are_disjoint(&chosen) {
                found.push(places);
            }
        }
        found.sort_unstable_by(|one, other| one.len().cmp(&other.len()).then_with(|| one.cmp(other)));
        let union = |places: &Vec<usize>| places.iter().filter_map(|place| Some(candidates.get(*place)?.set())).union();
        found.iter().map(union).find(|union| accept(union))
    }

    /// The choices of one and two of these sizes, in order, that are as large as wanted.
    fn as_large<'s>(&'s self, by_size: &'s [(u64, usize)]) -> impl Iterator<Item = Vec<usize>> + 's {
        let one = self.filling(by_size, 0).map(|one| vec![one]);
        let two = self.larger(by_size, 0, 2).flat_map(move |(index, (size, one))| {
            let smaller = by_size.get(..index).unwrap_or_default();
            self.filling(smaller, size).map(move |other| vec![one, other])
        });
        one.chain(two)
    }

    /// The choices of three, if so many may be put together, the first two of which go together.
    fn as_large_with_three<'s>(
        &'s self,
        by_size: &'s [(u64, usize)],
        go_together: &'s dyn Fn([usize; 2]) -> bool,
    ) -> impl Iterator<Item = Vec<usize>> + 's {
        let sizes = if self.most > 2 { by_size } else { &[] };
        self.larger(sizes, 0, 3).flat_map(move |(index, (size, one))| {
            let smaller = by_size.get(..index).unwrap_or_default();
            let second = self.larger(smaller, size, 2).filter(move |(_, (_, two))| go_together([one, *two]));
            second.flat_map(move |(index, (next, two))| {
                let smaller = by_size.get(..index).unwrap_or_default();
                self.filling(smaller, size + next).map(move |three| vec![one, two, three])
            })
        })
    }

    /// The places of those that, beside others of so many records, make up the size that is wanted.
    fn filling<'s>(&'s self, by_size: &'s [(u64, usize)], others: u64) -> impl Iterator<Item = usize> + 's {
        let start = by_size.partition_point(|(size, _)| others + size + self.reach < self.size);
        let rest = by_size.get(start..).unwrap_or_default().iter();
        rest.take_while(move |(size, _)| others + size <= self.size + self.reach).map(|(_, place)| *place)
    }

    /// Those of which, beside others of so many records, `most` as large are enough and one is not too much, the largest first; each
    /// with how many are no larger and come before it.
    fn larger<'s>(
        &'s self,
        by_size: &'s [(u64, usize)],
        others: u64,
        most: u64,
    ) -> impl Iterator<Item = (usize, (u64, usize))> + 's {
        let end = by_size.partition_point(|(size, _)| others + size <= self.size + self.reach);
        let largest_first = by_size.get(..end).unwrap_or_default().iter().copied().enumerate().rev();
        largest_first.take_while(move |(_, (size, _))| others + most * size + self.reach >= self.size)
    }

    /// Takes one candidate after the other that is disjoint from those taken and fits in beside them.
    fn taken_in_turn(&self, candidates: &[&Candidate<'_>], accept: Accept<'_>) -> Option<Set> {
        let most = self.size + self.reach;
        let mut left: u64 = candidates.iter().map(|candidate| candidate.size).sum();
        let (mut taken, mut sample, mut size): (Vec<&Candidate<'_>>, _, _) =
            (Vec::new(), Sample::union(std::iter::empty()), 0);
        for candidate in candidates {
            if size + left + self.reach < self.size {
                return None;
            }
            left -= candidate.size;
            let fits = size + candidate.size <= most && sample.common(&candidate.sample) == 0;
            if fits && taken.iter().all(|other| candidate.is_disjoint(other, self.entries)) {
                taken.push(candidate);
                sample.extend(&candidate.sample);
                size += candidate.size;
            }
        }
        if size + self.reach < self.size || !self.fits(&taken) {
            return None;
        }
        let union = taken.into_iter().map(Candidate::set).union();
        accept(&union).then_some(union)
    }

    fn are_disjoint(&self, candidates: &[&Candidate<'_>]) -> bool {
        let after = |index: usize| candidates.get(index + 1..).unwrap_or_default().iter();
        let is_apart = |(index, candidate): (usize, &&Candidate<'_>)| {
            after(index).all(|other| candidate.is_disjoint(other, self.entries))
        };
        candidates.iter().enumerate().all(is_apart)
    }

    /// Whether disjoint candidates can, by what is quickly known of them, be the target but for few.
    fn fits(&self, candidates: &[&Candidate<'_>]) -> bool {
        let size: u64 = candidates.iter().map(|candidate| candidate.size).sum();
        size.abs_diff(self.size) <= self.reach
            && {
                let union = Sample::union(candidates.iter().map(|candidate| &*candidate.sample));
                union.lack(&self.sample) + self.sample.lack(&union) <= self.reach
            }
            && {
                let sum = candidates.iter().fold([0; 16], |sum, candidate| plus(&sum, &candidate.sketch));
                lack(&sum, &self.sketch) + lack(&self.sketch, &sum) <= self.reach
            }
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
