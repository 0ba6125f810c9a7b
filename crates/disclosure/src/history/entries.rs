//! What was released, and which of it is near a set (the pair rule, disclosure.md 2.3).

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use super::{Entry, Near, Set, Side, Text, people::People};

/// Counts of a set's records by place, to tell unlike sets apart without looking at them.
pub(super) type Sketch = [u32; 16];

/// All entries, by text and by size.
#[derive(Default)]
pub(super) struct Entries {
    list: Vec<Entry>,
    texts: HashMap<Text, usize>,
    /// The entries of each size, the earliest first.
    sizes: BTreeMap<u64, Vec<usize>>,
    sketches: Vec<Sketch>,
    /// For each entry the first of those stored right before it that are disjoint from it and from each other: mostly
    /// the cells of one table.
    families: Vec<usize>,
    /// The union of the last entry and those before it in its family.
    family: Set,
    /// Which entries lie within the first.
    within_first: Set,
}

impl Entries {
    pub(super) fn list(&self) -> &[Entry] {
        &self.list
    }

    pub(super) fn by_text(&self, text: &Text) -> Option<usize> {
        self.texts.get(text).copied()
    }

    /// The entries with their sketches, in the order of storing.
    pub(super) fn sketched(&self) -> impl Iterator<Item = (&Set, &Sketch)> {
        self.list.iter().map(|entry| &entry.set).zip(&self.sketches)
    }

    /// Whether an entry lies within the first.
    pub(super) fn is_within_first(&self, index: usize) -> bool {
        self.within_first.contains(index as u32)
    }

    /// The longest stretches of entries, one stored after the other, that are disjoint from each other.
    pub(super) fn families(&self) -> impl Iterator<Item = Range<usize>> {
        let next = self.families.iter().skip(1).map(Some).chain([None]);
        let starts = self.families.iter().zip(next).enumerate();
        starts.filter(|(_, (start, next))| Some(*start) != *next).map(|(last, (start, _))| *start..last + 1)
    }

    /// The entry of this very set.
    pub(super) fn by_set(&self, set: &Set) -> Option<usize> {
        let sketch = sketch(set);
        let same = |index: &&usize| {
            self.sketches.get(**index) == Some(&sketch) && self.list.get(**index).is_some_and(|entry| entry.set == *set)
        };
        self.sizes.get(&set.len())?.iter().find(same).copied()
    }

    pub(super) fn push(&mut self, text: Text, set: Set) -> usize {
        let index = self.list.len();
        self.texts.insert(text, index);
        self.sizes.entry(set.len()).or_default().push(index);
        self.sketches.push(sketch(&set));
        if self.list.first().is_none_or(|first| set.is_subset(&first.set)) {
            self.within_first.insert(index as u32);
        }
        let mut first = self.families.last().copied().unwrap_or_default();
        if !self.family.is_disjoint(&set) {
            let before = self.list.get(first..).unwrap_or_default();
            first += before.iter().rposition(|entry| !entry.set.is_disjoint(&set)).map_or(0, |last| last + 1);
            let rest = self.list.get(first..).unwrap_or_default();
            self.family = rest.iter().fold(Set::new(), |union, entry| union | &entry.set);
        }
        self.families.push(first);
        self.family |= &set;
        self.list.push(Entry { texts: vec![text], set });
        index
    }

    pub(super) fn name(&mut self, index: usize, text: Text) {
        if let Some(entry) = self.list.get_mut(index) {
            entry.texts.push(text);
            self.texts.insert(text, index);
        }
    }

    /// Bytes.
    pub(super) fn memory(&self) -> usize {
        let sets: usize = self.list.iter().map(|entry| entry.set.serialized_size()).sum();
        // An entry's own fields, its sketch, its places among the sizes and the families; a text is kept twice, with its index.
        let entry = size_of::<Entry>() + size_of::<Sketch>() + 2 * size_of::<usize>();
        sets + self.list.len() * entry + self.texts.len() * (2 * size_of::<Text>() + size_of::<usize>())
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

/// The records in which the set differs from the other, or from all records but the other.
fn difference(set: &Set, other: &Set, side: Side, all_records: u32) -> Set {
    let different = set ^ other;
    match side {
        Side::Itself => different,
        Side::Complement => {
            let mut all = Set::new();
            all.insert_range(0..all_records);
            all - different
        }
    }
}

/// Whether the sketches leave it open that the sets differ by no more than `reach` records.
fn within(left: &Sketch, right: &Sketch, reach: u64) -> bool {
    let different: u64 = left.iter().zip(right).map(|(left, right)| u64::from(left.abs_diff(*right))).sum();
    different <= reach
}

pub(super) fn sketch(set: &Set) -> Sketch {
    let mut sketch = [0; 16];
    for record in set {
        if let Some(count) = sketch.get_mut(bucket(record)) {
            *count += 1;
        }
    }
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
