//! How released sets lie to each other, looked up once and kept: two bits a pair, each way.

use super::{Entry, bits::Bits, sample::Sample};

/// Of each set, which of all sets noted so far lie within it, and which have nothing in common with it.
#[derive(Default)]
pub(super) struct Relations {
    within: Vec<Bits>,
    apart: Vec<Bits>,
}

impl Relations {
    /// How many sets are noted.
    pub(super) fn len(&self) -> usize {
        self.within.len()
    }

    /// Takes note of the sets that were added since.
    pub(super) fn extend(&mut self, list: &[Entry], samples: &[Sample]) {
        for (new, (entry, sample)) in list.iter().zip(samples).enumerate().skip(self.len()) {
            let (mut own_within, mut own_apart) = (Bits::default(), Bits::default());
            own_within.insert(new);
            let bits = Bits::of(&entry.set);
            let noted = self.within.iter_mut().zip(&mut self.apart);
            for ((place, (other, other_sample)), (within, apart)) in list.iter().zip(samples).enumerate().zip(noted) {
                if other_sample.lack(sample) == 0 && other.set.iter().all(|record| bits.has(record)) {
                    own_within.insert(place);
                }
                if sample.lack(other_sample) == 0 && entry.set.is_subset(&other.set) {
                    within.insert(new);
                }
                if sample.common(other_sample) == 0 && !other.set.iter().any(|record| bits.has(record)) {
                    own_apart.insert(place);
                    apart.insert(new);
                }
            }
            self.within.push(own_within);
            self.apart.push(own_apart);
        }
    }

    /// Which sets lie within one that is noted, itself among them.
    pub(super) fn within(&self, outer: usize) -> Option<&Bits> {
        self.within.get(outer)
    }

    /// Which sets have nothing in common with one that is noted.
    pub(super) fn apart(&self, one: usize) -> Option<&Bits> {
        self.apart.get(one)
    }

    /// Bytes.
    pub(super) fn memory(&self) -> usize {
        self.within.iter().chain(&self.apart).map(Bits::memory).sum()
    }
}
