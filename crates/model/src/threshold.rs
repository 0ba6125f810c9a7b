//! The threshold: how many people there must be behind what leaves a site.

use crate::ids::{People, Rows};

/// The network's floor (requirements.md G1). A site may ask for more, never for less.
pub const FLOOR: u64 = 5;

/// A threshold under the floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a threshold must be at least {FLOOR}")]
pub struct UnderFloor;

/// Fewest distinct people, and fewest rows, behind a released cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    people: u64,
    rows: u64,
}

impl Threshold {
    /// A threshold on people and one on rows.
    ///
    /// # Errors
    /// [`UnderFloor`] when either is under [`FLOOR`].
    pub fn new(people: u64, rows: u64) -> Result<Self, UnderFloor> {
        if people < FLOOR || rows < FLOOR { Err(UnderFloor) } else { Ok(Self { people, rows }) }
    }

    /// Fewest people.
    pub fn people(self) -> u64 {
        self.people
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
        assert_eq!(Threshold::new(4, 5), Err(UnderFloor));
        assert_eq!(Threshold::new(5, 0), Err(UnderFloor));
        assert!(!Threshold::default().passes(People(4), Rows(100)));
        assert!(!Threshold::default().passes(People(5), Rows(4)));
        assert!(Threshold::default().passes(People(5), Rows(5)));
    }
}
