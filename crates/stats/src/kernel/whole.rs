//! The common case, near memory bandwidth: all people in one cell, and either sums of one column or counts by one axis.

use coda_model::{
    frame::{Frame, Slot},
    ids::{People, Rows},
};

use super::{Input, classes::ClassOf};
use crate::shape::Shape;

/// Records summed before the 64-bit sums are added to the 128-bit ones.
const CHUNK: usize = 4096;

pub(super) fn tabulate(shape: &Shape, input: &Input<'_>, records: usize) -> Option<Frame> {
    let Shape { axes, value, powers } = shape;
    match (axes.as_slice(), value) {
        ([], None) => Some(frame(vec![slot(records as u64, Vec::new())], 0)),
        ([], Some(column)) => {
            let highest = *input.highest.get(*column)?;
            let (valid, sums) = sums(input.columns.get(*column)?, highest);
            let sums = sums.into_iter().take(usize::from(*powers)).collect();
            Some(frame(vec![slot(valid, sums)], records as u64 - valid))
        }
        ([axis], None) => {
            let classes = ClassOf::new(axis, *input.highest.get(axis.column)?);
            let ClassOf::Table(table) = classes else { return None };
            let mut counts = counts(input.columns.get(axis.column)?, &table, axis.len() + 1);
            let missing = counts.pop().unwrap_or_default();
            Some(frame(counts.into_iter().map(|count| slot(count, Vec::new())).collect(), missing))
        }
        _ => None,
    }
}

/// Number of values, their sum and their sum of squares.
fn sums(codes: &[i32], highest: i32) -> (u64, [i128; 2]) {
    // As many squares as fit 62 bits.
    let square = u64::from(highest.max(1).unsigned_abs()).pow(2);
    let chunk = usize::try_from((1 << 62) / square).unwrap_or(CHUNK).clamp(1, CHUNK);
    let (mut valid, mut first, mut second) = (0u64, 0i128, 0i128);
    for chunk in codes.chunks(chunk) {
        let (mut n, mut sum, mut squares) = (0u32, 0u64, 0u64);
        for code in chunk {
            let value = u64::from((*code).max(0).unsigned_abs());
            n += u32::from(*code >= 0);
            sum += value;
            squares += value * value;
        }
        valid += u64::from(n);
        first += i128::from(sum);
        second += i128::from(squares);
    }
    (valid, [first, second])
}

/// How many codes are in each class. Four tallies, because neighbours are often in the same class and would wait for
/// each other's count.
fn counts(codes: &[i32], table: &[u16], classes: usize) -> Vec<u64> {
    let mut tallies = [vec![0u64; classes], vec![0u64; classes], vec![0u64; classes], vec![0u64; classes]];
    // A code that cannot be is in no class, as if it were missing.
    let nowhere = classes.saturating_sub(1);
    let add = |tally: &mut Vec<u64>, code: i32| {
        let class = table.get((code + 1) as usize).map_or(nowhere, |class| usize::from(*class));
        if let Some(count) = tally.get_mut(class) {
            *count += 1;
        }
    };
    let mut quads = codes.chunks_exact(4);
    for quad in &mut quads {
        for (tally, code) in tallies.iter_mut().zip(quad) {
            add(tally, *code);
        }
    }
    let [first, rest @ ..] = &mut tallies;
    for code in quads.remainder() {
        add(first, *code);
    }
    for tally in rest {
        for (sum, count) in first.iter_mut().zip(tally) {
            *sum += *count;
        }
    }
    std::mem::take(first)
}

fn slot(records: u64, sums: Vec<i128>) -> Slot {
    Slot { people: People(records), rows: Rows(records), sums, ..Slot::default() }
}

fn frame(slots: Vec<Slot>, missing: u64) -> Frame {
    Frame { slots, missing: slot(missing, Vec::new()), ..Frame::default() }
}
