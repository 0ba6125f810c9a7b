//! Sets of small numbers, a bit for each: places in a list, or records that are looked for many times. And the records of a set as a
//! list.

use super::{Set, Side};

/// The records of a set in order, one beside the other: to go through them again and again, or faster than by the set's own steps.
pub(super) fn records(set: &Set) -> Vec<u32> {
    let mut records = Vec::with_capacity(set.len() as usize);
    set.iter().for_each(|record| records.push(record));
    records
}

/// The records of a set, or those of the others if they are fewer: whatever tells a set from the others tells the others from it.
pub(super) fn smaller_side(set: &Set, all_records: u32) -> (Side, Vec<u32>) {
    if set.len() <= u64::from(all_records) / 2 {
        (Side::Itself, records(set))
    } else {
        (Side::Complement, records(&all_but(set, all_records)))
    }
}

/// All records but those of a set.
pub(super) fn all_but(set: &Set, all_records: u32) -> Set {
    let mut all = Set::new();
    all.insert_range(0..all_records);
    all - set
}

/// Numbers below 64 times that of the blocks; there are none above.
#[derive(Clone, Default)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// The records of a set.
    pub(super) fn of(set: &Set) -> Self {
        let mut blocks = vec![0_u64; set.max().map_or(0, |last| last as usize / 64 + 1)];
        set.iter().for_each(|record| {
            if let Some(block) = blocks.get_mut(record as usize / 64) {
                *block |= 1 << (record % 64);
            }
        });
        Self(blocks)
    }

    /// Whether a record is among them.
    #[inline]
    pub(super) fn has(&self, record: u32) -> bool {
        self.contains(record as usize)
    }

    pub(super) fn insert(&mut self, place: usize) {
        let word = place / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1 << (place % 64);
        }
    }

    #[inline]
    pub(super) fn contains(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }
}
