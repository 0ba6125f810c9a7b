//! The threshold: how many people there must be behind what leaves a site.

use crate::ids::{People, Rows};

/// The network's floor (requirements.md G1). A site may ask for more, never for less.
pub const FLOOR: u64 = 5;

/// A threshold under the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a threshold must be at least {FLOOR}")]
pub struct UnderFloor;

/// How many distinct people, and how many rows, there must be behind a released cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    people: u64,
    rows: u64,
}

impl Threshold {
    /// A threshold on people and on rows alike.
    ///
    /// # Errors
    /// [`UnderFloor`] when it is under [`FLOOR`].
    pub fn new(least: u64) -> Result<Self, UnderFloor> {
        Self::with_rows(least, least)
    }

    /// A threshold on people and one on rows. Everybody behind a cell has a row in it, so fewer rows than people mean as
    /// many rows as people.
    ///
    /// # Errors
    /// [`UnderFloor`] when one of them is under [`FLOOR`].
    pub fn with_rows(people: u64, rows: u64) -> Result<Self, UnderFloor> {
        if people.min(rows) < FLOOR { Err(UnderFloor) } else { Ok(Self { people, rows: rows.max(people) }) }
    }

    /// Fewest people.
    pub fn least(self) -> u64 {
        self.people
    }

    /// Fewest rows, never fewer than people.
    pub fn rows(self) -> u64 {
        self.rows
    }

    /// Whether so many people and rows are enough.
    pub fn passes(self, people: People, rows: Rows) -> bool {
        people.0 >= self.people && rows.0 >= self.rows
    }
}

impl Default for Threshold {
    fn default() -> Self {
        Self { people: FLOOR, rows: FLOOR }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gets_under_the_floor() {
        assert_eq!(Threshold::new(4), Err(UnderFloor));
        assert_eq!(Threshold::with_rows(4, 9), Err(UnderFloor));
        assert_eq!(Threshold::with_rows(9, 4), Err(UnderFloor));
        assert!(!Threshold::default().passes(People(4), Rows(100)));
        assert!(!Threshold::default().passes(People(5), Rows(4)));
        assert!(Threshold::default().passes(People(5), Rows(5)));
    }

    #[test]
    fn rows_are_asked_for_apart_from_people_and_are_never_fewer() {
        let threshold = Threshold::with_rows(6, 20).unwrap();
        assert_eq!((threshold.least(), threshold.rows()), (6, 20));
        assert!(!threshold.passes(People(6), Rows(19)));
        assert!(!threshold.passes(People(5), Rows(20)));
        assert!(threshold.passes(People(6), Rows(20)));
        assert_eq!(Threshold::with_rows(11, 5), Threshold::new(11));
    }
}
