//! Rules across answers: what was released over one universe of records, and what a further release would add to it
//! (disclosure.md 2.1 to 2.4). Pure.
//!
//! Three rules look at the sets of records that figures are about, never at the figures:
//!
//! - the pair rule ([`Universe::near`]): two released sets are the same or differ by at least k people, and so do a set
//!   and all but another;
//! - combinations ([`Lone::combination`]): the same of what released sets, by the words that chose them, are together or
//!   leave of each other; what only happens to be such a combination is barred, so that an answer does not tell that it is;
//! - the linear audit ([`Universe::harmful`]): no combination of released sums is a sum over fewer than k people, and no set
//!   leaves that follows from others by chance.
//!
//! The audit is exact for one class of records that no set tells apart, for two classes with any factors, and for three
//! or four classes added up as long as at most 1,500 classes leave room for two others. In longer histories three and four
//! are looked for among the classes that the new sets and the stored sets most like them make. Not looked for: unions of more classes,
//! three classes or more with different factors, and what follows from numbers being whole or not negative. The budget of
//! disclosure.md 2.5 bounds what these could give.

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, OnceLock},
};

use coda_model::plan::Words;
use roaring::RoaringBitmap;

mod bits;
mod classes;
mod cover;
mod crossings;
mod decode;
mod entries;
mod factor;
mod field;
mod lines;
mod lone;
mod met;
mod nulls;
mod origin;
mod parts;
mod people;
mod pool;
mod question;
mod random;
mod related;
mod relations;
mod sample;
mod system;

use crossings::Common;
use entries::Entries;
use nulls::Nulls;
use origin::{Origin, Recent, Told};
use people::People;
use question::Question;
use related::{Extent, Kin, Likeness};
use system::System;

pub use lone::Lone;

/// Record numbers.
pub type Set = RoaringBitmap;

/// The digest of a canonical text of a set.
pub type Text = [u8; 32];

/// What was released over one universe of records: the people of a lineage, or the rows of one table.
pub struct Universe {
    people: People,
    records: u32,
    least: u64,
    entries: Entries,
    /// The entries that are no combination of earlier ones.
    independent: Vec<usize>,
    /// Of each independent entry, by its place among them, those most like it.
    kin: Kin,
    /// Entries of which the audit has not taken note yet; they are part of every question.
    held: Vec<usize>,
    system: System,
    /// For questions about one set. Made when first asked for; a set that is held is worked in while a vector is left for it.
    nulls: OnceLock<Nulls>,
    /// How the held sets follow from each other and the stored ones. Made when first asked for after an entry was added.
    recent: OnceLock<Recent>,
}

/// A released set.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its texts, the first released first; at least one.
    pub texts: Vec<Text>,
    /// Its records.
    pub set: Set,
    /// What is said of them; none for a set that was not chosen by words.
    pub words: Option<Words>,
}

/// A set that may leave.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// Its records.
    pub set: &'a Set,
    /// What is said of them; none for a set that was not chosen by words.
    pub words: Option<&'a Words>,
}

/// A combination of released sets that is a set, and that fewer than k people, or none, tell from another.
#[derive(Clone, PartialEq, Eq)]
pub enum Combination {
    /// Whoever is in the data, the words of the released sets make it a set: it may stand in.
    ByWords(Set),
    /// Only this data makes it a set. Neither it nor the set that was asked for may be told of: an answer would tell that nobody
    /// is in the way.
    ByChance,
}

/// Where a set stands to the entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Near {
    /// It differs by k people at least from every entry and from all but any entry.
    Far,
    /// An entry has this text.
    Same(usize),
    /// It differs by fewer than k people, maybe by none.
    Close {
        /// The earliest such entry.
        entry: usize,
        /// From what it differs so little.
        side: Side,
    },
}

/// An entry's records, or the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The entry's records.
    Itself,
    /// All records of the universe but the entry's.
    Complement,
}

/// What became of a set that is being released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// An entry has this text or is this set; an equal set's entry has the text from now on.
    Known(usize),
    /// A new entry.
    New(usize),
}

impl Universe {
    /// The people 0 to `count - 1` of a lineage, of which no sum over fewer than `least` may be told. Nothing is released
    /// yet, not even the set of all.
    ///
    /// `seed` is the site's secret: who knows it can foresee which vectors the audit draws.
    pub fn people(count: u32, least: u64, seed: [u8; 32]) -> Self {
        Self::new(People::Own, count, least, seed)
    }

    /// The rows of a table with the person of each; distances and classes are counted in people.
    pub fn rows(person_of: Arc<[u32]>, least: u64, seed: [u8; 32]) -> Self {
        let records = person_of.len() as u32;
        Self::new(People::rows(person_of), records, least, seed)
    }

    fn new(people: People, records: u32, least: u64, seed: [u8; 32]) -> Self {
        let system = System::new(records, seed);
        let (independent, held, kin) = (Vec::new(), Vec::new(), Kin::default());
        let entries = Entries::new(records);
        Self {
            people,
            records,
            least,
            entries,
            independent,
            kin,
            held,
            system,
            nulls: OnceLock::new(),
            recent: OnceLock::new(),
        }
    }

    /// The lineage now has `count` people; the new ones are in no entry. A table never grows, nor does anything shrink.
    pub fn grow(&mut self, count: u32) {
        if matches!(self.people, People::Own) && count > self.records {
            self.records = count;
            self.system.grow(count);
            self.entries.grow(count);
            self.forget();
        }
    }

    /// The pair rule (2.3). An entry of the same text goes before a nearer or an earlier one. A difference of nobody is
    /// the same as one of few people, so that the answer does not tell them apart.
    pub fn near(&self, text: &Text, set: &Set) -> Near {
        self.entries
            .by_text(text)
            .map_or_else(|| self.entries.near(set, self.records, &self.people, self.least), Near::Same)
    }

    /// The entry of this text.
    pub fn by_text(&self, text: &Text) -> Option<usize> {
        self.entries.by_text(text)
    }

    /// Walks the sets in the order given and returns the places of those that must be left out, in order, for the others
    /// not to disclose anything together, nor to tell that some of them happen to follow from others.
    pub fn harmful(&self, asked: &[Asked<'_>]) -> Vec<usize> {
        if asked.is_empty() {
            return Vec::new();
        }
        let sets: Vec<&Set> = asked.iter().map(|asked| asked.set).collect();
        let all = self.with_held(&sets);
        let held = self.held.len();
        let question = self.question(&all);
        // Those that are held have left; whether they should have is not asked again.
        let mut harmful: Vec<usize> =
            question.harmful().into_iter().filter_map(|place| place.checked_sub(held)).collect();
        let (rows, recent) = (self.told(&self.independent), self.told(&self.held));
        let sums = |place: usize| question.sums(place);
        harmful.extend(origin::by_chance(&self.system, &rows, recent, asked, &harmful, sums));
        harmful.sort_unstable();
        harmful
    }

    /// What follows from one set and the released ones.
    pub fn lone<'a>(&'a self, set: &'a Set) -> Lone<'a> {
        Lone::new(self, set)
    }

    /// Whether a combination of released sets is the set of these words, whoever is in them.
    pub fn is_by_words(&self, combination: &Set, words: &Words) -> bool {
        self.origin(combination).is_some_and(|origin| origin.is(words))
    }

    fn origin(&self, combination: &Set) -> Option<Origin<'_>> {
        let factors = self.recent().factors(&self.system, combination)?;
        let (rows, recent) = (self.told(&self.independent), self.told(&self.held));
        Origin::of(combination, &self.system, &rows, (&recent, &factors))
    }

    fn recent(&self) -> &Recent {
        let (rows, held) = (|| rows(&self.entries, &self.independent), || rows(&self.entries, &self.held));
        self.recent.get_or_init(|| Recent::new(&self.system, &rows(), &held()))
    }

    /// Makes what questions about single sets need, for several to be asked side by side.
    pub fn ready(&self) {
        self.nulls();
    }

    fn nulls(&self) -> &Nulls {
        if let Some(nulls) = self.nulls.get() {
            return nulls;
        }
        let (rows, held) = (rows(&self.entries, &self.independent), rows(&self.entries, &self.held));
        // Not made within `get_or_init`: a thread that waits there for others to help may be given another question, and would wait for
        // itself.
        let nulls = Nulls::new(&self.system, &rows, &held, &self.people, self.least);
        self.nulls.get_or_init(|| nulls)
    }

    fn told(&self, entries: &[usize]) -> Vec<Told<'_>> {
        let told = entries.iter().filter_map(|index| self.entries.list().get(*index));
        told.map(|entry| (&entry.set, entry.words.as_ref())).collect()
    }

    fn with_held<'a>(&'a self, sets: &[&'a Set]) -> Vec<&'a Set> {
        rows(&self.entries, &self.held).into_iter().chain(sets.iter().copied()).collect()
    }

    /// Stores a set that is being released, and leaves to [`Self::prepare`] what of it takes long.
    pub fn hold(&mut self, text: Text, mut set: Set, words: Option<Words>) -> Held {
        if let Some(entry) = self.entries.by_text(&text) {
            return Held::Known(entry);
        }
        if let Some(last) = set.max() {
            self.grow(last.saturating_add(1));
            set.remove_range(self.records..);
        }
        if let Some(entry) = self.entries.by_set(&set) {
            self.entries.name(entry, text);
            return Held::Known(entry);
        }
        let nulls = self.nulls.take();
        self.forget();
        if let Some(nulls) = nulls.and_then(|nulls| nulls.with(&set, &self.people, self.least)) {
            self.nulls = OnceLock::from(nulls);
        }
        let entry = self.entries.push(text, set, words);
        self.held.push(entry);
        // Mostly a cohort. Its cells come next and are looked for within it, so that how it lies is noted now; how the cells lie is
        // noted with what takes long.
        if self.held.len() == 1 {
            self.entries.relate(entry);
        }
        Held::New(entry)
    }

    /// What was made for the entries as they were.
    fn forget(&mut self) {
        (self.nulls, self.recent) = (OnceLock::new(), OnceLock::new());
    }

    /// Makes the audit take note of all entries.
    fn settle(&mut self) {
        if self.held.is_empty() {
            return;
        }
        self.forget();
        for entry in std::mem::take(&mut self.held) {
            let Some(common) = self.entries.relate(entry) else { continue };
            let Some(set) = self.entries.list().get(entry).map(|entry| &entry.set) else { continue };
            if self.system.insert(&rows(&self.entries, &self.independent), set) {
                self.kin.push(&self.entries.likenesses(&self.independent, &common));
                self.independent.push(entry);
            }
        }
    }

    /// Whether sets were released of which [`Self::prepare`] has not taken note.
    pub fn holds_any(&self) -> bool {
        !self.held.is_empty()
    }

    /// Keeps at least this many random vectors for the questions to come: two more than a question has sets. To be called
    /// when an answer is out. A vector takes 8 bytes a record; every independent set stored uses one up.
    pub fn prepare(&mut self, vectors: usize) {
        self.entries.forget_sides();
        self.settle();
        self.system.prepare(&rows(&self.entries, &self.independent), vectors);
        self.nulls();
    }

    /// An entry by its number.
    pub fn entry(&self, index: usize) -> Option<&Entry> {
        self.entries.list().get(index)
    }

    fn question<'a>(&'a self, sets: &'a [&'a Set]) -> Question<'a> {
        Question::new(self, sets)
    }

    /// Of the independent sets most like any of others, which have so much in common with the entries: the records of the smaller
    /// side.
    fn related<'a>(
        &self,
        others: impl Iterator<Item = &'a Common>,
        extent: Extent,
    ) -> impl Iterator<Item = Cow<'_, [u32]>> {
        let likenesses = |common: &Common| self.entries.likenesses(&self.independent, common);
        let most = |mut most: Vec<Likeness>, likenesses: Vec<Likeness>| {
            most.iter_mut().zip(likenesses).for_each(|(most, other)| *most = other.max(*most));
            most
        };
        let likenesses = others.map(likenesses).reduce(most).unwrap_or_default();
        let places = self.kin.related(likenesses, extent).into_iter();
        places.filter_map(|place| self.entries.smaller_side(*self.independent.get(place)?))
    }
}

/// The sets of these entries, in this order.
fn rows<'a>(entries: &'a Entries, independent: &[usize]) -> Vec<&'a Set> {
    independent.iter().filter_map(|index| entries.list().get(*index)).map(|entry| &entry.set).collect()
}

impl fmt::Debug for Universe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Universe").finish_non_exhaustive()
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Entry").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
