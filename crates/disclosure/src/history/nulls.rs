//! Two random vectors over which all released sets add up to nought, those held included, ready for many questions.

use std::borrow::Cow;

use super::{
    Set,
    bits::Bits,
    classes::Classes,
    field,
    origin::Basis,
    people::People,
    pool::Pool,
    question::{LEFT, combinations},
    system::System,
};

/// What questions about single sets need of the released ones.
pub(super) struct Nulls {
    /// Of each record.
    values: Vec<[u64; LEFT]>,
    /// The records, class by class as all released sets make them, and within a class person by person.
    order: Vec<u32>,
    /// What the first vector has in the place of each of these records.
    firsts: Vec<u64>,
    /// Where each class ends in the order.
    ends: Vec<u32>,
    /// What as many of the vectors as are needed add up to over the sets of which the audit has taken no note yet.
    held: Basis,
    /// How many vectors that are.
    width: usize,
    /// The vectors, where those kept were too few.
    drawn: Option<Pool>,
}

/// The records of a class that are in a set, or those that are not.
#[derive(Clone, Copy)]
pub(super) struct Piece {
    /// What the first vector adds up to over them; the negative of that if they are not in the set.
    pub(super) sum: u64,
    /// How many people they are of.
    pub(super) people: u16,
    /// Whether they are in the set.
    is_within: bool,
    class: u32,
}

impl Nulls {
    /// `rows` are the independent sets of `system`, `held` those of which it has taken no note yet.
    pub(super) fn new(system: &System, rows: &[&Set], held: &[&Set], people: &People) -> Self {
        let width = held.len() + LEFT;
        let pool = system.vectors(rows, width);
        let sums: Vec<Vec<u64>> = held.iter().map(|set| pool.sum_of(width, set)).collect();
        let mut basis = Basis::default();
        for sums in &sums {
            basis.take_in(sums.clone());
        }
        // When the held sets are combinations of the others, any two vectors will do.
        let mut factors = combinations(sums).unwrap_or_else(|| [vec![1], vec![0, 1]]);
        for factors in &mut factors {
            let used = factors.iter().rposition(|factor| *factor != 0).map_or(0, |last| last + 1);
            factors.truncate(used);
        }
        let [first, second] = &factors;
        let values: Vec<_> = pool.records().map(|row| [field::dot(row, first), field::dot(row, second)]).collect();
        let mut classes = system.classes.clone();
        for set in held {
            classes.refine(set);
        }
        let (order, ends) = by_class(&classes, people);
        let first = |record: &u32| values.get(*record as usize).map_or(0, |values| values[0]);
        let firsts = order.iter().map(first).collect();
        let drawn = match pool {
            Cow::Owned(pool) => Some(pool),
            Cow::Borrowed(_) => None,
        };
        Self { values, order, firsts, ends, held: basis, width, drawn }
    }

    /// The factors of the held sets in a combination of these and the independent ones; none if it is no combination.
    pub(super) fn factors(&self, system: &System, combination: &Set) -> Option<Vec<u64>> {
        self.held.factors(self.drawn.as_ref().unwrap_or(&system.pool).sum_of(self.width, combination))
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

    /// The pieces into which the set cuts the classes, as far as they are of one to `least - 1` people and their sum is not
    /// known already.
    pub(super) fn pieces(&self, set: &Set, people: &People, least: u64) -> Vec<Piece> {
        let bits = Bits::of(set);
        let mut pieces = Vec::new();
        let mut start = 0;
        for (class, end) in (0_u32..).zip(&self.ends) {
            let range = start..*end as usize;
            start = range.end;
            let (Some(records), Some(values)) = (self.order.get(range.clone()), self.firsts.get(range)) else { break };
            // Without and within: the sum, the people, the last of them.
            let mut sides = [(0_u64, 0_u64, None); 2];
            for (record, value) in records.iter().zip(values) {
                let [without, within] = &mut sides;
                let (sum, number, last) = if bits.has(*record) { within } else { without };
                let person = Some(people.of(*record));
                if *last != person {
                    *last = person;
                    *number += 1;
                }
                *sum = field::add(*sum, *value);
            }
            for ((sum, people, _), is_within) in sides.into_iter().zip([false, true]) {
                if people > 0 && people < least && sum != 0 {
                    let sum = if is_within { sum } else { field::negative(sum) };
                    pieces.push(Piece { sum, people: u16::try_from(people).unwrap_or(u16::MAX), is_within, class });
                }
            }
        }
        pieces
    }

    /// The records of a piece into which the set cuts a class.
    pub(super) fn records(&self, piece: &Piece, set: &Set) -> Set {
        let class = piece.class as usize;
        let start = class.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default() as usize;
        let end = self.ends.get(class).copied().unwrap_or_default() as usize;
        let records = self.order.get(start..end).unwrap_or_default().iter();
        records.copied().filter(|record| set.contains(*record) == piece.is_within).collect()
    }

    /// Bytes.
    pub(super) fn memory(&self) -> usize {
        let numbers = self.order.capacity() + self.ends.capacity();
        let drawn = self.drawn.as_ref().map_or(0, Pool::memory);
        self.values.capacity() * size_of::<[u64; LEFT]>()
            + self.firsts.capacity() * size_of::<u64>()
            + numbers * 4
            + drawn
    }
}

/// The records class by class, and where each class ends.
fn by_class(classes: &Classes, people: &People) -> (Vec<u32>, Vec<u32>) {
    let mut next = 0;
    let mut places: Vec<u32> = Vec::with_capacity(classes.sizes().len());
    for size in classes.sizes() {
        places.push(next);
        next += size;
    }
    let mut order = vec![0; next as usize];
    people.in_order(classes.of().len() as u32, |record| {
        let class = classes.of().get(record as usize).copied().unwrap_or_default();
        if let Some(place) = places.get_mut(class as usize) {
            if let Some(slot) = order.get_mut(*place as usize) {
                *slot = record;
            }
            *place += 1;
        }
    });
    // Every class was filled up to where the next one starts.
    (order, places)
}
