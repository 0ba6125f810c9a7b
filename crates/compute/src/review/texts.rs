//! What sets of people are called: digests of canonical texts (disclosure.md 2.3). And what is said of them.

use coda_disclosure::history::{Set, Text};
use coda_ledger::Digest;
use coda_model::{
    BuildId,
    dictionary::Dataset,
    plan::{Axis, CellAxis, Codes, Part, Plan, Prepared, Unit, Words},
    variable::Missing,
};
use coda_stats::Shape;

use super::Question;

/// The texts and the words of one plan's sets.
pub(super) struct Texts<'a> {
    plan: &'a Plan,
    dataset: &'a Dataset,
    build: &'a BuildId,
    cohort: Prepared<'a>,
    /// Without the cohort.
    everybody: Prepared<'a>,
    /// What the set is called in whose place the cohort is answered.
    within: Option<Text>,
    /// What is said of the people who are answered for, where they are not those whom the cohort chooses on this build.
    stand_in: Option<Words>,
}

impl<'a> Texts<'a> {
    /// Of a plan, and of the same without its cohort.
    pub(super) fn of(plan: &'a Plan, everybody: &'a Plan, question: Question<'a>) -> Self {
        let Question { dataset, build, .. } = question;
        let (cohort, everybody) = (plan.prepared(dataset), everybody.prepared(dataset));
        Self { plan, dataset, build, cohort, everybody, within: None, stand_in: None }
    }

    /// From now on the texts of the parts of another set, in whose place the cohort is answered: the parts of one and the same
    /// set have the same texts, whoever came to it.
    pub(super) fn answer_for(&mut self, other: Text, words: Option<&Words>) {
        self.within = Some(other);
        self.keep_to(&other, words);
    }

    /// From now on what is said of the parts of a set that goes by this text and is not the one that its words choose on this
    /// build. A set of which nothing is said has members all the same: its parts lie in it.
    pub(super) fn keep_to(&mut self, text: &Text, words: Option<&Words>) {
        self.stand_in = Some(words.cloned().unwrap_or_else(|| Words::named(&format!("{text:x?}"))));
    }

    /// The text of the cohort with these parts.
    pub(super) fn set(&self, parts: &[Part<'_>]) -> Text {
        match &self.within {
            Some(other) if parts.is_empty() => *other,
            Some(other) => digest(&[b"within", other, self.everybody.text(parts).as_bytes()]),
            None => digest(&[self.cohort.text(parts).as_bytes()]),
        }
    }

    /// What is said of the members of the cohort with these parts.
    pub(super) fn words(&self, parts: &[Part<'_>]) -> Words {
        self.words_of_any(parts, &[Vec::new()])
    }

    /// What is said of the members of the cohort with these parts and with all of any of those.
    pub(super) fn words_of_any(&self, parts: &[Part<'_>], any: &[Vec<Part<'_>>]) -> Words {
        let words = match &self.stand_in {
            Some(other) => other.and(&self.everybody.words(self.build, parts, any)),
            None => self.cohort.words(self.build, parts, any),
        };
        // The rows of a table of which a person has at most one are people, but not all people.
        match self.plan.unit {
            Unit::People => words,
            Unit::Rows(table) => words.and(&Words::named(&format!("{} rows of {table}", self.build))),
        }
    }

    /// What a set is called that has no words.
    #[expect(clippy::unused_self, reason = "texts are made here")]
    pub(super) fn of_members(&self, set: &Set) -> Text {
        let mut bytes = Vec::with_capacity(set.serialized_size());
        // A vector takes all that is written to it.
        let _ = set.serialize_into(&mut bytes);
        digest(&[b"members", &bytes])
    }

    /// Whether by the words of what is answered nobody is in the cohort with these parts.
    pub(super) fn is_empty(&self, parts: &[Part<'_>]) -> bool {
        let Some(part) = parts.first() else { return false };
        let nobody = Part { source: part.source, codes: Codes::of([]) };
        let prepared = if self.within.is_some() { &self.everybody } else { &self.cohort };
        prepared.text(parts) == prepared.text(&[nobody])
    }

    /// The parts of a cell.
    pub(super) fn cell(&self, cell: usize) -> Vec<Part<'a>> {
        let (mut rest, mut parts) = (cell, Vec::with_capacity(self.plan.axes.len()));
        for CellAxis { axis, missing, .. } in self.plan.axes.iter().rev() {
            let length = axis.len() + usize::from(*missing == Missing::May);
            parts.extend(self.class(axis, rest % length));
            rest /= length;
        }
        parts
    }

    /// The parts of a slot of a shape.
    pub(super) fn slot(&self, shape: &'a Shape, slot: usize) -> Vec<Part<'a>> {
        let (mut rest, mut parts) = (slot, Vec::with_capacity(shape.axes.len() + 1));
        for axis in shape.axes.iter().rev() {
            parts.extend(self.class(axis, rest % axis.len().max(1)));
            rest /= axis.len().max(1);
        }
        parts.extend(shape.value.and_then(|value| self.present(value)));
        parts
    }

    /// The part of all classes of an axis up to one, that one included.
    pub(super) fn up_to(&self, axis: &'a Axis, class: usize) -> Option<Part<'a>> {
        let column = self.plan.column(axis.column)?;
        let highest = column.variable.kind.highest();
        let none = Codes::of([]);
        let codes = (0..=class).fold(none, |codes, class| codes.union(&Codes::of_class(axis, class, highest)));
        Some(Part { source: &column.source, codes })
    }

    /// The parts that say who misses a value that a shape needs: any of these.
    pub(super) fn absent(&self, shape: &Shape) -> Vec<Vec<Part<'a>>> {
        let columns = shape.columns().into_iter().filter_map(|column| self.plan.column(column));
        columns.map(|column| vec![Part { source: &column.source, codes: Codes::missing() }]).collect()
    }

    /// What a column is called.
    pub(super) fn column(&self, place: usize) -> Digest {
        let source = self.plan.column(place).map(|column| Plan::source_text(self.dataset, &column.source));
        digest(&[b"column", source.unwrap_or_default().as_bytes()])
    }

    /// What a table is called: the cohort and how it is divided.
    pub(super) fn table<'b>(&self, axes: impl Iterator<Item = &'b Axis>) -> Text {
        let mut text = self.set(&[]).to_vec();
        for axis in axes {
            text.extend(self.column(axis.column));
            text.extend(format!("{:?}", axis.classes).bytes());
        }
        digest(&[b"table", &text])
    }

    /// By which variables those who have a value for a shape are told apart from others.
    pub(super) fn variables(&self, shape: &Shape) -> String {
        variables(self.plan, self.dataset, shape)
    }

    fn class(&self, axis: &'a Axis, class: usize) -> Option<Part<'a>> {
        let column = self.plan.column(axis.column)?;
        Some(Part { source: &column.source, codes: Codes::of_class(axis, class, column.variable.kind.highest()) })
    }

    fn present(&self, place: usize) -> Option<Part<'a>> {
        let column = self.plan.column(place)?;
        Some(Part { source: &column.source, codes: Codes::present(column.variable.kind.highest()) })
    }
}

/// Sums of one variable are held against each other, by whatever else they are divided: over the people with a value of it, and
/// over those of them with a value of another. Sums of two variables tell nothing of one person together.
pub(super) fn variables(plan: &Plan, dataset: &Dataset, shape: &Shape) -> String {
    let name =
        |place: usize| plan.column(place).map_or_else(String::new, |column| Plan::source_text(dataset, &column.source));
    let names: Vec<String> = match shape.value.filter(|_| shape.powers > 0) {
        Some(value) => vec!["sums".to_owned(), name(value)],
        None => std::iter::once("levels".to_owned()).chain(shape.columns().into_iter().map(name)).collect(),
    };
    let names: Vec<&[u8]> = names.iter().map(String::as_bytes).collect();
    hex::encode(digest(&names))
}

/// SHA-256 over parts, each with its length.
pub(crate) fn digest(parts: &[&[u8]]) -> Digest {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend((part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part);
    }
    coda_pki::sha256(&bytes)
}
