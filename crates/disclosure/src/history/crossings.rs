//! How many records a set has in common with each of many, counted for 512 of them at once: 64 bytes a record for each 512, which is
//! 64 MB for 10,000 sets of 50,000 people.

use super::{Set, Side, bits};

/// Words with a bit for each set: as many as a processor reads from memory at once.
const WORDS: usize = 8;

/// Sets of which a block tells.
const BLOCK: usize = WORDS * u64::BITS as usize;

/// A bit for each set of a block.
type Line = [u64; WORDS];

/// How many records of a set each of many has.
pub(super) struct Common {
    /// How many records the set has.
    pub(super) size: u64,
    with: Vec<u32>,
}

impl Common {
    /// With each of the others, in their order.
    pub(super) fn with_each(&self) -> &[u32] {
        &self.with
    }

    /// With the one of this place.
    pub(super) fn with(&self, place: usize) -> u64 {
        self.with.get(place).copied().unwrap_or_default().into()
    }
}

/// Which of the sets each record is in.
#[derive(Default)]
pub(super) struct Crossings {
    /// Of each block of sets, by record, which of them it is in.
    blocks: Vec<Vec<Line>>,
    /// How many records each set has.
    sizes: Vec<u32>,
}

impl Crossings {
    /// Adds a set; `records` is how many the universe has.
    pub(super) fn push(&mut self, set: &Set, records: u32) {
        let place = self.sizes.len() % BLOCK;
        if place == 0 {
            self.blocks.push(Vec::new());
        }
        self.sizes.push(set.len() as u32);
        let Some(block) = self.blocks.last_mut() else { return };
        block.resize(block.len().max(records as usize), [0; WORDS]);
        set.iter().for_each(|record| {
            if let Some(sets) = block.get_mut(record as usize).and_then(|line| line.get_mut(place / 64)) {
                *sets |= 1 << (place % 64);
            }
        });
    }

    /// How many records of the set are in each of the sets.
    pub(super) fn common(&self, set: &Set, records: u32) -> Common {
        let (side, counted) = bits::smaller_side(set, records);
        let mut common: Vec<u32> = self.blocks.iter().flat_map(|block| count(block, &counted)).collect();
        common.truncate(self.sizes.len());
        // Whatever of a set is not among the others is in it.
        if side == Side::Complement {
            for (common, size) in common.iter_mut().zip(&self.sizes) {
                *common = size - *common;
            }
        }
        Common { size: set.len(), with: common }
    }
}

/// How many of these records are in each set of a block: the counts of all its sets digit by digit, in base two.
fn count(block: &[Line], records: &[u32]) -> Vec<u32> {
    let mut digits = [Digit::default(); u32::BITS as usize];
    for record in records {
        let mut line = block.get(*record as usize).copied().unwrap_or_default();
        for digit in &mut digits {
            let Some(carry) = digit.take(line) else { break };
            line = carry;
        }
    }
    // What still waits is added at the end, with what the digit before carries.
    let mut carry = [0; WORDS];
    let mut counts = vec![0; BLOCK];
    for (value, digit) in digits.iter_mut().enumerate() {
        let waiting = digit.waiting.take().unwrap_or_default();
        carry = digit.add(&waiting, &carry);
        for (counts, word) in counts.chunks_mut(64).zip(digit.sum) {
            for (set, count) in counts.iter_mut().enumerate().filter(|_| word != 0) {
                *count |= ((word >> set & 1) as u32) << value;
            }
        }
    }
    counts
}

/// A digit of many counts, added to by two at a time, so that what is carried is half as much at each next digit (carry-save
/// adders; Muła, Kurz and Lemire, The Computer Journal 61(1), 2018).
#[derive(Clone, Copy, Default)]
struct Digit {
    sum: Line,
    waiting: Option<Line>,
}

impl Digit {
    /// Takes in one for each set of the line; what is carried, if it was the second.
    fn take(&mut self, line: Line) -> Option<Line> {
        if let Some(other) = self.waiting.take() {
            return Some(self.add(&other, &line));
        }
        self.waiting = Some(line);
        None
    }

    /// Adds two to each digit; what is carried.
    fn add(&mut self, one: &Line, other: &Line) -> Line {
        let mut carry = [0; WORDS];
        for (((sum, one), other), carry) in self.sum.iter_mut().zip(one).zip(other).zip(&mut carry) {
            let half = one ^ other;
            *carry = (one & other) | (half & *sum);
            *sum ^= half;
        }
        carry
    }
}
