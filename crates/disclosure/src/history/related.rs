//! The stored sets that have most to do with some others.
//!
//! In a long history nearly every record is in a class of its own, and unions of three or four classes are too many to look
//! at. But a sum over few people that few sets combine to is made of sets that cover each other: each of them has much in
//! common with another. The classes that these alone make are few, and the people are together in one of them.

use rayon::prelude::*;

use super::{Set, bits};

/// How many sets are taken at most, and kept of those that are most like one.
const TAKEN: usize = 32;

/// The number of bins of a likeness.
const BINS: usize = 128;

/// Enough of a set to guess how much it has in common with another: its size, and of the hashes of its records the least
/// in each bin (`MinHash` with one permutation; Li, Owen and Zhang, NIPS 2012).
#[derive(Clone)]
struct Likeness {
    size: f64,
    least: [u16; BINS],
    is_full: bool,
}

impl Likeness {
    fn of(set: &Set) -> Self {
        let mut least = [u16::MAX; BINS];
        for record in bits::records(set) {
            // The last step of SplitMix64; nothing depends on the hash being hard to foresee but the order of the search.
            let hash = (u64::from(record) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            if let Some(place) = least.get_mut((hash >> 57) as usize) {
                *place = (*place).min((hash >> 32) as u16);
            }
        }
        Self { size: set.len() as f64, least, is_full: !least.contains(&u16::MAX) }
    }

    /// About the squared correlation of being in one set and being in the other; nought if it is no more than `least`.
    fn correlation(&self, other: &Self, records: f64, least: f64) -> f64 {
        let spread = self.size * (records - self.size) * other.size * (records - other.size);
        let squared = |common: f64| (records * common - self.size * other.size).powi(2) / spread;
        // As different and as alike as sets of these sizes can be.
        let most = self.size.min(other.size);
        if spread <= 0.0 || squared(0.0).max(squared(most)) <= least {
            return 0.0;
        }
        let same = self.count(other, |one, other| one == other);
        let is_full = self.is_full || other.is_full;
        let empty = if is_full { 0 } else { self.count(other, |one, other| one & other == u16::MAX) };
        let share = f64::from(same - empty) / f64::from(BINS as u16 - empty).max(1.0);
        squared((share * (self.size + other.size) / (1.0 + share)).min(most))
    }

    /// The number of bins of which it holds.
    #[inline]
    fn count(&self, other: &Self, holds: impl Fn(u16, u16) -> bool) -> u16 {
        let bins = self.least.iter().zip(&other.least);
        // Not a checked sum: there are few bins, and the check would keep the compiler from doing many at once.
        bins.fold(0, |count: u16, (one, other)| count.wrapping_add(u16::from(holds(*one, *other))))
    }
}

/// Sets, and which of them are most like each other.
#[derive(Default)]
pub(super) struct Kin {
    sets: Vec<Likeness>,
    /// Of each set those of the others that are most like it, each with its correlation. No more than are taken: when all of these
    /// are, there is no place for others.
    nearest: Vec<Vec<(f64, usize)>>,
}

impl Kin {
    /// Adds a set; `records` is how many the universe has.
    pub(super) fn push(&mut self, set: &Set, records: usize) {
        let (new, likeness) = (self.sets.len(), Likeness::of(set));
        let mut own = Vec::new();
        for ((place, other), nearest) in self.sets.iter().enumerate().zip(&mut self.nearest) {
            let correlation = likeness.correlation(other, records as f64, 0.0);
            keep(nearest, (correlation, new));
            keep(&mut own, (correlation, place));
        }
        self.sets.push(likeness);
        self.nearest.push(own);
    }

    /// The places of up to 32 sets: time and again the one most like one of `sets`, their union, or one already taken.
    pub(super) fn related(&self, sets: &[&Set], records: usize) -> Vec<usize> {
        let union = || sets.iter().fold(Set::new(), |union, set| union | *set);
        let seeds = sets.iter().map(|set| Likeness::of(set));
        let seeds: Vec<Likeness> = (sets.len() > 1).then(|| Likeness::of(&union())).into_iter().chain(seeds).collect();
        let meet =
            |set: &Likeness| seeds.iter().fold(0.0, |best, seed| seed.correlation(set, records as f64, best).max(best));
        let mut best: Vec<(f64, bool)> = self.sets.par_iter().map(|set| (meet(set), true)).collect();
        let mut taken = Vec::new();
        while taken.len() < TAKEN {
            let left = best.iter().enumerate().filter(|(_, (_, is_left))| *is_left);
            let Some((place, _)) = left.max_by(|(_, one), (_, other)| one.0.total_cmp(&other.0)) else { break };
            if let Some((_, is_left)) = best.get_mut(place) {
                *is_left = false;
            }
            for (correlation, near) in self.nearest.get(place).into_iter().flatten() {
                if let Some((best, _)) = best.get_mut(*near) {
                    *best = best.max(*correlation);
                }
            }
            taken.push(place);
        }
        taken
    }

    /// Bytes.
    pub(super) fn memory(&self) -> usize {
        let near: usize = self.nearest.iter().map(Vec::capacity).sum();
        near * size_of::<(f64, usize)>()
            + self.sets.capacity() * (size_of::<Likeness>() + size_of::<Vec<(f64, usize)>>())
    }
}

/// Keeps the most correlated of all that came.
fn keep(nearest: &mut Vec<(f64, usize)>, new: (f64, usize)) {
    if nearest.len() < TAKEN {
        nearest.push(new);
    } else if let Some(least) = nearest.iter_mut().min_by(|one, other| one.0.total_cmp(&other.0))
        && least.0 < new.0
    {
        *least = new;
    }
}
