//! Whose a record is: a person's own, or a row of a table with a person for each row.

use std::{collections::BTreeMap, sync::Arc};

use super::{Set, classes::Classes, parts::Part};

/// The people of the records.
pub(super) enum People {
    /// Every record is a person.
    Own,
    /// Records are rows.
    Rows {
        /// The person of each row.
        person_of: Arc<[u32]>,
        /// The rows, person by person.
        order: Vec<u32>,
        /// The most rows that one person has.
        most: u64,
    },
}

impl People {
    pub(super) fn rows(person_of: Arc<[u32]>) -> Self {
        let mut order: Vec<u32> = (0..person_of.len() as u32).collect();
        let person = |row: &u32| person_of.get(*row as usize).copied();
        order.sort_by_key(person);
        let most = order.chunk_by(|left, right| person(left) == person(right)).map(<[u32]>::len).max();
        Self::Rows { order, most: most.unwrap_or(1) as u64, person_of }
    }

    /// The most records that a person has.
    pub(super) fn most(&self) -> u64 {
        match self {
            Self::Own => 1,
            Self::Rows { most, .. } => *most,
        }
    }

    /// The person of a record.
    #[inline]
    pub(super) fn of(&self, record: u32) -> u32 {
        match self {
            Self::Own => record,
            Self::Rows { person_of, .. } => person_of.get(record as usize).copied().unwrap_or_default(),
        }
    }

    /// Visits the first `records` records person by person.
    pub(super) fn in_order(&self, records: u32, visit: impl FnMut(u32)) {
        match self {
            Self::Own => (0..records).for_each(visit),
            Self::Rows { order, .. } => order.iter().copied().for_each(visit),
        }
    }

    /// Whether several sets of records may be of the same people.
    pub(super) fn may_share(&self) -> bool {
        matches!(self, Self::Rows { .. })
    }

    /// Of how many people these records are, which are in their order.
    pub(super) fn number(&self, in_order: &[u32]) -> u64 {
        match self {
            Self::Own => in_order.len() as u64,
            Self::Rows { .. } => in_order.chunk_by(|one, other| self.of(*one) == self.of(*other)).count() as u64,
        }
    }

    /// Of how many people those of these records are that are in a set, `within` of them, and of how many the others. The records
    /// are in their order.
    pub(super) fn sides(&self, in_order: &[u32], within: usize, is_within: impl Fn(u32) -> bool) -> [u64; 2] {
        match self {
            Self::Own => [within as u64, (in_order.len() - within) as u64],
            Self::Rows { .. } => [true, false].map(|side| {
                let records: Vec<u32> = in_order.iter().copied().filter(|record| is_within(*record) == side).collect();
                self.number(&records)
            }),
        }
    }

    /// Whether the records belong to fewer than `least` people.
    pub(super) fn are_few(&self, records: &Set, least: u64) -> bool {
        match self {
            Self::Own => records.len() < least,
            Self::Rows { person_of, .. } => {
                let mut found: Vec<u32> = Vec::new();
                for record in records {
                    if let Some(person) = person_of.get(record as usize)
                        && !found.contains(person)
                    {
                        found.push(*person);
                    }
                    if found.len() as u64 >= least {
                        return false;
                    }
                }
                true
            }
        }
    }

    /// The classes of one to `least - 1` people with what vectors add up to over them, given what these have at each record by the
    /// stored sets and by the new ones too.
    pub(super) fn summed(
        &self,
        classes: &Classes,
        least: u64,
        values: impl Fn(u32) -> ([u64; 2], [u64; 2]),
    ) -> Vec<Part> {
        let (mut parts, places) = self.parts(classes, least);
        for (record, class) in (0..).zip(classes.of()) {
            let place = places.get(*class as usize).copied().unwrap_or(u32::MAX);
            if let Some(part) = parts.get_mut(place as usize) {
                let (before, now) = values(record);
                part.add(before, now);
            }
        }
        self.whole(&mut parts);
        parts
    }

    /// Whether so many records may be of one to `least - 1` people.
    pub(super) fn may_be_few(&self, records: u32, least: u64) -> bool {
        records > 0 && u64::from(records) <= least.saturating_sub(1).saturating_mul(self.most())
    }

    /// The classes of one to `least - 1` people, and the place of each class among them, `u32::MAX` for the others.
    fn parts(&self, classes: &Classes, least: u64) -> (Vec<Part>, Vec<u32>) {
        let mut parts = Vec::new();
        let mut places = vec![u32::MAX; classes.sizes().len()];
        match self {
            Self::Own => {
                for (place, size) in
                    places.iter_mut().zip(classes.sizes()).filter(|(_, size)| self.may_be_few(**size, least))
                {
                    *place = parts.len() as u32;
                    parts.push(Part::of(u64::from(*size)));
                }
            }
            Self::Rows { person_of, order, .. } => {
                let mut who: Vec<Vec<u32>> = vec![Vec::new(); classes.sizes().len()];
                for row in order {
                    let person = person_of.get(*row as usize).copied().unwrap_or_default();
                    let class = classes.of().get(*row as usize).copied().unwrap_or_default() as usize;
                    let is_small = classes.sizes().get(class).is_some_and(|size| self.may_be_few(*size, least));
                    if let Some(who) = who.get_mut(class)
                        && is_small
                        && who.last() != Some(&person)
                        && (who.len() as u64) < least
                    {
                        who.push(person);
                    }
                }
                let few = |who: &Vec<u32>| !who.is_empty() && (who.len() as u64) < least;
                for (place, who) in places.iter_mut().zip(who).filter(|(_, who)| few(who)) {
                    *place = parts.len() as u32;
                    parts.push(Part::with(who));
                }
            }
        }
        (parts, places)
    }

    /// Adds what is some people's alone, all classes of it together: of each set of people who have a class to themselves,
    /// the classes of these people and of some of them.
    fn whole(&self, parts: &mut Vec<Part>) {
        if matches!(self, Self::Own) {
            return;
        }
        let mut exact: BTreeMap<Vec<u32>, (usize, Part)> = BTreeMap::new();
        for part in parts.iter() {
            let start = || (0, Part::with(part.who.clone()));
            let (classes, sum) = exact.entry(part.who.clone()).or_insert_with(start);
            *classes += 1;
            sum.add(part.before, part.now);
        }
        for who in exact.keys() {
            let mut whole = Part::with(who.clone());
            let mut number = 0;
            for (classes, sum) in some_of(who).iter().filter_map(|some| exact.get(some)) {
                number += classes;
                whole.add(sum.before, sum.now);
            }
            if number > 1 {
                parts.push(whole);
            }
        }
    }
}

/// The people, and if they are at most four, all choices of some of them.
fn some_of(who: &[u32]) -> Vec<Vec<u32>> {
    if who.len() > 4 {
        return vec![who.to_vec()];
    }
    let chosen = |choice: &u32| {
        (0..).zip(who).filter(|(place, _)| choice >> place & 1 == 1).map(|(_, person)| *person).collect()
    };
    (1..1_u32 << who.len()).map(|choice| chosen(&choice)).collect()
}
