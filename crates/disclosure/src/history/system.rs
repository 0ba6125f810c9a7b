//! The linear audit of disclosure.md 2.4: what the released sums determine, exactly over the field of 2^61 - 1 elements.
//!
//! Released sets are the rows of a matrix of noughts and ones over the records. A sum over some records is determined by
//! the released sums if and only if it is a combination of rows, that is, if and only if every vector over which all rows
//! add up to nought adds up to nought over these records too. One random such vector shows this but for a chance of one
//! in 2^61; so the rows themselves need never be reduced, which would take r N numbers.

use super::{
    Set,
    classes::Classes,
    factor::Factor,
    field,
    pool::Pool,
    random::{Purpose, Stream},
};

/// Records looked at for a pivot before all are.
const GUESSES: u32 = 8;

/// What is known of the matrix of the independent sets. The sets themselves are the caller's, in the order of storing.
pub(super) struct System {
    seed: [u8; 32],
    /// A record for each independent set, such that the sets' columns of these records are an invertible matrix.
    pivots: Vec<u32>,
    factor: Factor,
    pub(super) classes: Classes,
    pub(super) pool: Pool,
    /// Streams drawn from so far.
    drawn: u64,
}

impl System {
    pub(super) fn new(records: u32, seed: [u8; 32]) -> Self {
        let (pivots, factor, classes) = (Vec::new(), Factor::default(), Classes::new(records));
        Self { seed, pivots, factor, classes, pool: Pool::default(), drawn: 0 }
    }

    pub(super) fn rank(&self) -> usize {
        self.pivots.len()
    }

    pub(super) fn records(&self) -> usize {
        self.classes.of().len()
    }

    pub(super) fn grow(&mut self, records: u32) {
        self.classes.grow(records);
        let mut stream = self.stream();
        self.pool.grow(records as usize, &mut stream);
    }

    /// Draws until at least `width` vectors are kept.
    pub(super) fn prepare(&mut self, rows: &[&Set], width: usize) {
        let missing = width.saturating_sub(self.pool.width());
        if missing > 0 {
            let mut stream = self.stream();
            let more = self.draw(rows, missing, &mut stream);
            self.pool = if self.pool.width() == 0 { more } else { self.pool.join(&more) };
        }
    }

    /// Vectors for one question: those kept, and if they are too few, more.
    pub(super) fn vectors(&self, rows: &[&Set], width: usize) -> std::borrow::Cow<'_, Pool> {
        let missing = width.saturating_sub(self.pool.width());
        if missing == 0 {
            return std::borrow::Cow::Borrowed(&self.pool);
        }
        let mut stream = Stream::new(&self.seed, Purpose::Once, self.drawn);
        std::borrow::Cow::Owned(self.pool.join(&self.draw(rows, missing, &mut stream)))
    }

    /// The weights of the independent sets that add up, at their pivots, to these numbers.
    pub(super) fn weights(&self, at: impl Fn(u32) -> u64) -> Vec<u64> {
        let row: Vec<u64> = self.pivots.iter().map(|pivot| at(*pivot)).collect();
        if row.iter().all(|value| *value == 0) { Vec::new() } else { self.factor.weights(self.factor.lower_of(&row)) }
    }

    /// Stores a set after `rows`. Returns whether no combination of them is this set.
    pub(super) fn insert(&mut self, rows: &[&Set], set: &Set) -> bool {
        let sums = self.pool.sum(set);
        // A single vector already errs with a chance of one in 2^61 only.
        if !sums.is_empty() && sums.iter().all(|sum| *sum == 0) {
            return false;
        }
        let row: Vec<u64> = self.pivots.iter().map(|pivot| u64::from(set.contains(*pivot))).collect();
        let lower = self.factor.lower_of(&row);
        let weights = self.factor.weights(lower.clone());
        let Some((pivot, diagonal)) = self.pivot(rows, set, &weights) else { return false };
        let column: Vec<u64> = rows.iter().map(|row| u64::from(row.contains(pivot))).collect();
        let upper = self.factor.upper_of(&column);
        self.factor.grow(lower, upper, diagonal);
        self.pivots.push(pivot);
        self.pool.meet(&sums);
        self.classes.refine(set);
        true
    }

    /// A record at which the set differs from the combination of rows that equals it at all pivots, and by how much.
    fn pivot(&self, rows: &[&Set], set: &Set, weights: &[u64]) -> Option<(u32, u64)> {
        let mut stream = Stream::new(&self.seed, Purpose::Search, self.rank() as u64);
        for _ in 0..GUESSES {
            let record = set.select((stream.number() % set.len().max(1)) as u32)?;
            let known = rows.iter().zip(weights).filter(|(row, weight)| **weight != 0 && row.contains(record));
            let known = known.fold(0, |sum, (_, weight)| field::add(sum, *weight));
            if known != 1 {
                return Some((record, field::subtract(1, known)));
            }
        }
        let mut known = vec![0; self.records()];
        for (row, weight) in rows.iter().zip(weights).filter(|(_, weight)| **weight != 0) {
            for record in *row {
                if let Some(known) = known.get_mut(record as usize) {
                    *known = field::add(*known, *weight);
                }
            }
        }
        let rest = |(record, known): (u32, u64)| (record, field::subtract(u64::from(set.contains(record)), known));
        (0..).zip(known).map(rest).find(|(_, rest)| *rest != 0)
    }

    fn draw(&self, rows: &[&Set], width: usize, stream: &mut Stream) -> Pool {
        Pool::draw(width, self.records(), rows, &self.pivots, &self.factor, stream)
    }

    fn stream(&mut self) -> Stream {
        self.drawn += 1;
        Stream::new(&self.seed, Purpose::Kept, self.drawn)
    }
}
