//! The manifest as it stands in its file.

use coda_model::ids::{DatasetId, People, Rows, SiteId, TableId};
use serde::{Deserialize, Serialize};

use crate::{
    digest::is_sha256,
    manifest::{ColumnEntry, ColumnName, Facts, TableEntry, complete, file_name},
};

/// The format of the builds that this program reads and writes. Those of format 1 have no keys.
pub(super) const FORMAT: u32 = 2;

/// The format of all lines but the first.
pub(super) fn format(content: &str) -> Result<u32, toml::de::Error> {
    /// The one line that every format has.
    #[derive(Deserialize)]
    struct AnyFormat {
        format: u32,
    }
    toml::from_str(content).map(|AnyFormat { format }| format)
}

/// All lines but the first, which holds the name.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    format: u32,
    site: String,
    dataset: String,
    dictionary_version: String,
    dictionary_digest: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mapping_digest: Option<String>,
    made: String,
    people: u64,
    table: Vec<Table>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    id: String,
    rows: u64,
    left_out: u64,
    column: Vec<Column>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    name: String,
    file: String,
    bytes: u64,
    sha256: String,
}

impl Content {
    pub(super) fn from_parts(facts: &Facts, tables: &[TableEntry]) -> Self {
        let Facts { site, dataset, dictionary_version, dictionary_digest, mapping_digest, made, people } = facts;
        Self {
            format: FORMAT,
            site: site.to_string(),
            dataset: dataset.to_string(),
            dictionary_version: dictionary_version.clone(),
            dictionary_digest: dictionary_digest.clone(),
            mapping_digest: mapping_digest.clone(),
            made: made.clone(),
            people: people.0,
            table: tables.iter().map(write_table).collect(),
        }
    }

    /// The checked parts, or the rule that is broken.
    pub(super) fn into_parts(self) -> Result<(Facts, Vec<TableEntry>), &'static str> {
        let Self {
            format: _,
            site,
            dataset,
            dictionary_version,
            dictionary_digest,
            mapping_digest,
            made,
            people,
            table,
        } = self;
        let digests = [Some(&dictionary_digest), mapping_digest.as_ref()];
        require(digests.into_iter().flatten().all(|digest| is_sha256(digest)), "a digest is 64 hexadecimal digits")?;
        let facts = Facts {
            site: SiteId::new(&site).map_err(|_| "the site is a name")?,
            dataset: DatasetId::new(&dataset).map_err(|_| "the data set is a name")?,
            dictionary_version,
            dictionary_digest,
            mapping_digest,
            made,
            people: People(people),
        };
        let tables = table.into_iter().map(read_table).collect::<Result<Vec<_>, _>>()?;
        let twice = (0..tables.len()).any(|i| {
            let (before, rest) = tables.split_at(i);
            rest.first().is_some_and(|table| before.iter().any(|other| other.id == table.id))
        });
        require(!twice, "no table stands twice")?;
        complete(&tables)?;
        Ok((facts, tables))
    }
}

fn write_table(table: &TableEntry) -> Table {
    let TableEntry { id, rows, left_out, columns } = table;
    let column = columns.iter().map(|column| {
        let ColumnEntry { name, bytes, sha256 } = column;
        Column { name: name.to_string(), file: file_name(id, name), bytes: *bytes, sha256: sha256.clone() }
    });
    Table { id: id.to_string(), rows: rows.0, left_out: left_out.0, column: column.collect() }
}

fn read_table(raw: Table) -> Result<TableEntry, &'static str> {
    let Table { id, rows, left_out, column } = raw;
    let id = TableId::new(&id).map_err(|_| "a table is a name")?;
    let mut entry = TableEntry { id, rows: Rows(rows), left_out: Rows(left_out), columns: Vec::new() };
    for Column { name, file, bytes, sha256 } in column {
        let name = ColumnName::parse(&name).ok_or("a column is a name")?;
        require(file == file_name(&entry.id, &name), "a file has the name of its table and column")?;
        require(is_sha256(&sha256), "a digest is 64 hexadecimal digits")?;
        require(entry.column(&name).is_none(), "no column stands twice in a table")?;
        entry.columns.push(ColumnEntry { name, bytes, sha256 });
    }
    Ok(entry)
}

fn require(holds: bool, rule: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(rule) }
}
