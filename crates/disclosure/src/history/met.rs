//! Numbers met, a bit for each, which others may share.

/// Bits for each number: of random numbers few have the bit of another by chance.
const ROOM: usize = 16;

/// Which of many random numbers were met.
pub(super) struct Met(Vec<u64>);

impl Met {
    /// Room for about so many.
    pub(super) fn for_about(numbers: usize) -> Self {
        Self(vec![0; (ROOM * numbers / 64).next_power_of_two()])
    }

    /// Notes that a number was met; whether it, or one that shares its bit, was before.
    pub(super) fn meet(&mut self, number: u64) -> bool {
        let place = self.place(number);
        let Some(word) = self.0.get_mut(place) else { return false };
        let bit = 1 << (number & 63);
        let was_met = *word & bit != 0;
        *word |= bit;
        was_met
    }

    /// Whether a number was met, or one that shares its bit.
    pub(super) fn has(&self, number: u64) -> bool {
        self.0.get(self.place(number)).is_some_and(|word| word >> (number & 63) & 1 == 1)
    }

    fn place(&self, number: u64) -> usize {
        (number >> 6) as usize & (self.0.len() - 1)
    }
}
