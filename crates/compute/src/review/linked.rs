//! The people behind rows. Rows of a table and people are two universes, and one can tell of the other: of people with two rows
//! each, the number of rows is twice that of the people. So sets of rows are compared as sets of people too.

use coda_disclosure::{
    Defence,
    history::{Combination, Near, Set, Side, Text},
};
use coda_model::{
    BuildId,
    dictionary::Dataset,
    frame::Standing,
    plan::{Condition, Plan, Source, Unit, Words},
};

use super::{Review, digest};
use crate::{census::Census, known::Known, known::Placed};

/// What is known of people, beside a review of rows.
pub(crate) struct People<'a> {
    pub(crate) known: &'a mut Known,
    /// People as members of their universe.
    pub(crate) census: Census,
    /// The person of each row.
    pub(crate) persons: &'a [i32],
    /// The earlier builds of which rows of the table were told.
    pub(crate) told_before: Vec<BuildId>,
}

impl People<'_> {
    /// The people of these rows.
    pub(super) fn of(&self, rows: &Set) -> Set {
        let mut found: Vec<u32> =
            rows.iter().filter_map(|row| self.persons.get(row as usize)).map(|person| *person as u32).collect();
        found.dedup();
        self.census.members(&found)
    }

    /// All rows of these people.
    pub(super) fn rows(&self, people: &Set) -> Set {
        let records = self.census.records(people);
        let is_in = |person: &i32| records.binary_search(&(*person as u32)).is_ok();
        (0..).zip(self.persons).filter(|(_, person)| is_in(person)).map(|(row, _)| row).collect()
    }
}

/// The people behind a set of rows, who were not told of.
pub(super) struct Behind {
    pub(super) text: Text,
    pub(super) set: Set,
    pub(super) words: Option<Words>,
}

impl Review<'_> {
    /// How the people behind a set of rows stand to what was released of people; free in a review of people.
    pub(super) fn people_stand(&self, text: Text, rows: &Set, words: &Words) -> (Standing, Option<Behind>) {
        let Some(people) = &self.people else { return (Standing::Free, None) };
        let set = people.of(rows);
        if set.len() < self.terms.rules.threshold.least() {
            return (Standing::Free, None);
        }
        if !self.have_changed(&set) {
            return (Standing::Close, None);
        }
        let text = digest(&[b"people of rows", &text]);
        match self.place_in(people.known, text, &set) {
            Placed::Known(_) => (Standing::Known, None),
            Placed::Close(..) | Placed::Combined(_) | Placed::Hidden => (Standing::Close, None),
            Placed::New(text) => (Standing::Free, Some(Behind { text, set, words: self.words_behind(words) })),
        }
    }

    /// How many people a set of records is of. Of rows it is the number of the people who were told of, where few people or none tell
    /// them from those behind the rows: the others have no rows, and beside the number that was told theirs would follow.
    pub(super) fn people_told(&self, records: &Set) -> u64 {
        let Some(people) = &self.people else { return records.len() };
        let set = people.of(records);
        let known = &people.known;
        if !self.terms.defences.has(Defence::PairRule) {
            return set.len();
        }
        match known.universe.near(&digest(&[b"number of people"]), &set) {
            Near::Close { entry, side: Side::Itself } | Near::Same(entry) => known.set(entry).len(),
            Near::Close { side: Side::Complement, .. } => set.len(),
            Near::Far => match known.universe.lone(&set).combination() {
                Some(Combination::ByWords(other)) => other.len(),
                Some(Combination::ByChance) | None => set.len(),
            },
        }
    }

    /// What is said of the people behind rows of which this is said, that they have one included; nothing where it is not said of
    /// people.
    pub(super) fn words_behind(&self, words: &Words) -> Option<Words> {
        let Unit::Rows(table) = self.question.plan.unit else { return None };
        let mut of_axes = self.question.plan.axes.iter().filter_map(|axis| self.question.plan.column(axis.axis.column));
        let are_personal = is_personal(self.question.plan) && of_axes.all(|column| is_persons(&column.source, table));
        are_personal.then(|| words.clone())
    }

    /// Whether rows of these people may be told of beside those of earlier builds: the build must say something else of enough of
    /// them than each earlier one did of which rows of the table were told, or what has changed would follow (disclosure.md 2.6).
    /// That it says something else of none looks like a few.
    pub(super) fn have_changed(&self, set: &Set) -> bool {
        let Some(people) = &self.people else { return true };
        !self.terms.defences.has(Defence::AcrossBuilds)
            || people.told_before.iter().all(|build| {
                self.changed.get(build).map_or(0, |changed| changed.intersection_len(set))
                    >= self.terms.rules.threshold.least()
            })
    }
}

/// Whether a plan's cohort looks at nothing that differs between the rows of one person.
pub(super) fn is_personal(plan: &Plan) -> bool {
    let Unit::Rows(table) = plan.unit else { return true };
    plan.cohort.as_ref().is_none_or(|cohort| of_people(cohort, table))
}

fn of_people(condition: &Condition, table: usize) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().all(|part| of_people(part, table)),
        Condition::Not(part) => of_people(part, table),
        Condition::Within(source, _) | Condition::OneOf(source, _) | Condition::Missing(source) => {
            is_persons(source, table)
        }
        Condition::Has { .. } => true,
    }
}

/// Whether a source has one value for all rows of a person.
pub(super) fn is_persons(source: &Source, table: usize) -> bool {
    !matches!(source, Source::Declared(place) if place.table == table)
}

/// What a column is made of, by name: the variable whose values are summed, if sums of it could be taken in several ways.
pub(crate) fn origin(dataset: &Dataset, unit: Unit, source: &Source) -> Option<String> {
    let (table, variable) = match (source, unit) {
        (Source::Derived(derived), _) => (derived.table, derived.variable?),
        (Source::Declared(place), Unit::Rows(table)) if place.table == table => (place.table, place.variable),
        (Source::Declared(_), _) => return None,
    };
    let table = dataset.tables.get(table)?;
    (table.rows.most() > 1).then(|| Some(format!("{}.{}", table.id, table.variables.get(variable)?.id)))?
}
