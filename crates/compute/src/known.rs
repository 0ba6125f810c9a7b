//! What a site has released over one universe of records, in memory: the sets, and beside each its place in the ledger and
//! what was told of it.

use std::collections::HashMap;

use coda_disclosure::history::{Combination, Held, Near, Set, Side, Text, Universe};
use coda_ledger::{Digest, EntryId, Stored};
use coda_model::{BuildId, plan::Words};

/// The sets over one universe.
pub(crate) struct Known {
    pub(crate) universe: Universe,
    /// By the number of the set.
    entries: Vec<About>,
}

/// What is known of a set beside its members.
struct About {
    /// Its place in the ledger; `None` until what is being decided has been written.
    id: Option<EntryId>,
    /// The build it was released on.
    build: BuildId,
    /// Sums by column.
    figures: HashMap<Digest, Vec<i128>>,
}

/// Where a set belongs.
#[derive(Clone)]
pub(crate) enum Placed {
    /// It was released, under this text; or it has changed by few people since.
    Known(usize),
    /// Few people, or none, tell it from a set that was released, or from all but such a set.
    Close(usize, Side),
    /// Few people, or none, tell it from a combination of sets that were released, which is a set by their words.
    Combined(Set),
    /// It is new, and goes by this text.
    New(Text),
    /// It must not be told of: by itself it would tell of too few, or it tells of another universe what must not be told, or it
    /// happens to come close to a combination of sets that were released.
    Hidden,
}

impl Known {
    pub(crate) fn new(universe: Universe) -> Self {
        Self { universe, entries: Vec::new() }
    }

    /// Takes over what the ledger kept.
    pub(crate) fn remember(&mut self, stored: Stored) {
        let Stored { id, text, build, set, words, figures, .. } = stored;
        let (Held::New(entry) | Held::Known(entry)) = self.universe.hold(text, set, words);
        if entry == self.entries.len() {
            self.entries.push(About { id: Some(id), build, figures: HashMap::new() });
        }
        if let Some(about) = self.entries.get_mut(entry) {
            about.figures.extend(figures.into_iter().map(|figure| (figure.column, figure.powers)));
        }
    }

    /// Takes in a new set of this build.
    pub(crate) fn insert(&mut self, text: Text, set: Set, words: Option<Words>, build: &BuildId) -> Held {
        let held = self.universe.hold(text, set, words);
        if let Held::New(_) = held {
            self.entries.push(About { id: None, build: build.clone(), figures: HashMap::new() });
        }
        held
    }

    /// What a set goes by that has this text: `later`, when the text belongs to a set from which it has moved too far.
    pub(crate) fn named(&self, text: Text, later: impl FnOnce() -> Text, set: &Set, least: u64) -> Text {
        match self.universe.near(&text, set) {
            Near::Same(entry) if self.set(entry).symmetric_difference_len(set) >= least => later(),
            _ => text,
        }
    }

    /// Whether something was told of a set under this text from which fewer than `least` people tell this one.
    pub(crate) fn is_told(&self, text: &Text, set: &Set, least: u64) -> bool {
        let told = self.universe.by_text(text);
        told.is_some_and(|entry| self.set(entry).symmetric_difference_len(set) < least)
    }

    /// Where a set belongs that goes by this text; `later` is what it goes by when its text belongs to a set of an earlier
    /// build from which it has moved too far. One that is not close to any is audited by itself, if there is an audit.
    ///
    /// What would tell of too few by itself is hidden from the start, as what happens to follow is: found later, it would first
    /// have left with others, and been decided upon with them.
    pub(crate) fn place(
        &self,
        text: Text,
        later: impl FnOnce() -> Text,
        set: &Set,
        (least, is_audited): (u64, bool),
    ) -> Placed {
        let text = self.named(text, later, set, least);
        match self.universe.near(&text, set) {
            Near::Close { entry, side } => return Placed::Close(entry, side),
            Near::Same(entry) => return Placed::Known(entry),
            Near::Far => {}
        }
        let lone = self.universe.lone(set);
        match lone.combination() {
            Some(Combination::ByWords(other)) => Placed::Combined(other),
            Some(Combination::ByChance) => Placed::Hidden,
            None if is_audited && lone.discloses() => Placed::Hidden,
            None => Placed::New(text),
        }
    }

    /// The members of a set by its number.
    pub(crate) fn set(&self, entry: usize) -> &Set {
        static NOBODY: std::sync::LazyLock<Set> = std::sync::LazyLock::new(Set::new);
        self.universe.entry(entry).map_or(&NOBODY, |entry| &entry.set)
    }

    /// What is said of a set.
    pub(crate) fn words(&self, entry: usize) -> Option<&Words> {
        self.universe.entry(entry)?.words.as_ref()
    }

    /// The text a set was first released under.
    pub(crate) fn text(&self, entry: usize) -> Text {
        self.universe.entry(entry).and_then(|entry| entry.texts.first().copied()).unwrap_or_default()
    }

    /// The build a set was released on.
    pub(crate) fn build(&self, entry: usize) -> Option<&BuildId> {
        self.entries.get(entry).map(|about| &about.build)
    }

    /// The place of a set in the ledger.
    pub(crate) fn id(&self, entry: usize) -> Option<EntryId> {
        self.entries.get(entry).and_then(|about| about.id)
    }

    /// What was told of a set's column.
    pub(crate) fn figure(&self, entry: usize, column: &Digest) -> Option<&[i128]> {
        self.entries.get(entry)?.figures.get(column).map(Vec::as_slice)
    }

    /// Notes what is told of a set's column; returns how many of the sums were not told before.
    pub(crate) fn tell(&mut self, entry: usize, column: Digest, sums: &[i128]) -> usize {
        let Some(about) = self.entries.get_mut(entry) else { return 0 };
        let told = about.figures.get(&column).map_or(0, Vec::len);
        if told < sums.len() {
            about.figures.insert(column, sums.to_vec());
        }
        sums.len().saturating_sub(told)
    }

    /// The sets of which sums of a column were told.
    pub(crate) fn told(&self, column: &Digest) -> impl Iterator<Item = usize> + use<'_> {
        let column = *column;
        let told = move |(_, about): &(usize, &About)| about.figures.contains_key(&column);
        self.entries.iter().enumerate().filter(told).map(|(entry, _)| entry)
    }

    /// Notes the place of a set in the ledger.
    pub(crate) fn written(&mut self, entry: usize, id: EntryId) {
        if let Some(about) = self.entries.get_mut(entry) {
            about.id = Some(id);
        }
    }
}
