//! How many records a set has in common with each of many, counted for 64 of them at once.

use super::Set;

/// Sets of which a block tells.
const BLOCK: usize = u64::BITS as usize;

/// Which of the sets each record is in.
#[derive(Default)]
pub(super) struct Crossings {
    /// Of each 64 sets, by record, a bit for each of them.
    blocks: Vec<Vec<u64>>,
    /// How many records each set has.
    sizes: Vec<u32>,
}

impl Crossings {
    /// Adds a set of some of so many records.
    pub(super) fn push(&mut self, set: &Set, records: u32) {
        let bit = 1 << (self.sizes.len() % BLOCK);
        if bit == 1 {
            self.blocks.push(Vec::new());
        }
        self.sizes.push(set.len() as u32);
        let Some(block) = self.blocks.last_mut() else { return };
        block.resize(block.len().max(records as usize), 0);
        for record in set {
            if let Some(sets) = block.get_mut(record as usize) {
                *sets |= bit;
            }
        }
    }

    /// How many records of the set are in each of the sets, in their order.
    pub(super) fn common(&self, set: &Set, records: u32) -> Vec<u32> {
        // Whatever of a set is not among the others is in it.
        let are_others = set.len() > u64::from(records) / 2;
        let counted: Vec<u32> = if are_others {
            let mut others = Set::new();
            others.insert_range(0..records);
            (others - set).iter().collect()
        } else {
            set.iter().collect()
        };
        let mut common: Vec<u32> = self.blocks.iter().flat_map(|block| count(block, &counted)).collect();
        common.truncate(self.sizes.len());
        if are_others {
            for (common, size) in common.iter_mut().zip(&self.sizes) {
                *common = size - *common;
            }
        }
        common
    }

    /// Bytes.
    pub(super) fn memory(&self) -> usize {
        let words: usize = self.blocks.iter().map(Vec::capacity).sum();
        words * size_of::<u64>() + self.sizes.capacity() * size_of::<u32>()
    }
}

/// How many of these records are in each set of a block. The counts of all sets are kept digit by digit, and are added to like
/// numbers on paper.
fn count(block: &[u64], records: &[u32]) -> [u32; BLOCK] {
    let mut digits = [0_u64; u32::BITS as usize];
    for record in records {
        let mut carry = block.get(*record as usize).copied().unwrap_or_default();
        for digit in &mut digits {
            if carry == 0 {
                break;
            }
            (*digit, carry) = (*digit ^ carry, *digit & carry);
        }
    }
    let mut counts = [0; BLOCK];
    for (value, digit) in digits.iter().enumerate().filter(|(_, digit)| **digit != 0) {
        for (set, count) in counts.iter_mut().enumerate() {
            *count |= ((digit >> set & 1) as u32) << value;
        }
    }
    counts
}
