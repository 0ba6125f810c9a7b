//! What the numbers of sets determine, by elimination modulo another prime than the audit's, over the people that no set
//! tells apart. It has nothing in common with the review.

use coda_disclosure::history::Set;

const PRIME: u64 = 1_000_000_007;

/// Sets whose numbers are known.
pub(super) struct Oracle {
    sets: Vec<Set>,
    /// People that no set tells apart.
    classes: Vec<Set>,
    /// Reduced, over the classes: each row has a column in which it alone is not nought.
    rows: Vec<(usize, Vec<u64>)>,
}

impl Oracle {
    pub(super) fn new(people: usize, sets: &[Set]) -> Self {
        let mut classes: Vec<Set> = vec![(0..u32::try_from(people).unwrap()).collect()];
        for set in sets {
            classes =
                classes.iter().flat_map(|class| [class & set, class - set]).filter(|class| !class.is_empty()).collect();
        }
        let mut oracle = Self { sets: sets.to_vec(), classes, rows: Vec::new() };
        for set in sets {
            let rest = oracle.rest(set);
            if let Some(column) = rest.iter().position(|value| *value != 0) {
                let scale = power(rest[column], PRIME - 2);
                let row: Vec<u64> = rest.iter().map(|value| value * scale % PRIME).collect();
                for (_, other) in &mut oracle.rows {
                    take(other, column, &row);
                }
                oracle.rows.push((column, row));
            }
        }
        oracle
    }

    /// People fewer than `least` of whom the number of those with some property would follow.
    pub(super) fn determined(&self, least: u64) -> Option<Set> {
        let small: Vec<&Set> = self.classes.iter().filter(|class| class.len() < least).collect();
        let mut unions: Vec<(usize, Set)> = vec![(0, Set::new())];
        while let Some((next, union)) = unions.pop() {
            if !union.is_empty() && self.follows(&union) {
                return Some(union);
            }
            for (place, class) in small.iter().enumerate().skip(next) {
                if union.len() + class.len() < least {
                    unions.push((place + 1, &union | *class));
                }
            }
        }
        None
    }

    /// Whether a number is that of a set that is noted, or that follows from the noted ones, and that few people tell from this
    /// one: for the cohort, for the slot and for those who miss a value, fewer than `least` each.
    pub(super) fn explains(&self, set: &Set, number: u64, least: u64) -> bool {
        let reach = 3 * (least - 1);
        let fits = |other: &Set| other.len() == number && (other ^ set).len() <= reach;
        if self.put_together().iter().any(fits) {
            return true;
        }
        // All classes that are mostly in the set, and any choice of those of which few are on either side.
        let inside = |class: &&Set| 2 * class.intersection_len(set) > class.len();
        let start = self.classes.iter().filter(inside).fold(Set::new(), |union, class| union | class);
        let small: Vec<&Set> = self.classes.iter().filter(|class| class.len() < 2 * least).collect();
        let mut choices = vec![(0, start)];
        while let Some((next, choice)) = choices.pop() {
            if choice.len() == number && self.follows(&choice) {
                return true;
            }
            for (place, class) in small.iter().enumerate().skip(next) {
                let other = &choice ^ *class;
                if (&other ^ set).len() < least {
                    choices.push((place + 1, other));
                }
            }
        }
        false
    }

    /// The noted sets, and what two or three of them are together or leave of each other.
    fn put_together(&self) -> Vec<Set> {
        let join = |one: &Set, other: &Set| {
            let union = one.is_disjoint(other).then(|| one | other);
            let rest = other.is_subset(one).then(|| one - other);
            let other_rest = one.is_subset(other).then(|| other - one);
            [union, rest, other_rest].into_iter().flatten()
        };
        let with = |sets: &[Set]| -> Vec<Set> {
            sets.iter().flat_map(|one| self.sets.iter().flat_map(move |other| join(one, other))).collect()
        };
        let two = with(&self.sets);
        let three = with(&two);
        self.sets.iter().cloned().chain(two).chain(three).collect()
    }

    /// Whether the number of a set of whole classes follows.
    fn follows(&self, set: &Set) -> bool {
        self.classes.iter().all(|class| class.is_subset(set) || class.is_disjoint(set))
            && self.rest(set).iter().all(|value| *value == 0)
    }

    /// What of a set is no combination of the rows.
    fn rest(&self, set: &Set) -> Vec<u64> {
        let mut rest: Vec<u64> = self.classes.iter().map(|class| u64::from(class.is_subset(set))).collect();
        for (column, row) in &self.rows {
            take(&mut rest, *column, row);
        }
        rest
    }
}

/// Takes as much of a row, which has a one in the column, as makes the column nought.
fn take(values: &mut [u64], column: usize, row: &[u64]) {
    let factor = PRIME - values[column] % PRIME;
    for (value, other) in values.iter_mut().zip(row) {
        *value = (*value + factor * other) % PRIME;
    }
}

fn power(base: u64, exponent: u64) -> u64 {
    (0..64).rev().fold(1, |power, bit| {
        let square = power * power % PRIME;
        if exponent >> bit & 1 == 1 { square * base % PRIME } else { square }
    })
}
