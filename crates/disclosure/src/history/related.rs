//! The stored sets that have most to do with some others.
//!
//! In a long history nearly every record is in a class of its own, and unions of three or four classes are too many to look
//! at. But a sum over few people that few sets combine to is made of sets that cover each other: each of them has much in
//! common with another. The classes that these alone make are few, and the people are together in one of them.

use std::collections::BinaryHeap;

/// How far the search goes for three and four people in a long history.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    /// How many sets are taken at most.
    kin: usize,
    /// The most small classes among which people are looked for.
    pub(super) classes: usize,
}

/// For one set by itself.
pub(super) const ALONE: Extent = Extent { kin: 32, classes: 500 };

/// For sets that leave together, which share their kin.
pub(super) const TOGETHER: Extent = Extent { kin: 64, classes: 1_000 };

/// How much two sets have to do with each other: the squared correlation of being in one and being in the other, with
/// [`u32::MAX`] for one.
pub(super) type Likeness = u32;

/// The likeness of sets of these sizes with so many records in common, of so many.
pub(super) fn likeness(common: u64, sizes: [u64; 2], records: u64) -> Likeness {
    let ([one, other], records) = (sizes.map(|size| size as f64), records as f64);
    let spread = one * (records - one) * other * (records - other);
    if spread <= 0.0 {
        return 0;
    }
    let squared = (records * common as f64 - one * other).powi(2) / spread;
    (squared * f64::from(Likeness::MAX)) as Likeness
}

/// Which sets are most like each other.
#[derive(Default)]
pub(super) struct Kin {
    /// Of each set those of the others that are most like it. No more than are taken: when all of these are, there is no place for
    /// others.
    nearest: Vec<Vec<(Likeness, usize)>>,
}

impl Kin {
    /// Adds a set, given how like it is to each of those before.
    pub(super) fn push(&mut self, likenesses: &[Likeness]) {
        let new = self.nearest.len();
        let mut own = Vec::new();
        for ((place, nearest), likeness) in self.nearest.iter_mut().enumerate().zip(likenesses) {
            keep(nearest, (*likeness, new));
            keep(&mut own, (*likeness, place));
        }
        self.nearest.push(own);
    }

    /// The places of as many sets as the extent has. The next is always the one most like what is asked about, given by `likenesses`, or most
    /// like one taken before.
    pub(super) fn related(&self, mut likenesses: Vec<Likeness>, extent: Extent) -> Vec<usize> {
        let mut next: BinaryHeap<(Likeness, usize)> = likenesses.iter().copied().zip(0..).collect();
        let mut taken = Vec::new();
        while taken.len() < extent.kin
            && let Some((_, place)) = next.pop()
        {
            if taken.contains(&place) {
                continue;
            }
            taken.push(place);
            for (likeness, near) in self.nearest.get(place).into_iter().flatten() {
                if let Some(best) = likenesses.get_mut(*near).filter(|best| **best < *likeness) {
                    *best = *likeness;
                    next.push((*likeness, *near));
                }
            }
        }
        taken
    }
}

/// Keeps those most alike of all that came.
fn keep(nearest: &mut Vec<(Likeness, usize)>, new: (Likeness, usize)) {
    if nearest.len() < TOGETHER.kin {
        nearest.push(new);
    } else if let Some(least) = nearest.iter_mut().min()
        && least.0 < new.0
    {
        *least = new;
    }
}
