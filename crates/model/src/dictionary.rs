//! The dictionary: what may be asked about, the same at every site.

mod check;
mod file;

use crate::{
    ids::{DatasetId, TableId, VariableId},
    variable::Variable,
};

pub use check::DictionaryError;

/// The network's versioned definition of data sets. What is not declared here cannot be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Dictionary {
    /// Version; site and hub must agree on it.
    pub version: String,
    /// A title for people.
    pub title: String,
    /// The data sets, in the order of the file.
    pub datasets: Vec<Dataset>,
}

/// Tables about the same people.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// Its name in queries.
    pub id: DatasetId,
    /// Its name for people.
    pub label: String,
    /// Whether what leaves a site is perturbed.
    pub release: ReleaseMode,
    /// Place of the table that lists every person, one row each.
    pub people: usize,
    /// The tables, in the order of the file.
    pub tables: Vec<Table>,
}

/// Whether what leaves a site is perturbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReleaseMode {
    /// Every sum is.
    #[default]
    Perturbed,
    /// Sums leave as they are: the people are made up, or everybody may know their data (R14).
    Exact,
}

/// A table of rows about people.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its name in queries.
    pub id: TableId,
    /// Its name for people.
    pub label: String,
    /// How many rows a person may have.
    pub rows: RowsPer,
    /// The column that says whose row it is.
    pub person: String,
    /// Place of the date variable that orders a person's rows.
    pub time: Option<usize>,
    /// The variables, in the order of the file.
    pub variables: Vec<Variable>,
}

/// How many rows of a table a person may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowsPer {
    /// At most one.
    One,
    /// Up to so many.
    Many(u32),
}

impl RowsPer {
    /// The most rows one person may have.
    pub fn most(self) -> u32 {
        match self {
            Self::One => 1,
            Self::Many(most) => most,
        }
    }
}

/// The place of a variable in a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Place of the table in the data set.
    pub table: usize,
    /// Place of the variable in the table.
    pub variable: usize,
}

impl Dictionary {
    /// Reads a dictionary from TOML.
    ///
    /// # Errors
    /// [`DictionaryError`] with the place in the file and what would be right.
    pub fn parse(toml: &str) -> Result<Self, DictionaryError> {
        check::texts(toml)?;
        let raw: file::Dictionary = toml::from_str(toml).map_err(|error| check::syntax(toml, &error))?;
        check::dictionary(raw)
    }

    /// The data set of this name.
    pub fn dataset(&self, id: &DatasetId) -> Option<&Dataset> {
        self.datasets.iter().find(|dataset| dataset.id == *id)
    }
}

impl Dataset {
    /// The place and content of the table of this name.
    pub fn table(&self, id: &str) -> Option<(usize, &Table)> {
        self.tables.iter().enumerate().find(|(_, table)| table.id.as_str() == id)
    }

    /// The variable at a place, if there is one.
    pub fn variable(&self, place: Place) -> Option<&Variable> {
        self.tables.get(place.table)?.variables.get(place.variable)
    }

    /// Every variable with its table and place.
    pub fn variables(&self) -> impl Iterator<Item = (Place, &Table, &Variable)> {
        self.tables.iter().enumerate().flat_map(|(t, table)| {
            let places = table.variables.iter().enumerate();
            places.map(move |(v, variable)| (Place { table: t, variable: v }, table, variable))
        })
    }
}

impl Table {
    /// The place and content of the variable of this name.
    pub fn variable(&self, id: &VariableId) -> Option<(usize, &Variable)> {
        self.variables.iter().enumerate().find(|(_, variable)| variable.id == *id)
    }
}

#[cfg(test)]
mod tests;
