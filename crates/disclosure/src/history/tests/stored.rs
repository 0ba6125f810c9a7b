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

    /// Whether releasing these sets together would determine something about fewer than k people that is not determined yet. So
    /// would a set with records outside the universe, about which nothing can be known.
    pub(super) fn discloses(&self, sets: &[&Set]) -> bool {
        let asked = self.with_held(sets);
        let all: Vec<usize> = (0..asked.len()).collect();
        !sets.is_empty() && self.question(&asked).discloses(&all)
    }

    /// The number of independent entries.
    pub(super) fn rank(&self) -> usize {
        self.system.rank()
    }

    /// The number of entries.
    pub(super) fn len(&self) -> usize {
        self.entries.list().len()
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
