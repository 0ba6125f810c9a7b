//! The records of a study as members of the universe in which the ledger compares sets.

use coda_disclosure::history::Set;

/// No record.
const NOBODY: u32 = u32::MAX;

/// How records of a build and members of a universe correspond.
pub(crate) enum Census {
    /// Members are the rows of a table, in their order.
    Rows(u32),
    /// Members are people, by their ordinals in the lineage.
    People {
        /// The ordinal of each record.
        ordinals: Vec<u32>,
        /// The record of each ordinal.
        records: Vec<u32>,
    },
}

impl Census {
    /// People, given the ordinal of each record; no two records are of one person.
    pub(crate) fn of_people(ordinals: Vec<u32>) -> Self {
        let size = ordinals.iter().max().map_or(0, |last| *last as usize + 1);
        let mut records = vec![NOBODY; size];
        for (record, ordinal) in (0..).zip(&ordinals) {
            if let Some(place) = records.get_mut(*ordinal as usize) {
                *place = record;
            }
        }
        Self::People { ordinals, records }
    }

    /// The members of all records.
    pub(crate) fn all(&self) -> Set {
        match self {
            Self::Rows(count) => (0..*count).collect(),
            Self::People { ordinals, .. } => gather(ordinals.clone()),
        }
    }

    /// The members of these records, ascending.
    pub(crate) fn members(&self, records: &[u32]) -> Set {
        match self {
            Self::Rows(_) => records.iter().copied().collect(),
            Self::People { ordinals, .. } => {
                gather(records.iter().filter_map(|record| ordinals.get(*record as usize)).copied().collect())
            }
        }
    }

    /// The records of these members, ascending; members that are not in the build have none.
    pub(crate) fn records(&self, members: &Set) -> Vec<u32> {
        match self {
            Self::Rows(count) => members.iter().filter(|row| row < count).collect(),
            Self::People { records, .. } => {
                let record = |member: u32| records.get(member as usize).copied().filter(|record| *record != NOBODY);
                let mut found: Vec<u32> = members.iter().filter_map(record).collect();
                found.sort_unstable();
                found
            }
        }
    }
}

fn gather(mut members: Vec<u32>) -> Set {
    members.sort_unstable();
    members.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_and_members_correspond_whatever_their_order() {
        let census = Census::of_people(vec![4, 0, 2]);
        let set = census.members(&[0, 2]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [2, 4]);
        assert_eq!(census.records(&set), [0, 2]);
        assert_eq!(census.records(&(0..10).collect()), [0, 1, 2], "3 and beyond are in no build");
        assert_eq!(census.all(), census.members(&[0, 1, 2]));
    }
}
