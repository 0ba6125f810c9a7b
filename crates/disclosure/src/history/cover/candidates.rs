//! Released sets to be put together, and a search for disjoint ones that together are as large as wanted and look right.

use std::cell::OnceCell;

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
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    /// The entry's place, or the last one's, for the order in which candidates are tried.
    pub(super) place: usize,
    pub(super) size: u64,
    pub(super) sketch: &'a Sketch,
    pub(super) sample: &'a Sample,
    records: Records<'a>,
}

#[derive(Clone, Copy)]
enum Records<'a> {
    /// An entry's.
    Entry(&'a Set),
    /// Put together when they are looked at.
    Made(&'a Made<'a>),
}

/// What an entry leaves of everybody, or a union of entries.
pub(super) struct Made<'a> {
    place: usize,
    size: u64,
    sketch: Sketch,
    sample: Sample,
    of: Of<'a>,
    set: OnceCell<Set>,
}

enum Of<'a> {
    /// Everybody but the entry of this place.
    Rest { everybody: &'a Set, entry: &'a Set },
    /// All of these, which are disjoint entries.
    Union(&'a [Candidate<'a>]),
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

impl<'a> Made<'a> {
    /// What an entry leaves of everybody, in whom it lies.
    pub(super) fn rest(everybody: Known<'a>, known: Known<'a>) -> Self {
        Self {
            place: known.place,
            size: everybody.size - known.size,
            sketch: minus(everybody.sketch, known.sketch),
            sample: everybody.sample.minus(known.sample),
            of: Of::Rest { everybody: everybody.set, entry: known.set },
            set: OnceCell::new(),
        }
    }

    /// The union of these disjoint entries, if there are more than two and it may be part of what covers a target.
    fn union(entries: &'a [Candidate<'a>], target: &Target<'_>) -> Option<Self> {
        let last = entries.last().filter(|_| entries.len() > 2)?;
        let size = entries.iter().map(|entry| entry.size).sum();
        if size > target.size + target.reach {
            return None;
        }
        let sketch = sum(entries);
        if lack(&sketch, &target.sketch) > target.reach {
            return None;
        }
        let sample = Sample::union(entries.iter().map(|entry| entry.sample));
        Some(Self { place: last.place, size, sketch, sample, of: Of::Union(entries), set: OnceCell::new() })
    }

    fn set(&self) -> &Set {
        self.set.get_or_init(|| match self.of {
            Of::Rest { everybody, entry } => everybody - entry,
            Of::Union(entries) => entries.iter().map(Candidate::set).union(),
        })
    }
}

impl<'a> Candidate<'a> {
    pub(super) fn entry(known: Known<'a>) -> Self {
        let Known { place, set, size, sketch, sample } = known;
        Self { place, size, sketch, sample, records: Records::Entry(set) }
    }

    pub(super) fn made(made: &'a Made<'a>) -> Self {
        let Made { place, size, sketch, sample, .. } = made;
        Self { place: *place, size: *size, sketch, sample, records: Records::Made(made) }
    }

    pub(super) fn set(&self) -> &'a Set {
        match self.records {
            Records::Entry(set) => set,
            Records::Made(made) => made.set(),
        }
    }

    /// Whether it lies within an entry.
    pub(super) fn is_within(&self, entry: &Known<'_>) -> bool {
        self.sample.lack(entry.sample) == 0 && self.set().is_subset(entry.set)
    }

    fn is_entry(&self) -> bool {
        matches!(self.records, Records::Entry(_))
    }

    /// Whether they have nothing in common. How most entries lie to each other is noted; only what does not follow from that is
    /// looked up, and of two unions, which have too many pairs of entries.
    fn is_disjoint(&self, other: &Candidate<'_>, entries: &Entries) -> bool {
        let are_noted = |members: &[Candidate<'_>], place: usize| {
            members.last().is_some_and(|last| entries.is_noted(last.place.max(place)))
        };
        let are_apart =
            |ones: &[Candidate<'_>], place: usize| ones.iter().all(|one| entries.are_apart(one.place, place));
        let are_within = |ones: &[Candidate<'_>], place: usize| {
            are_noted(ones, place) && ones.iter().all(|one| entries.is_within(one.place, place))
        };
        self.sample.common(other.sample) == 0
            && match (self.members(), other.members()) {
                (Some(ones), Some([other])) if ones.len() == 1 || are_noted(ones, other.place) => {
                    are_apart(ones, other.place)
                }
                (Some([one]), Some(others)) if are_noted(others, one.place) => are_apart(others, one.place),
                // What lies within an entry has nothing of what that leaves.
                (Some(ones), None) if are_within(ones, other.place) => true,
                (None, Some(others)) if are_within(others, self.place) => true,
                _ => self.set().is_disjoint(other.set()),
            }
    }

    /// The entries that it is, unless it is what one leaves.
    fn members(&self) -> Option<&[Candidate<'a>]> {
        match self.records {
            Records::Entry(_) => Some(std::slice::from_ref(self)),
            Records::Made(Made { of: Of::Union(entries), .. }) => Some(entries),
            Records::Made(_) => None,
        }
    }
}

impl Target<'_> {
    /// The first union of disjoint candidates that is accepted: a family's, then of one, two and three candidates, then as many as
    /// fit when each is taken that still does. The candidates are in the order of storing.
    pub(super) fn cover(&self, candidates: &[Candidate<'_>], accept: Accept<'_>) -> Option<Set> {
        if self.sample.lack(&Sample::union(candidates.iter().map(|candidate| candidate.sample))) > self.reach {
            return None;
        }
        let entries: Vec<Candidate<'_>> = candidates.iter().copied().filter(Candidate::is_entry).collect();
        let families = self.entries.by_family(&entries, |candidate| candidate.place);
        let families: Vec<Made<'_>> = families.filter_map(|family| Made::union(family, self)).collect();
        let families = || families.iter().map(Candidate::made);
        let accepted = families().find(|family| self.fits(&[*family]) && accept(family.set()));
        if let Some(family) = accepted {
            return Some(family.set().clone());
        }
        let mut largest_first: Vec<Candidate<'_>> = candidates.iter().copied().chain(families()).collect();
        let order = |candidate: &Candidate<'_>| (std::cmp::Reverse(candidate.size), candidate.place);
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
    fn few(&self, candidates: &[Candidate<'_>], accept: Accept<'_>) -> Option<Set> {
        let chosen = |places: &[usize]| -> Vec<Candidate<'_>> {
            places.iter().filter_map(|place| candidates.get(*place).copied()).collect()
        };
        // Two that can be part of three. What overlaps is no try, or overlapping sets would use up all of them.
        let go_together = |places: [usize; 2]| {
            let chosen = chosen(&places);
            lack(&sum(&chosen), &self.sketch) <= self.reach && self.are_disjoint(&chosen)
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
    fn taken_in_turn(&self, candidates: &[Candidate<'_>], accept: Accept<'_>) -> Option<Set> {
        let most = self.size + self.reach;
        let mut left: u64 = candidates.iter().map(|candidate| candidate.size).sum();
        let (mut taken, mut sample, mut size): (Vec<Candidate<'_>>, _, _) =
            (Vec::new(), Sample::union(std::iter::empty()), 0);
        for candidate in candidates {
            if size + left + self.reach < self.size {
                return None;
            }
            left -= candidate.size;
            let fits = size + candidate.size <= most && sample.common(candidate.sample) == 0;
            if fits && taken.iter().all(|other| candidate.is_disjoint(other, self.entries)) {
                taken.push(*candidate);
                sample.extend(candidate.sample);
                size += candidate.size;
            }
        }
        if size + self.reach < self.size || !self.fits(&taken) {
            return None;
        }
        let union = taken.iter().map(Candidate::set).union();
        accept(&union).then_some(union)
    }

    fn are_disjoint(&self, candidates: &[Candidate<'_>]) -> bool {
        let after = |index: usize| candidates.get(index + 1..).unwrap_or_default().iter();
        let is_apart = |(index, candidate): (usize, &Candidate<'_>)| {
            after(index).all(|other| candidate.is_disjoint(other, self.entries))
        };
        candidates.iter().enumerate().all(is_apart)
    }

    /// Whether disjoint candidates can, by what is quickly known of them, be the target but for few.
    fn fits(&self, candidates: &[Candidate<'_>]) -> bool {
        let size: u64 = candidates.iter().map(|candidate| candidate.size).sum();
        size.abs_diff(self.size) <= self.reach
            && {
                let union = Sample::union(candidates.iter().map(|candidate| candidate.sample));
                union.lack(&self.sample) + self.sample.lack(&union) <= self.reach
            }
            && {
                let sum = sum(candidates);
                lack(&sum, &self.sketch) + lack(&self.sketch, &sum) <= self.reach
            }
    }
}

/// The least number of records that a set of the first sketch has outside one of the second.
pub(super) fn lack(inner: &Sketch, outer: &Sketch) -> u64 {
    inner.iter().zip(outer).map(|(inner, outer)| u64::from(inner.saturating_sub(*outer))).sum()
}

/// That of all of these together, if they are disjoint.
fn sum(candidates: &[Candidate<'_>]) -> Sketch {
    candidates.iter().fold([0; 16], |sum, candidate| plus(&sum, candidate.sketch))
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
