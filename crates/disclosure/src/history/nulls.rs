//! Two random vectors over which all released sets add up to nought, those held included, ready for many questions.

use super::{
    Set,
    classes::Classes,
    field,
    question::{LEFT, combinations},
    system::System,
};

/// What questions about single sets need of the released ones.
pub(super) struct Nulls {
    /// Of each record.
    values: Vec<[u64; LEFT]>,
    /// The classes that all released sets make.
    classes: Classes,
}

impl Nulls {
    /// `rows` are the independent sets of `system`, `held` those of which it has taken no note yet.
    pub(super) fn new(system: &System, rows: &[&Set], held: &[&Set]) -> Self {
        let pool = system.vectors(rows, held.len() + LEFT);
        let sums = held.iter().map(|set| pool.sum(set)).collect();
        // When the held sets are combinations of the others, any two vectors will do.
        let mut factors = combinations(sums).unwrap_or_else(|| [vec![1], vec![0, 1]]);
        for factors in &mut factors {
            let used = factors.iter().rposition(|factor| *factor != 0).map_or(0, |last| last + 1);
            factors.truncate(used);
        }
        let [first, second] = &factors;
        let values = pool.records().map(|row| [field::dot(row, first), field::dot(row, second)]).collect();
        let mut classes = system.classes.clone();
        for set in held {
            classes.refine(set);
        }
        Self { values, classes }
    }

    /// Of each record.
    pub(super) fn values(&self) -> &[[u64; LEFT]] {
        &self.values
    }

    /// The classes that the released sets and this one make.
    pub(super) fn classes_with(&self, set: &Set) -> Classes {
        let mut classes = self.classes.clone();
        classes.refine(set);
        classes
    }

    /// What the vectors add up to over the set; none for a set with records outside the universe.
    pub(super) fn sum(&self, set: &Set) -> Option<[u64; LEFT]> {
        // A set has fewer than 2^32 records and each number is below 2^61: no sum comes near 2^128.
        let (mut first, mut second) = (0_u128, 0_u128);
        for record in set {
            let [one, other] = *self.values.get(record as usize)?;
            first = first.wrapping_add(u128::from(one));
            second = second.wrapping_add(u128::from(other));
        }
        Some([field::reduce(first), field::reduce(second)])
    }

    /// Bytes.
    pub(super) fn memory(&self) -> usize {
        self.values.capacity() * size_of::<[u64; LEFT]>() + self.classes.memory()
    }
}
