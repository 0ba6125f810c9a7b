//! Whole numbers modulo the prime 2^61 - 1 (disclosure.md 2.4).
//!
//! Every number is below [`PRIME`]. Sums of a few of them fit 64 bits and sums of products 128, so that long sums are
//! reduced now and then only. They are not checked for overflow, which their bounds exclude, because the checks would keep
//! the compiler from doing several at once.

/// The prime, 2^61 - 1.
pub(super) const PRIME: u64 = (1 << 61) - 1;

/// How many products of two numbers 128 bits hold, with a number to spare.
const PRODUCTS: usize = 32;

/// How many numbers may be added to a folded one before it is folded again.
const SUMMANDS: usize = 6;

/// `value` modulo the prime.
#[inline]
pub(super) fn reduce(value: u128) -> u64 {
    let low = (value as u64) & PRIME;
    let middle = ((value >> 61) as u64) & PRIME;
    let high = (value >> 122) as u64;
    whole(low + middle + high)
}

/// `value` modulo the prime.
#[inline]
pub(super) fn whole(value: u64) -> u64 {
    let folded = fold(value);
    if folded >= PRIME { folded - PRIME } else { folded }
}

/// A number of at most 2^61 + 6 that is `value` modulo the prime.
#[inline]
fn fold(value: u64) -> u64 {
    (value & PRIME) + (value >> 61)
}

#[inline]
pub(super) fn add(left: u64, right: u64) -> u64 {
    let sum = left + right;
    if sum >= PRIME { sum - PRIME } else { sum }
}

#[inline]
pub(super) fn negative(value: u64) -> u64 {
    if value == 0 { 0 } else { PRIME - value }
}

#[inline]
pub(super) fn subtract(left: u64, right: u64) -> u64 {
    add(left, negative(right))
}

#[inline]
pub(super) fn multiply(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    // The lower half is at most the prime and the upper one below it, so that to take the prime away once is enough.
    add((product as u64) & PRIME, (product >> 61) as u64)
}

/// One over `value`; nought for nought.
pub(super) fn inverse(value: u64) -> u64 {
    let (mut power, mut exponent, mut result) = (value, PRIME - 2, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply(result, power);
        }
        power = multiply(power, power);
        exponent >>= 1;
    }
    result
}

/// How many products are made side by side, none waiting for another.
const LANES: usize = 8;

/// One over each of `values`, by one inversion for all; nought for nought.
pub(super) fn inverses(values: &[u64]) -> Vec<u64> {
    let mut products = [1; LANES];
    let mut before = Vec::with_capacity(values.len());
    for values in values.chunks(LANES) {
        for (product, value) in products.iter_mut().zip(values) {
            before.push(*product);
            *product = multiply(*product, if *value == 0 { 1 } else { *value });
        }
    }
    let mut rests = products.map(inverse);
    for (places, values) in before.chunks_mut(LANES).zip(values.chunks(LANES)).rev() {
        for ((place, value), rest) in places.iter_mut().zip(values).zip(&mut rests) {
            if *value == 0 {
                *place = 0;
            } else {
                *place = multiply(*place, *rest);
                *rest = multiply(*rest, *value);
            }
        }
    }
    before
}

/// The sum of the products, over the shorter of the two.
#[inline]
pub(super) fn dot(left: &[u64], right: &[u64]) -> u64 {
    let mut sum = 0;
    for (left, right) in left.chunks(PRODUCTS).zip(right.chunks(PRODUCTS)) {
        let products = left.iter().zip(right).map(|(left, right)| u128::from(*left) * u128::from(*right));
        sum = add(sum, reduce(products.fold(0, u128::wrapping_add)));
    }
    sum
}

/// Takes `factor` times `row` from `target`.
#[inline]
pub(super) fn take(target: &mut [u64], factor: u64, row: &[u64]) {
    let factor = negative(factor);
    for (target, value) in target.iter_mut().zip(row) {
        *target = reduce(u128::from(*target) + u128::from(factor) * u128::from(*value));
    }
}

/// A sum of rows that grows row by row.
pub(super) struct Sum {
    values: Vec<u64>,
    unfolded: usize,
}

impl Sum {
    pub(super) fn new(width: usize) -> Self {
        Self { values: vec![0; width], unfolded: 0 }
    }

    #[inline]
    pub(super) fn add(&mut self, row: &[u64]) {
        for (sum, value) in self.values.iter_mut().zip(row) {
            *sum = sum.wrapping_add(*value);
        }
        self.unfolded += 1;
        if self.unfolded == SUMMANDS {
            self.unfolded = 0;
            for sum in &mut self.values {
                *sum = fold(*sum);
            }
        }
    }

    pub(super) fn finish(mut self) -> Vec<u64> {
        for sum in &mut self.values {
            *sum = whole(*sum);
        }
        self.values
    }
}
