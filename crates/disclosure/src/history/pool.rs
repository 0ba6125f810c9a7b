//! Random vectors that every stored set adds up to nought (null vectors, disclosure.md 2.4), side by side.

use rayon::prelude::*;

use super::{
    Set,
    factor::Factor,
    field::{self, Sum},
    random::Stream,
};

/// Vectors over the records, kept record by record: the numbers of one record lie together.
#[derive(Clone, Default)]
pub(super) struct Pool {
    width: usize,
    values: Vec<u64>,
}

impl Pool {
    /// Draws `width` vectors, all vectors that every one of `rows` adds up to nought being equally likely. `pivots` and
    /// `factor` are those of `rows`.
    pub(super) fn draw(
        width: usize,
        records: usize,
        rows: &[&Set],
        pivots: &[u32],
        factor: &Factor,
        stream: &mut Stream,
    ) -> Self {
        let values = (0..records * width).map(|_| stream.number()).collect();
        let mut pool = Self { width, values };
        let noughts = vec![0; width];
        for pivot in pivots {
            pool.set(*pivot, &noughts);
        }
        let mut solved = Vec::with_capacity(rows.len() * width);
        for row in rows {
            solved.extend(pool.sum(row).into_iter().map(field::negative));
        }
        factor.solve(&mut solved, width);
        for (pivot, values) in pivots.iter().zip(solved.chunks_exact(width.max(1))) {
            pool.set(*pivot, values);
        }
        pool
    }

    /// The number of vectors.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The numbers of a record.
    pub(super) fn record(&self, record: u32) -> &[u64] {
        let start = record as usize * self.width;
        self.values.get(start..start + self.width).unwrap_or_default()
    }

    /// The numbers of all records.
    fn records(&self) -> impl Iterator<Item = &[u64]> {
        self.values.chunks_exact(self.width.max(1))
    }

    /// The same for several threads.
    pub(super) fn par_records(&self) -> impl IndexedParallelIterator<Item = &[u64]> {
        self.values.par_chunks_exact(self.width.max(1))
    }

    /// What each vector adds up to over the set.
    pub(super) fn sum(&self, set: &Set) -> Vec<u64> {
        self.sum_of(self.width, set)
    }

    /// The same of the first vectors only.
    pub(super) fn sum_of(&self, vectors: usize, set: &Set) -> Vec<u64> {
        let vectors = vectors.min(self.width);
        let mut sum = Sum::new(vectors);
        set.iter().for_each(|record| {
            let start = record as usize * self.width;
            if let Some(row) = self.values.get(start..start + vectors) {
                sum.add(row);
            }
        });
        sum.finish()
    }

    /// The vectors of both, of as many records as the shorter has.
    pub(super) fn join(&self, other: &Self) -> Self {
        if self.width == 0 || other.width == 0 {
            return if self.width == 0 { other.clone() } else { self.clone() };
        }
        let mut values = Vec::with_capacity(self.values.len() + other.values.len());
        for (left, right) in self.records().zip(other.records()) {
            values.extend_from_slice(left);
            values.extend_from_slice(right);
        }
        Self { width: self.width + other.width, values }
    }

    /// Records in no set may have any numbers.
    pub(super) fn grow(&mut self, records: usize, stream: &mut Stream) {
        let missing = (records * self.width).saturating_sub(self.values.len());
        self.values.extend((0..missing).map(|_| stream.number()));
    }

    /// Keeps the vectors right when a set is stored over which they add up to `sums`; one vector is given up for it.
    pub(super) fn meet(&mut self, sums: &[u64]) {
        let Some(last) = sums.iter().rposition(|sum| *sum != 0) else { return };
        let scale = field::inverse(sums.get(last).copied().unwrap_or_default());
        let factors: Vec<u64> = sums.iter().map(|sum| field::negative(field::multiply(*sum, scale))).collect();
        let mut values = Vec::with_capacity(self.values.len() / self.width.max(1) * self.width.saturating_sub(1));
        for row in self.records() {
            let given = u128::from(row.get(last).copied().unwrap_or_default());
            for (index, (value, factor)) in row.iter().zip(&factors).enumerate() {
                if index != last {
                    values.push(field::reduce(u128::from(*value) + given * u128::from(*factor)));
                }
            }
        }
        *self = Self { width: self.width.saturating_sub(1), values };
    }

    fn set(&mut self, record: u32, values: &[u64]) {
        let start = record as usize * self.width;
        if let Some(row) = self.values.get_mut(start..start + self.width) {
            row.copy_from_slice(values);
        }
    }
}
