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
pub struct Threshold(u64);

impl Threshold {
    /// A threshold on people and on rows alike.
    ///
    /// # Errors
    /// [`UnderFloor`] when it is under [`FLOOR`].
    pub fn new(least: u64) -> Result<Self, UnderFloor> {
        if least < FLOOR { Err(UnderFloor) } else { Ok(Self(least)) }
    }

    /// Fewest people, and fewest rows.
    pub fn least(self) -> u64 {
        self.0
    }

    /// Whether so many people and rows are enough.
    pub fn passes(self, people: People, rows: Rows) -> bool {
        people.0 >= self.0 && rows.0 >= self.0
    }
}

impl Default for Threshold {
    fn default() -> Self {
        Self(FLOOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gets_under_the_floor() {
        assert_eq!(Threshold::new(4), Err(UnderFloor));
        assert!(!Threshold::default().passes(People(4), Rows(100)));
        assert!(!Threshold::default().passes(People(5), Rows(4)));
        assert!(Threshold::default().passes(People(5), Rows(5)));
    }
}
