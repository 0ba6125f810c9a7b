//! What released sums determine, by elimination over the rationals: rows of whole numbers without a common factor, as
//! plain as can be and with nothing in common with the audit.

use super::Set;

/// The released sets, reduced: each row has a column of its own in which all others are nought.
#[derive(Clone)]
pub(super) struct Oracle {
    count: usize,
    rows: Vec<(usize, Vec<i128>)>,
    sets: Vec<Set>,
}

impl Oracle {
    pub(super) fn new(count: usize) -> Self {
        Self { count, rows: Vec::new(), sets: Vec::new() }
    }

    pub(super) fn rank(&self) -> usize {
        self.rows.len()
    }

    /// Adds a set; returns whether it is no combination of the earlier ones.
    pub(super) fn add(&mut self, set: &Set) -> bool {
        self.sets.push(set.clone());
        let mut row: Vec<i128> = (0..self.count).map(|record| i128::from(set.contains(record as u32))).collect();
        for (column, other) in &self.rows {
            eliminate(&mut row, *column, other);
        }
        let Some(column) = row.iter().position(|value| *value != 0) else { return false };
        for (_, other) in &mut self.rows {
            eliminate(other, column, &row);
        }
        self.rows.push((column, row));
        true
    }

    /// A basis of the vectors over which all sets add up to nought.
    fn null_vectors(&self) -> Vec<Vec<i128>> {
        let scale =
            self.rows.iter().fold(1, |scale, (column, row)| scale / divisor(scale, row[*column]) * row[*column]);
        let free = (0..self.count).filter(|record| self.rows.iter().all(|(column, _)| column != record));
        free.map(|record| {
            let mut vector = vec![0; self.count];
            vector[record] = scale;
            for (column, row) in &self.rows {
                vector[*column] = -(scale / row[*column]) * row[record];
            }
            vector
        })
        .collect()
    }

    /// Whether something about fewer than `least` people is determined: a sum over any of them, or over two classes of
    /// them with any factors.
    pub(super) fn determines(&self, least: u64) -> bool {
        let vectors = self.null_vectors();
        let mut chosen = Vec::new();
        self.union_is_determined(&vectors, least as usize - 1, 0, &mut chosen)
            || self.pair_is_determined(&vectors, least)
    }

    /// The sets in the row space that differ from this one by fewer than `least` records.
    pub(super) fn combinations_near(&self, set: &Set, least: u64) -> Vec<Set> {
        let mut found = Vec::new();
        self.flip(&self.null_vectors(), set, least as usize - 1, 0, &mut found);
        found
    }

    fn flip(&self, vectors: &[Vec<i128>], set: &Set, room: usize, from: u32, found: &mut Vec<Set>) {
        if vectors.iter().all(|vector| set.iter().map(|record| vector[record as usize]).sum::<i128>() == 0) {
            found.push(set.clone());
        }
        if room == 0 {
            return;
        }
        for record in from..self.count as u32 {
            self.flip(vectors, &(set ^ Set::from([record])), room - 1, record + 1, found);
        }
    }

    fn union_is_determined(&self, vectors: &[Vec<i128>], room: usize, from: usize, chosen: &mut Vec<usize>) -> bool {
        let is_nought = |vector: &Vec<i128>| chosen.iter().map(|record| vector[*record]).sum::<i128>() == 0;
        if !chosen.is_empty() && vectors.iter().all(is_nought) {
            return true;
        }
        if room == 0 {
            return false;
        }
        for record in from..self.count {
            chosen.push(record);
            if self.union_is_determined(vectors, room - 1, record + 1, chosen) {
                return true;
            }
            chosen.pop();
        }
        false
    }

    fn pair_is_determined(&self, vectors: &[Vec<i128>], least: u64) -> bool {
        let mut classes = std::collections::BTreeMap::<Vec<bool>, Vec<usize>>::new();
        for record in 0..self.count {
            let key = self.sets.iter().map(|set| set.contains(record as u32)).collect();
            classes.entry(key).or_default().push(record);
        }
        // The records of a class have the same number in a sum; what a vector has in their place is the sum over them.
        let sums = |class: &[usize]| -> Vec<i128> {
            vectors.iter().map(|vector| class.iter().map(|record| vector[*record]).sum()).collect()
        };
        let classes: Vec<&Vec<usize>> = classes.values().filter(|class| (class.len() as u64) < least).collect();
        classes.iter().enumerate().any(|(index, left)| {
            classes[..index].iter().filter(|right| ((left.len() + right.len()) as u64) < least).any(|right| {
                let (left, right) = (sums(left), sums(right));
                let Some(place) = left.iter().position(|value| *value != 0) else { return true };
                left.iter().zip(&right).all(|(l, r)| l * right[place] == r * left[place])
            })
        })
    }

    /// Whether a sum over all rows of fewer than `least` people is determined.
    pub(super) fn determines_rows(&self, person_of: &[u32], least: u64) -> bool {
        let vectors = self.null_vectors();
        let people = person_of.iter().max().map_or(0, |last| last + 1);
        (1_u32..1 << people).filter(|chosen| u64::from(chosen.count_ones()) < least).any(|chosen| {
            vectors.iter().all(|vector| {
                let rows = vector.iter().zip(person_of).filter(|(_, person)| chosen >> **person & 1 == 1);
                rows.map(|(value, _)| value).sum::<i128>() == 0
            })
        })
    }
}

/// Makes the row nought in the column by taking a multiple of the other.
fn eliminate(row: &mut [i128], column: usize, other: &[i128]) {
    let (own, theirs) = (row[column], other[column]);
    if own == 0 {
        return;
    }
    let mut common = 0;
    for (value, other) in row.iter_mut().zip(other) {
        *value = value.checked_mul(theirs).unwrap() - other.checked_mul(own).unwrap();
        common = divisor(common, *value);
    }
    for value in row {
        *value /= common.max(1);
    }
}

/// The greatest common divisor.
fn divisor(left: i128, right: i128) -> i128 {
    if right == 0 { left.abs() } else { divisor(right, left % right) }
}
