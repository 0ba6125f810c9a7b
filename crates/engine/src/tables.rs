//! The columns of a build that a plan needs, in memory.

use std::{borrow::Cow, collections::HashMap, fmt, sync::Arc};

use coda_model::{
    dictionary::{Dataset, Place},
    plan::Source,
    scale::MISSING,
};

use crate::derive;

/// A column that a plan needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Need {
    /// The person of each row of the table at this place.
    Person(usize),
    /// A variable.
    Variable(Place),
}

/// Columns that do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TablesError {
    /// A needed column was not loaded.
    #[error("column {0} of table {1} is absent")]
    Absent(String, String),
    /// A column has a code that its variable cannot have, or persons out of order.
    #[error("column {0} of table {1} holds codes that the dictionary does not allow")]
    Codes(String, String),
    /// Columns of one table differ in length.
    #[error("column {0} of table {1} has another length than its table")]
    Length(String, String),
}

/// Columns of a build, by need. Cheap to clone.
///
/// `Debug` is silent: it holds patients' values.
#[derive(Clone)]
pub struct Tables<'a> {
    pub(crate) dataset: &'a Dataset,
    pub(crate) people: usize,
    columns: HashMap<Need, Arc<Vec<i32>>>,
    record_keys: Arc<Vec<u64>>,
}

/// Whose values are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// One value a person.
    People,
    /// One value a row of the table at this place.
    Rows(usize),
}

impl<'a> Tables<'a> {
    /// Tables of a data set of as many people as there are record keys, without columns yet.
    pub fn new(dataset: &'a Dataset, record_keys: Arc<Vec<u64>>) -> Self {
        Self { dataset, people: record_keys.len(), columns: HashMap::new(), record_keys }
    }

    /// The record key of each person (docs/disclosure.md, R1).
    pub(crate) fn record_keys(&self) -> &[u64] {
        &self.record_keys
    }

    /// Checks a column that was read, so that it need not be checked at each use.
    ///
    /// # Errors
    /// [`TablesError::Codes`] when a code is none of the variable's, or persons do not ascend.
    pub fn check(dataset: &Dataset, people: usize, need: Need, codes: &[i32]) -> Result<(), TablesError> {
        let valid = match need {
            Need::Person(_) => {
                codes.is_sorted()
                    && codes.first().is_none_or(|first| *first >= 0)
                    && codes.last().is_none_or(|last| (*last as usize) < people)
            }
            Need::Variable(place) => {
                let highest = dataset.variable(place).map_or(MISSING, |variable| variable.kind.highest());
                codes.iter().all(|code| (MISSING..=highest).contains(code))
            }
        };
        let (column, table) = names(dataset, need);
        if valid { Ok(()) } else { Err(TablesError::Codes(column, table)) }
    }

    /// Adds a checked column.
    pub fn insert(&mut self, need: Need, codes: Arc<Vec<i32>>) {
        self.columns.insert(need, codes);
    }

    /// Number of records of a view.
    pub(crate) fn records(&self, view: View) -> Result<usize, TablesError> {
        match view {
            View::People => Ok(self.people),
            View::Rows(table) => Ok(self.column(Need::Person(table))?.len()),
        }
    }

    /// A loaded column.
    pub(crate) fn column(&self, need: Need) -> Result<&[i32], TablesError> {
        let absent = || {
            let (column, table) = names(self.dataset, need);
            TablesError::Absent(column, table)
        };
        self.columns.get(&need).map(|codes| codes.as_slice()).ok_or_else(absent)
    }

    /// The values of a source, one for each record of the view.
    pub(crate) fn values(&self, source: &Source, view: View) -> Result<Cow<'_, [i32]>, TablesError> {
        match (source, view) {
            (Source::Declared(place), View::Rows(table)) if place.table == table => self.own(*place, View::Rows(table)),
            (_, View::People) => self.per_person(source),
            (_, View::Rows(table)) => {
                let values = self.per_person(source)?;
                let of = |person: &i32| values.get(*person as usize).copied().unwrap_or(MISSING);
                Ok(self.column(Need::Person(table))?.iter().map(of).collect())
            }
        }
    }

    /// A column of the view's own table.
    fn own(&self, place: Place, view: View) -> Result<Cow<'_, [i32]>, TablesError> {
        let codes = self.column(Need::Variable(place))?;
        if codes.len() == self.records(view)? {
            return Ok(Cow::Borrowed(codes));
        }
        let (column, table) = names(self.dataset, Need::Variable(place));
        Err(TablesError::Length(column, table))
    }

    fn per_person(&self, source: &Source) -> Result<Cow<'_, [i32]>, TablesError> {
        match source {
            Source::Declared(place) if place.table == self.dataset.people => self.own(*place, View::People),
            Source::Declared(place) => {
                let rows = self.own(*place, View::Rows(place.table))?;
                let mut values = vec![MISSING; self.people];
                for (person, code) in self.column(Need::Person(place.table))?.iter().zip(rows.iter()) {
                    if let Some(value) = values.get_mut(*person as usize) {
                        *value = *code;
                    }
                }
                Ok(Cow::Owned(values))
            }
            Source::Derived(derived) => Ok(Cow::Owned(derive::per_person(self, derived)?)),
        }
    }
}

impl fmt::Debug for Tables<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tables(…)")
    }
}

fn names(dataset: &Dataset, need: Need) -> (String, String) {
    let (table, variable) = match need {
        Need::Person(table) => (table, None),
        Need::Variable(place) => (place.table, dataset.variable(place)),
    };
    let column = variable.map_or("_person".to_owned(), |variable| variable.id.to_string());
    (column, dataset.tables.get(table).map(|table| table.id.to_string()).unwrap_or_default())
}
