//! Each signed envelope is answered once.

use std::{collections::HashMap, sync::Mutex, sync::PoisonError};

/// The nonces of envelopes that may still be valid.
#[derive(Debug, Default)]
pub(crate) struct Nonces(Mutex<HashMap<[u8; 16], i64>>);

impl Nonces {
    /// Takes a nonce; `false` when it was taken before. It is remembered until `until` (seconds since 1970).
    pub(crate) fn take(&self, nonce: [u8; 16], until: i64, now: i64) -> bool {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.retain(|_, until| *until >= now);
        taken.insert(nonce, until).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_taken_once_while_it_counts() {
        let nonces = Nonces::default();
        assert!(nonces.take([1; 16], 100, 50));
        assert!(!nonces.take([1; 16], 100, 60));
        assert!(nonces.take([2; 16], 100, 60));
        assert!(nonces.take([1; 16], 300, 200));
    }
}
