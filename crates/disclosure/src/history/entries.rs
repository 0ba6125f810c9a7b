//! What was released, and which of it is near a set (the pair rule, disclosure.md 2.3).

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    ops::Range,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use coda_model::plan::Words;

use super::{
    Entry, Near, Set, Side, Text, bits,
    crossings::{Common, Crossings},
    people::People,
    related::{Likeness, likeness},
    relations::Relations,
    sample::{Sample, Sampling},
};

/// Counts of a set's records by place, to tell unlike sets apart without looking at them.
pub(super) type Sketch = [u32; 16];

/// About the most records of sides that are kept, of 4 bytes each.
const KEPT: usize = 5_000_000;

/// All entries, by text and by size.
pub(super) struct Entries {
    list: Vec<Entry>,
    texts: HashMap<Text, usize>,
    /// The entries of each size, the earliest first.
    sizes: BTreeMap<u64, Vec<usize>>,
    sketches: Vec<Sketch>,
    lengths: Vec<u64>,
    sampling: Sampling,
    samples: Vec<Sample>,
    /// The stretches of entries disjoint from each other that have ended: mostly the cells of one table.
    families: Vec<Range<usize>>,
    /// The first entry of the last stretch.
    started: usize,
    /// The union of the last stretch.
    family: Set,
    relations: Relations,
    crossings: Crossings,
    /// Of each entry the records of its smaller side, made when first asked for and kept until [`Self::forget_sides`].
    sides: Vec<OnceLock<Vec<u32>>>,
    /// How many records of sides were made.
    kept: AtomicUsize,
    records: u32,
}

/// An entry's records and what is quickly known of them.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) place: usize,
    pub(super) set: &'a Set,
    pub(super) size: u64,
    pub(super) sketch: &'a Sketch,
    pub(super) sample: &'a Sample,
}

impl Entries {
    pub(super) fn new(records: u32) -> Self {
        Self {
            list: Vec::new(),
            texts: HashMap::new(),
            sizes: BTreeMap::new(),
            sketches: Vec::new(),
            lengths: Vec::new(),
            sampling: Sampling::of(records),
            samples: Vec::new(),
            families: Vec::new(),
            started: 0,
            family: Set::new(),
            relations: Relations::default(),
            crossings: Crossings::default(),
            sides: Vec::new(),
            kept: AtomicUsize::new(0),
            records,
        }
    }

    /// There are more records now.
    pub(super) fn grow(&mut self, records: u32) {
        self.records = records;
        self.forget_sides();
        let sampling = Sampling::of(records);
        if sampling != self.sampling {
            self.sampling = sampling;
            self.samples = self.list.iter().map(|entry| sampling.sample(&entry.set)).collect();
        }
    }

    pub(super) fn sample(&self, set: &Set) -> Sample {
        self.sampling.sample(set)
    }

    pub(super) fn list(&self) -> &[Entry] {
        &self.list
    }

    pub(super) fn by_text(&self, text: &Text) -> Option<usize> {
        self.texts.get(text).copied()
    }

    /// The entries in the order of storing.
    pub(super) fn known(&self) -> impl Iterator<Item = Known<'_>> {
        let quickly = self.lengths.iter().zip(&self.sketches).zip(&self.samples);
        (0..).zip(self.list.iter().zip(quickly)).map(|(place, (entry, ((size, sketch), sample)))| Known {
            place,
            set: &entry.set,
            size: *size,
            sketch,
            sample,
        })
    }

    /// How many records of a set each entry has.
    pub(super) fn common(&self, set: &Set) -> Common {
        self.crossings.common(set, self.records)
    }

    /// The entry at a place.
    pub(super) fn at(&self, place: usize) -> Option<Known<'_>> {
        let set = &self.list.get(place)?.set;
        let (size, sketch, sample) = (*self.lengths.get(place)?, self.sketches.get(place)?, self.samples.get(place)?);
        Some(Known { place, set, size, sketch, sample })
    }

    /// Whether it is noted how an entry, and those before it, lie to each other.
    pub(super) fn is_noted(&self, place: usize) -> bool {
        place < self.relations.len()
    }

    /// Whether an entry lies within another.
    pub(super) fn is_within(&self, inner: usize, outer: usize) -> bool {
        if let Some(within) = self.relations.within(outer).filter(|_| inner < self.relations.len()) {
            return within.contains(inner);
        }
        let (Some(inner), Some(outer)) = (self.at(inner), self.at(outer)) else { return false };
        inner.sample.lack(outer.sample) == 0 && inner.set.is_subset(outer.set)
    }

    /// Whether two entries have nothing in common.
    pub(super) fn are_apart(&self, one: usize, other: usize) -> bool {
        if let Some(apart) = self.relations.apart(one).filter(|_| other < self.relations.len()) {
            return apart.contains(other);
        }
        let (Some(one), Some(other)) = (self.at(one), self.at(other)) else { return false };
        one.sample.common(other.sample) == 0 && one.set.is_disjoint(other.set)
    }

    /// Takes note of how an entry lies to the others, so that they need not be looked at for it; all before it are noted. Returns
    /// what it has in common with each.
    pub(super) fn relate(&mut self, place: usize) -> Option<Common> {
        let common = self.common(&self.list.get(place)?.set);
        if place == self.relations.len() {
            self.relations.push(common.with_each(), &self.lengths);
        }
        Some(common)
    }

    /// The records of an entry, or the others if they are fewer. Many sets are held against the same few entries, so they are kept, as
    /// long as there is room.
    pub(super) fn smaller_side(&self, place: usize) -> Option<Cow<'_, [u32]>> {
        let (set, side) = (&self.list.get(place)?.set, self.sides.get(place)?);
        if let Some(side) = side.get() {
            return Some(Cow::Borrowed(side));
        }
        let records = bits::smaller_side(set, self.records).1;
        let kept = self.kept.fetch_add(records.len(), Ordering::Relaxed);
        Some(if kept < KEPT { Cow::Borrowed(side.get_or_init(|| records)) } else { Cow::Owned(records) })
    }

    /// Forgets the records of smaller sides, which take much memory.
    pub(super) fn forget_sides(&mut self) {
        self.sides.iter_mut().for_each(|side| *side = OnceLock::new());
        self.kept = AtomicUsize::new(0);
    }

    /// How like some entries are to a set that has so much in common with each.
    pub(super) fn likenesses(&self, entries: &[usize], common: &Common) -> Vec<Likeness> {
        let size = |entry: usize| self.lengths.get(entry).copied().unwrap_or_default();
        let alike = |entry: &usize| likeness(common.with(*entry), [common.size, size(*entry)], self.records.into());
        entries.iter().map(alike).collect()
    }

    /// The longest stretches of more than two entries, one stored after the other, that are disjoint from each other.
    fn families(&self) -> impl Iterator<Item = Range<usize>> {
        let last = self.started..self.list.len();
        self.families.iter().cloned().chain(Some(last).filter(is_long))
    }

    /// Of things with the places of entries, in order, those in each of the families that have any.
    pub(super) fn by_family<'a, T>(
        &'a self,
        things: &'a [T],
        place: impl Fn(&T) -> usize + 'a,
    ) -> impl Iterator<Item = &'a [T]> {
        // Families may overlap; both their starts and their ends are in order.
        let (mut start, mut end) = (0, 0);
        let members = move |family: Range<usize>| {
            let first_from = |from: usize, bound: usize| {
                let before = things.get(from..).unwrap_or_default().iter().take_while(|thing| place(thing) < bound);
                from + before.count()
            };
            start = first_from(start, family.start);
            end = first_from(end.max(start), family.end);
            things.get(start..end).filter(|members| !members.is_empty())
        };
        self.families().filter_map(members)
    }

    /// The entry of this very set.
    pub(super) fn by_set(&self, set: &Set) -> Option<usize> {
        let sketch = sketch(set);
        let same = |index: &&usize| {
            self.sketches.get(**index) == Some(&sketch) && self.list.get(**index).is_some_and(|entry| entry.set == *set)
        };
        self.sizes.get(&set.len())?.iter().find(same).copied()
    }

    pub(super) fn push(&mut self, text: Text, set: Set, words: Option<Words>) -> usize {
        let index = self.list.len();
        self.texts.insert(text, index);
        self.sizes.entry(set.len()).or_default().push(index);
        self.sketches.push(sketch(&set));
        self.lengths.push(set.len());
        self.samples.push(self.sample(&set));
        self.crossings.push(&set, self.records);
        self.sides.push(OnceLock::new());
        if !self.family.is_disjoint(&set) {
            self.families.extend(Some(self.started..index).filter(is_long));
            let before = self.list.get(self.started..).unwrap_or_default();
            self.started += before.iter().rposition(|entry| !entry.set.is_disjoint(&set)).map_or(0, |last| last + 1);
            let rest = self.list.get(self.started..).unwrap_or_default();
            self.family = rest.iter().fold(Set::new(), |union, entry| union | &entry.set);
        }
        self.family |= &set;
        self.list.push(Entry { texts: vec![text], set, words });
        index
    }

    pub(super) fn name(&mut self, index: usize, text: Text) {
        if let Some(entry) = self.list.get_mut(index) {
            entry.texts.push(text);
            self.texts.insert(text, index);
        }
    }

    /// The earliest entry from which, or from all records but which, the set differs by fewer than `least` people.
    pub(super) fn near(&self, set: &Set, all_records: u32, people: &People, least: u64) -> Near {
        let reach = least.saturating_sub(1).saturating_mul(people.most());
        let (size, all) = (set.len(), u64::from(all_records));
        let (itself, all_of_it) = (sketch(set), sketch_of_all(all_records));
        let mut complement = all_of_it;
        for (place, count) in complement.iter_mut().zip(itself) {
            *place = place.saturating_sub(count);
        }
        // Whether the set differs by few people from the other, or from all records but the other.
        let differ_little = |other: &Set, side: Side| {
            let different = set.symmetric_difference_len(other);
            let records = match side {
                Side::Itself => different,
                Side::Complement => all.saturating_sub(different),
            };
            let is_sure = records < least || records > reach;
            if is_sure { records < least } else { people.are_few(&difference(set, other, side, all_records), least) }
        };
        let mut found: Option<(usize, Side)> = None;
        let mut scan = |size: u64, sketch: &Sketch, side: Side| {
            let window = self.sizes.range(size.saturating_sub(reach)..=size.saturating_add(reach));
            for entries in window.map(|(_, entries)| entries) {
                // Within a size the first that is close is the earliest.
                let earliest = found.map_or(usize::MAX, |(first, _)| first);
                let is_close = |index: &usize| {
                    self.sketches.get(*index).is_some_and(|other| within(sketch, other, reach))
                        && self.list.get(*index).is_some_and(|entry| differ_little(&entry.set, side))
                };
                let close = entries.iter().take_while(|index| **index < earliest).find(|index| is_close(index));
                found = close.map(|index| (*index, side)).or(found);
            }
        };
        scan(size, &itself, Side::Itself);
        scan(all.saturating_sub(size), &complement, Side::Complement);
        found.map_or(Near::Far, |(entry, side)| Near::Close { entry, side })
    }
}

fn is_long(family: &Range<usize>) -> bool {
    family.len() > 2
}

/// The records in which the set differs from the other, or from all records but the other.
fn difference(set: &Set, other: &Set, side: Side, all_records: u32) -> Set {
    let different = set ^ other;
    match side {
        Side::Itself => different,
        Side::Complement => bits::all_but(&different, all_records),
    }
}

/// Whether the sketches leave it open that the sets differ by no more than `reach` records.
fn within(left: &Sketch, right: &Sketch, reach: u64) -> bool {
    let different: u64 = left.iter().zip(right).map(|(left, right)| u64::from(left.abs_diff(*right))).sum();
    different <= reach
}

pub(super) fn sketch(set: &Set) -> Sketch {
    let mut sketch = [0; 16];
    set.iter().for_each(|record| {
        if let Some(count) = sketch.get_mut(bucket(record)) {
            *count += 1;
        }
    });
    sketch
}

fn sketch_of_all(records: u32) -> Sketch {
    let mut sketch = [0; 16];
    let (turns, rest) = (records >> 12, records & 0xfff);
    for (index, count) in (0..).zip(&mut sketch) {
        *count = (turns << 8) + rest.saturating_sub(index << 8).min(1 << 8);
    }
    sketch
}

/// Stretches of 256 records go round the sixteen counts.
fn bucket(record: u32) -> usize {
    record as usize >> 8 & 15
}
