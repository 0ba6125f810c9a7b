//! Random vectors over which all released sets add up to nought, those held included, ready for many questions about single
//! sets.

use std::{array, ops::Range};

use rayon::prelude::*;

use super::{
    Set,
    bits::{self, Bits},
    classes::Classes,
    field,
    people::People,
    question::{self, combinations},
    system::System,
};

mod pieces;

pub(super) use pieces::{Piece, Pieces, subtracted};

/// Vectors that a question about one set needs. Whether a set is, with some factors, made of two classes shows in the rank of
/// three sums, each over three vectors.
pub(super) const NEEDED: usize = question::LEFT + 1;

/// One more, to be given up for a set that is held.
const KEPT: usize = NEEDED + 1;

/// What three of the vectors add up to.
pub(super) type Sums = [u64; NEEDED];

/// What questions about single sets need of the released ones.
pub(super) struct Nulls {
    /// Of each record, a number for each vector; the first few vectors are in use.
    values: Vec<[u64; KEPT]>,
    in_use: usize,
    /// Of each record.
    class: Vec<u32>,
    /// The records, class by class as all released sets make them, and within a class person by person.
    order: Vec<u32>,
    /// Where each class ends in the order.
    ends: Vec<u32>,
    /// Of each class.
    totals: Vec<Sums>,
    small: Small,
}

/// The classes of one to k - 1 people whose sum is not known already.
#[derive(Default)]
struct Small {
    class: Vec<u32>,
    people: Vec<u64>,
    /// What the second and the third vector add up to, with the first as the unit.
    points: Vec<[u64; 2]>,
    /// Of each class its place among these, `u32::MAX` for the others.
    places: Vec<u32>,
    /// How many leave room for two others.
    roomy: usize,
}

impl Nulls {
    /// `rows` are the independent sets of `system`, `held` those of which it has taken no note yet.
    pub(super) fn new(system: &System, rows: &[&Set], held: &[&Set], people: &People, least: u64) -> Self {
        let width = held.len() + KEPT;
        let pool = system.vectors(rows, width);
        let sums: Vec<Vec<u64>> = held.iter().map(|set| pool.sum_of(width, set)).collect();
        // When no sets are held, or these are combinations of the others, any vectors will do.
        let unit = |place: usize| (0..=place).map(|other| u64::from(other == place)).collect();
        let mut factors: [Vec<u64>; KEPT] = combinations(sums).unwrap_or_else(|| array::from_fn(unit));
        for factors in &mut factors {
            let used = factors.iter().rposition(|factor| *factor != 0).map_or(0, |last| last + 1);
            factors.truncate(used);
        }
        let values = pool.par_records().map(|row| factors.each_ref().map(|factors| field::dot(row, factors))).collect();
        let mut classes = system.classes.clone();
        for set in held {
            classes.refine(set);
        }
        let (order, ends) = by_class(&classes, people);
        let class = classes.of().to_vec();
        Self { values, in_use: KEPT, class, order, ends, totals: Vec::new(), small: Small::default() }
            .summed(people, least)
    }

    /// The same with another set held; none if there is no vector left for it.
    pub(super) fn with(mut self, set: &Set, people: &People, least: u64) -> Option<Self> {
        let mut sums = [0_u64; KEPT];
        for record in bits::records(set) {
            for (sum, value) in sums.iter_mut().zip(self.values.get(record as usize)?) {
                *sum = field::add(*sum, *value);
            }
        }
        let sums = sums.get(..self.in_use)?;
        // What follows from the others divides no class either.
        let Some(last) = sums.iter().rposition(|sum| *sum != 0) else { return Some(self) };
        self.in_use = self.in_use.checked_sub(1).filter(|width| *width >= NEEDED)?;
        let scale = field::negative(field::inverse(*sums.get(last)?));
        let mut factors: Vec<u64> = sums.iter().map(|sum| field::multiply(*sum, scale)).collect();
        factors.swap(last, self.in_use);
        let width = self.in_use;
        self.values.par_iter_mut().for_each(|values| {
            values.swap(last, width);
            let given = values.get(width).copied().unwrap_or_default();
            for (value, factor) in values.iter_mut().zip(&factors).take(width) {
                *value = field::add(*value, field::multiply(given, *factor));
            }
        });
        self.divide(set);
        Some(self.summed(people, least))
    }

    /// What the vectors add up to over the set; none for a set with records outside the universe.
    pub(super) fn sum(&self, set: &Set) -> Option<Sums> {
        // A set has fewer than 2^32 records and each number is below 2^61: no sum comes near 2^128.
        let mut sums = [0_u128; NEEDED];
        for record in bits::records(set) {
            let values = self.values.get(record as usize)?;
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum = sum.wrapping_add(u128::from(*value));
            }
        }
        Some(sums.map(field::reduce))
    }

    /// What three of the vectors have at a record.
    pub(super) fn values(&self, record: u32) -> Sums {
        self.values.get(record as usize).map_or([0; NEEDED], |[first, second, third, _]| [*first, *second, *third])
    }

    /// The records of a class, person by person.
    fn records_of(&self, class: u32) -> &[u32] {
        self.order.get(range(&self.ends, class)).unwrap_or_default()
    }

    /// Tells apart the records of each class within and without the set.
    fn divide(&mut self, set: &Set) {
        let mut order = Vec::with_capacity(self.order.len());
        let mut ends = Vec::with_capacity(self.ends.len());
        let is_within = Bits::of(set);
        for class in 0..self.ends.len() as u32 {
            let records = self.records_of(class);
            for side in [false, true] {
                let start = order.len();
                order.extend(records.iter().filter(|record| is_within.has(**record) == side));
                // Class 0 may be empty; no other need be.
                if order.len() > start || (class == 0 && !side) {
                    ends.push(order.len() as u32);
                }
            }
        }
        (self.order, self.ends) = (order, ends);
        for class in 0..self.ends.len() as u32 {
            for record in self.order.get(range(&self.ends, class)).unwrap_or_default() {
                if let Some(of) = self.class.get_mut(*record as usize) {
                    *of = class;
                }
            }
        }
    }

    /// The same with the sums of its classes.
    fn summed(self, people: &People, least: u64) -> Self {
        let mut small = Small { places: vec![u32::MAX; self.ends.len()], ..Small::default() };
        let of_class = |class: u32| {
            let records = self.records_of(class);
            let mut total = [0; NEEDED];
            for values in records.iter().filter_map(|record| self.values.get(*record as usize)) {
                add(&mut total, values);
            }
            (total, people.number(records))
        };
        let classes: Vec<(Sums, u64)> = (0..self.ends.len() as u32).into_par_iter().map(of_class).collect();
        let mut sums = Vec::new();
        for (class, (total, number)) in (0_u32..).zip(&classes) {
            if *number > 0 && *number < least && *total != [0; NEEDED] {
                if let Some(place) = small.places.get_mut(class as usize) {
                    *place = small.class.len() as u32;
                }
                small.class.push(class);
                small.people.push(*number);
                small.roomy += usize::from(has_room(*number, people, least));
                sums.push(*total);
            }
        }
        let totals = classes.into_iter().map(|(total, _)| total).collect();
        small.points = pieces::points(&sums);
        Self { totals, small, ..self }
    }
}

/// Whether a piece of so many people leaves room for two others. Pieces that share people may have no more together than one of
/// them.
fn has_room(number: u64, people: &People, least: u64) -> bool {
    people.may_share() || number + 2 < least
}

/// Where a class is in the order.
fn range(ends: &[u32], class: u32) -> Range<usize> {
    let end = |class: usize| ends.get(class).copied().unwrap_or_default() as usize;
    (class as usize).checked_sub(1).map_or(0, end)..end(class as usize)
}

/// Adds what the vectors have at a record.
fn add(sums: &mut Sums, values: &[u64; KEPT]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum = field::add(*sum, *value);
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
