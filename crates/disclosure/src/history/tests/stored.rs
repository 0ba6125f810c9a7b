//! Sets stored one by one, each looked at by the audit at once.

use super::super::{Held, Set, Text, Universe};

/// What became of a set that was to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inserted {
    /// An entry has this text or is this set; an equal set's entry has the text from now on.
    Known(usize),
    /// A new entry.
    New { entry: usize, independence: Independence },
}

/// Whether a released set tells something that earlier ones did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Independence {
    /// It is no combination of earlier entries.
    Independent,
    /// Its sums follow from those of earlier entries.
    Dependent,
}

impl Universe {
    /// Stores a set.
    pub(super) fn insert(&mut self, text: Text, set: Set) -> Inserted {
        self.settle();
        let rank = self.rank();
        let Held::New(entry) = self.hold(text, set, None) else {
            return Inserted::Known(self.entries.by_text(&text).unwrap());
        };
        self.settle();
        let independence = if self.rank() > rank { Independence::Independent } else { Independence::Dependent };
        Inserted::New { entry, independence }
    }

    /// A combination that fewer than k people, or none, tell from this set, by words or not.
    pub(super) fn follows(&self, set: &Set) -> Option<Set> {
        self.lone(set).first(&|_| true)
    }

    /// The places of those of these sets that would disclose something with those before them.
    pub(super) fn disclosing(&self, sets: &[&Set]) -> Vec<usize> {
        self.question(&self.with_held(sets)).harmful().into_iter().map(|place| place - self.held.len()).collect()
    }

    /// Whether a set's sums follow from those of the entries, whatever its people.
    pub(super) fn depends(&self, set: &Set) -> bool {
        self.nulls().sum(set) == Some([0; 3])
    }
}
