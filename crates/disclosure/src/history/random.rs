//! Numbers nobody outside can foresee: the stream of `ChaCha8` (Bernstein, "`ChaCha`, a variant of Salsa20", 2008), by a
//! secret key. The same key and stream give the same numbers, so that the module stays pure.

use super::field::PRIME;

/// What the numbers are drawn for; each has a stream of its own.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// Vectors kept for later.
    Kept = 1,
    /// Vectors drawn for one question.
    Once = 2,
    /// Records looked at first.
    Search = 3,
}

/// A stream of numbers below the prime.
pub(super) struct Stream {
    state: [u32; 16],
    block: [u64; 8],
    next: usize,
}

impl Stream {
    pub(super) fn new(seed: &[u8; 32], purpose: Purpose, number: u64) -> Self {
        let mut state = [0; 16];
        let constants = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];
        let key = seed.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word));
        // Then a counter of one word, what for, and the number of the stream.
        let rest = [0, purpose as u32, number as u32, (number >> 32) as u32];
        for (place, word) in state.iter_mut().zip(constants.into_iter().chain(key).chain(rest)) {
            *place = word;
        }
        Self { state, block: [0; 8], next: 8 }
    }

    /// The stream of the published test vectors: key, counter and nonce all noughts.
    #[cfg(test)]
    pub(super) fn zero() -> Self {
        let mut stream = Self::new(&[0; 32], Purpose::Kept, 0);
        stream.state[13] = 0;
        stream
    }

    /// The next number below the prime, all equally likely.
    #[inline]
    pub(super) fn number(&mut self) -> u64 {
        loop {
            if let Some(word) = self.block.get(self.next) {
                self.next += 1;
                let number = *word & PRIME;
                if number != PRIME {
                    return number;
                }
            } else {
                self.refill();
            }
        }
    }

    fn refill(&mut self) {
        let [mut a, mut b, mut c, mut d] = self.quarters();
        for _ in 0..4 {
            round(&mut a, &mut b, &mut c, &mut d);
            // The diagonals become columns, and back.
            (b, c, d) = (turned(b), turned(turned(c)), turned(turned(turned(d))));
            round(&mut a, &mut b, &mut c, &mut d);
            (b, c, d) = (turned(turned(turned(b))), turned(turned(c)), turned(d));
        }
        let words = [a, b, c, d];
        let pairs = words.as_flattened().as_chunks::<2>().0.iter().zip(self.state.as_chunks::<2>().0);
        for (place, ([low, high], [low_start, high_start])) in self.block.iter_mut().zip(pairs) {
            *place = u64::from(low.wrapping_add(*low_start)) | u64::from(high.wrapping_add(*high_start)) << 32;
        }
        // 2^32 blocks hold more numbers than a stream is ever asked for: a stream serves one refill of the pool.
        if let Some(counter) = self.state.get_mut(12) {
            *counter = counter.wrapping_add(1);
        }
        self.next = 0;
    }

    fn quarters(&self) -> [[u32; 4]; 4] {
        let mut quarters = [[0; 4]; 4];
        for (place, quarter) in quarters.iter_mut().zip(self.state.as_chunks::<4>().0) {
            *place = *quarter;
        }
        quarters
    }
}

/// One place on, the first last. Not `rotate_left` of a slice, which moves memory.
fn turned([first, second, third, fourth]: [u32; 4]) -> [u32; 4] {
    [second, third, fourth, first]
}

/// Four quarter rounds side by side.
fn round(a: &mut [u32; 4], b: &mut [u32; 4], c: &mut [u32; 4], d: &mut [u32; 4]) {
    for (first, last) in [(16, 12), (8, 7)] {
        step(a, b, d, first);
        step(c, d, b, last);
    }
}

/// `sum += other; mixed = (mixed ^ sum) <<< bits`.
fn step(sum: &mut [u32; 4], other: &[u32; 4], mixed: &mut [u32; 4], bits: u32) {
    for ((sum, other), mixed) in sum.iter_mut().zip(other).zip(mixed) {
        *sum = sum.wrapping_add(*other);
        *mixed = (*mixed ^ *sum).rotate_left(bits);
    }
}
