//! What a build holds.

use std::fmt;

use coda_model::ids::{BuildId, DatasetId, People, Rows, SiteId, TableId, VariableId};

/// The name of the column that says whose row it is. No variable can have it: variables do not start with `_`.
const PERSON: &str = "_person";
/// The name of the file that says who the people are.
const KEYS: &str = "_keys";
/// What a build holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The name of the build: the day it was made and a digest of everything below.
    pub build: BuildId,
    /// Where it is from.
    pub facts: Facts,
    /// The tables, in the order they were written.
    pub tables: Vec<TableEntry>,
}

/// Where a build is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The site whose people these are.
    pub site: SiteId,
    /// The data set of the dictionary.
    pub dataset: DatasetId,
    /// The dictionary's version.
    pub dictionary_version: String,
    /// [`sha256`](crate::sha256) of the dictionary's text.
    pub dictionary_digest: String,
    /// [`sha256`](crate::sha256) of the site's mapping; none where the site has none.
    pub mapping_digest: Option<String>,
    /// When it was made, RFC 3339 in UTC.
    pub made: String,
    /// How many people there are; their codes are 0 up to this.
    pub people: People,
}

/// One table of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableEntry {
    /// The table's name.
    pub id: TableId,
    /// How many rows each of its columns has.
    pub rows: Rows,
    /// How many rows of the source were left out as unfit.
    pub left_out: Rows,
    /// The columns, in the order they were written.
    pub columns: Vec<ColumnEntry>,
}

/// One column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnEntry {
    /// The column's name.
    pub name: ColumnName,
    /// The length of its file in bytes.
    pub bytes: u64,
    /// The [`sha256`](crate::sha256) of its file.
    pub sha256: String,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnName {
    /// The code of the person of each row.
    Person,
    /// Not codes: the keys that tell each person in the other builds of the lineage too. One table has them, that of the
    /// people.
    Keys,
    /// The codes of a variable.
    Variable(VariableId),
}

impl Manifest {
    /// The table that lists the people: the one with the keys.
    pub fn people_table(&self) -> Option<&TableEntry> {
        self.tables.iter().find(|table| table.column(&ColumnName::Keys).is_some())
    }

    /// The table of this name.
    pub fn table(&self, id: &str) -> Option<&TableEntry> {
        self.tables.iter().find(|table| table.id.as_str() == id)
    }
}

impl TableEntry {
    /// The column of this name.
    pub fn column(&self, name: &ColumnName) -> Option<&ColumnEntry> {
        self.columns.iter().find(|column| column.name == *name)
    }

    /// The column of this name, as [`ColumnName::as_str`] has it.
    pub fn column_named(&self, name: &str) -> Option<&ColumnEntry> {
        self.columns.iter().find(|column| column.name.as_str() == name)
    }
}

impl ColumnName {
    /// The name as text: the variable's, or `_person` or `_keys`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Person => PERSON,
            Self::Keys => KEYS,
            Self::Variable(variable) => variable.as_str(),
        }
    }

    /// Reads the name of a column; `None` when it is invalid.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            PERSON => Some(Self::Person),
            KEYS => Some(Self::Keys),
            variable => VariableId::new(variable).ok().map(Self::Variable),
        }
    }
}

impl fmt::Display for ColumnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The file of a column, relative to the build's folder.
pub(crate) fn file_name(table: &TableId, column: &ColumnName) -> String {
    let ending = match column {
        ColumnName::Person | ColumnName::Variable(_) => "parquet",
        ColumnName::Keys => "bin",
    };
    format!("{table}/{column}.{ending}")
}

/// Whether each table has its person column, and one table the keys; or the rule that is broken.
pub(crate) fn complete(tables: &[TableEntry]) -> Result<(), &'static str> {
    let having = |name| tables.iter().filter(|table| table.column(name).is_some()).count();
    if having(&ColumnName::Person) < tables.len() {
        return Err("every table has its person column");
    }
    if having(&ColumnName::Keys) == 1 { Ok(()) } else { Err("one table has the keys of the people") }
}
