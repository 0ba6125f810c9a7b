//! Some records of a set, a bit each: enough to see without looking at two sets that they have little to do with each other.

use super::Set;

/// Words of a sample.
const WORDS: usize = 16;

/// The records that are looked at: one in so many, so that all of them have a bit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Sampling {
    step: u32,
}

/// Whether each of the records looked at is in a set.
#[derive(Clone, Copy)]
pub(super) struct Sample([u64; WORDS]);

impl Sampling {
    pub(super) fn of(records: u32) -> Self {
        Self { step: records.div_ceil(64 * WORDS as u32).max(1) }
    }

    pub(super) fn sample(self, set: &Set) -> Sample {
        let mut words = [0; WORDS];
        let mut note = |record: u32| {
            if let Some(word) = words.get_mut((record / 64) as usize) {
                *word |= 1 << (record % 64);
            }
        };
        let looked_at = 64 * WORDS as u32;
        if self.step == 1 {
            set.iter().for_each(note);
        } else if set.len() < u64::from(8 * looked_at) {
            set.iter().filter(|record| record % self.step == 0).for_each(|record| note(record / self.step));
        } else {
            (0..looked_at).filter(|record| set.contains(record * self.step)).for_each(note);
        }
        Sample(words)
    }
}

impl Sample {
    /// The least number of records that a set of this sample has outside one of the other.
    pub(super) fn lack(&self, outer: &Self) -> u64 {
        self.0.iter().zip(&outer.0).map(|(inner, outer)| u64::from((inner & !outer).count_ones())).sum()
    }

    /// The least number of records that two sets have in common.
    pub(super) fn common(&self, other: &Self) -> u64 {
        self.0.iter().zip(&other.0).map(|(one, other)| u64::from((one & other).count_ones())).sum()
    }

    /// Takes in the records of another set.
    pub(super) fn extend(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

    /// That of all records in any of the sets.
    pub(super) fn union<'a>(samples: impl Iterator<Item = &'a Self>) -> Self {
        let mut union = Self([0; WORDS]);
        samples.for_each(|sample| union.extend(sample));
        union
    }

    /// That of the records that are not in the other set.
    pub(super) fn minus(&self, other: &Self) -> Self {
        let mut words = self.0;
        for (word, other) in words.iter_mut().zip(&other.0) {
            *word &= !other;
        }
        Self(words)
    }
}
