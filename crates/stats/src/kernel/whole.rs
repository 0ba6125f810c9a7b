//! The common case, near memory bandwidth: all people in one cell, and either sums of one column or counts by one axis.

use coda_model::{
    frame::{Contributions, Frame, SetKey, Slot},
    ids::{People, Rows},
};

use super::{Input, classes::ClassOf};
use crate::shape::Shape;

/// Records summed before the 64-bit sums are added to the 128-bit ones.
const CHUNK: usize = 2048;
/// The largest code whose fourth power, added up over a chunk, fits 64 bits.
const SMALL: i32 = 1 << 13;

pub(super) fn tabulate(shape: &Shape, input: &Input<'_>, records: usize) -> Option<Frame> {
    let Shape { axes, value, sums } = shape;
    let keys = input.keys.get(..records)?;
    match (axes.as_slice(), value) {
        ([], None) => Some(frame(vec![count(records as u64, key(keys.iter().copied()))], Slot::default())),
        ([], Some(column)) => {
            let (codes, highest) = (input.columns.get(*column)?, *input.highest.get(*column)?);
            let (valid, missing) = match sums {
                false => present(codes, keys),
                true if highest <= SMALL => small_sums(codes, keys),
                true => large_sums(codes, keys),
            };
            Some(frame(vec![valid], missing))
        }
        ([axis], None) => {
            let ClassOf::Table(table) = ClassOf::new(axis, *input.highest.get(axis.column)?) else { return None };
            let mut slots = counts(input.columns.get(axis.column)?, keys, &table, axis.len() + 1);
            let missing = slots.pop().unwrap_or_default();
            Some(frame(slots, missing))
        }
        _ => None,
    }
}

/// Those with a value, and those without.
fn present(codes: &[i32], keys: &[u64]) -> (Slot, Slot) {
    let (mut valid, mut key, mut all) = (0u64, 0u64, 0u64);
    for (code, own) in codes.iter().zip(keys) {
        let there = u64::from(*code >= 0);
        valid += there;
        key = key.wrapping_add(own & there.wrapping_neg());
        all = all.wrapping_add(*own);
    }
    (count(valid, SetKey(key)), count(codes.len() as u64 - valid, SetKey(all.wrapping_sub(key))))
}

/// The same with sums of powers one to four, which fit 64 bits over a chunk.
fn small_sums(codes: &[i32], keys: &[u64]) -> (Slot, Slot) {
    let (mut valid, mut key, mut all, mut powers) = (0u64, 0u64, 0u64, [0i128; 4]);
    for (codes, keys) in codes.chunks(CHUNK).zip(keys.chunks(CHUNK)) {
        let (mut n, mut chunk) = (0u64, [0u64; 4]);
        for (code, own) in codes.iter().zip(keys) {
            let there = u64::from(*code >= 0);
            let value = u64::from((*code).max(0).unsigned_abs());
            let square = value * value;
            n += there;
            key = key.wrapping_add(own & there.wrapping_neg());
            all = all.wrapping_add(*own);
            chunk = [chunk[0] + value, chunk[1] + square, chunk[2] + square * value, chunk[3] + square * square];
        }
        valid += n;
        for (power, chunk) in powers.iter_mut().zip(chunk) {
            *power += i128::from(chunk);
        }
    }
    summed(valid, key, all, codes.len() as u64, powers)
}

/// The same for codes whose powers do not.
fn large_sums(codes: &[i32], keys: &[u64]) -> (Slot, Slot) {
    let (mut valid, mut key, mut all, mut powers) = (0u64, 0u64, 0u64, [0i128; 4]);
    for (code, own) in codes.iter().zip(keys) {
        let there = u64::from(*code >= 0);
        let value = i128::from((*code).max(0));
        let square = value * value;
        valid += there;
        key = key.wrapping_add(own & there.wrapping_neg());
        all = all.wrapping_add(*own);
        for (power, own) in powers.iter_mut().zip([value, square, square * value, square * square]) {
            *power += own;
        }
    }
    summed(valid, key, all, codes.len() as u64, powers)
}

fn summed(valid: u64, key: u64, all: u64, records: u64, [x, xx, xxx, xxxx]: [i128; 4]) -> (Slot, Slot) {
    let nn = i128::from(valid);
    // One value a person: the number of rows is 1, the sum of squares the square of the sum.
    let sums = Contributions { x, q: xx, nn, nx: x, nq: xx, xx, xq: xxx, qq: xxxx };
    let slot = Slot { sums, ..count(valid, SetKey(key)) };
    (slot, count(records - valid, SetKey(all.wrapping_sub(key))))
}

/// How many codes are in each class, and their keys. Two tallies, because neighbours are often in the same class and would
/// wait for each other's count.
fn counts(codes: &[i32], keys: &[u64], table: &[u16], classes: usize) -> Vec<Slot> {
    let mut tallies = [vec![(0u64, 0u64); classes], vec![(0u64, 0u64); classes]];
    // A code that cannot be is in no class, as if it were missing.
    let nowhere = classes.saturating_sub(1);
    for (codes, keys) in codes.chunks(2).zip(keys.chunks(2)) {
        for ((tally, code), key) in tallies.iter_mut().zip(codes).zip(keys) {
            let class = table.get((*code + 1) as usize).map_or(nowhere, |class| usize::from(*class));
            if let Some((count, sum)) = tally.get_mut(class) {
                *count += 1;
                *sum = sum.wrapping_add(*key);
            }
        }
    }
    let [even, odd] = tallies;
    even.into_iter().zip(odd).map(|((n, a), (m, b))| count(n + m, SetKey(a.wrapping_add(b)))).collect()
}

fn key(keys: impl Iterator<Item = u64>) -> SetKey {
    SetKey(keys.fold(0, u64::wrapping_add))
}

/// A count of people.
fn count(people: u64, key: SetKey) -> Slot {
    let sums = Contributions { nn: i128::from(people), ..Contributions::default() };
    Slot { people: People(people), rows: Rows(people), key, sums }
}

fn frame(slots: Vec<Slot>, missing: Slot) -> Frame {
    let mut valid = Slot::default();
    for slot in &slots {
        valid.add(slot);
    }
    Frame { slots, valid, missing }
}
