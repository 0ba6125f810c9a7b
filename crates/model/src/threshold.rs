//! The threshold rule: how many people there must be behind what leaves a site.

/// The network's minimum frequency (docs/compliance.md, G1). A site may ask for more, never for less.
pub const FLOOR: u64 = 5;

/// A threshold under the network's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a threshold must be at least {FLOOR}")]
pub struct UnderFloor;

/// How many distinct people there must be behind a figure (`k`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold(u64);

impl Threshold {
    /// A threshold.
    ///
    /// # Errors
    /// [`UnderFloor`] when it is under [`FLOOR`].
    pub fn new(least: u64) -> Result<Self, UnderFloor> {
        if least < FLOOR { Err(UnderFloor) } else { Ok(Self(least)) }
    }

    /// Fewest people.
    pub fn least(self) -> u64 {
        self.0
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
        assert_eq!(Threshold::new(7).map(Threshold::least), Ok(7));
        assert_eq!(Threshold::default().least(), 5);
    }
}
