//! How released sets lie to each other, looked up once and kept: two bits a pair, each way.

use super::bits::Bits;

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

    /// Takes note of the next set, given how much it has in common with each, and how large they are.
    pub(super) fn push(&mut self, common: &[u32], sizes: &[u64]) {
        let new = self.len();
        let own = sizes.get(new).copied().unwrap_or_default();
        let (mut own_within, mut own_apart) = (Bits::default(), Bits::default());
        own_within.insert(new);
        let noted = self.within.iter_mut().zip(&mut self.apart);
        for ((place, (common, size)), (within, apart)) in common.iter().zip(sizes).enumerate().zip(noted) {
            let common = u64::from(*common);
            if common == *size {
                own_within.insert(place);
            }
            if common == own {
                within.insert(new);
            }
            if common == 0 {
                own_apart.insert(place);
                apart.insert(new);
            }
        }
        self.within.push(own_within);
        self.apart.push(own_apart);
    }

    /// Which sets lie within one that is noted, itself among them.
    pub(super) fn within(&self, outer: usize) -> Option<&Bits> {
        self.within.get(outer)
    }

    /// Which sets have nothing in common with one that is noted.
    pub(super) fn apart(&self, one: usize) -> Option<&Bits> {
        self.apart.get(one)
    }
}
