use std::collections::HashMap;

/// The people of the people table: key to code. Not printable, because keys are data of patients.
#[derive(Default)]
pub(crate) struct People {
    codes: HashMap<Box<str>, Option<i32>>,
    taken: i32,
}

impl People {
    /// Whether the key was seen in the people table before, be it in a row that was left out.
    pub(crate) fn has_seen(&self, key: &str) -> bool {
        self.codes.contains_key(key)
    }

    /// Gives the next code to a key that was not seen before. `None` when there are no more codes.
    pub(crate) fn take(&mut self, key: &str) -> Option<i32> {
        let code = self.taken;
        self.taken = code.checked_add(1)?;
        self.codes.insert(key.into(), Some(code));
        Some(code)
    }

    /// Remembers a key whose row is left out.
    pub(crate) fn leave_out(&mut self, key: &str) {
        self.codes.insert(key.into(), None);
    }

    /// The code of a person who was taken.
    pub(crate) fn code(&self, key: &str) -> Option<i32> {
        self.codes.get(key).copied().flatten()
    }

    /// What becomes of the key of each person who was taken, in the order of their codes.
    pub(crate) fn in_order<const N: usize>(&self, mut of: impl FnMut(&str) -> [u8; N]) -> Vec<[u8; N]> {
        let mut all = vec![[0; N]; self.count() as usize];
        for (key, code) in &self.codes {
            if let Some(place) = code.and_then(|code| all.get_mut(code as usize)) {
                *place = of(key);
            }
        }
        all
    }

    /// How many people have none.
    pub(crate) fn left_out(&self) -> u64 {
        self.codes.values().filter(|code| code.is_none()).count() as u64
    }

    /// How many people have a code.
    pub(crate) fn count(&self) -> u64 {
        u64::from(self.taken.unsigned_abs())
    }
}
