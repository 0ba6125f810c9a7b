//! From checked tables to a published build.

use coda_builds::{Builds, ColumnName, Draft, Facts, sha256};
use coda_engine::{columns, keys::encode};
use coda_model::{
    dictionary::Table,
    ids::{self, BuildId, Rows},
};
use time::{UtcOffset, format_description::well_known::Rfc3339};

use crate::{
    IngestError, Known, Order,
    keys::{Stored, keys},
    lineage,
    people::People,
    table::Codes,
};

pub(crate) fn write(
    order: &Order<'_>,
    tables: &[Codes],
    people: &People,
    builds: &Builds,
) -> Result<(BuildId, Option<Known>), IngestError> {
    let made = order.made.checked_to_offset(UtcOffset::UTC).and_then(|made| made.format(&Rfc3339).ok());
    let facts = Facts {
        site: order.site.clone(),
        dataset: order.dataset.id.clone(),
        dictionary_version: order.dictionary.version.clone(),
        dictionary_digest: sha256(order.dictionary_text.as_bytes()),
        mapping_digest: Some(order.mapping.text()).filter(|text| !text.is_empty()).map(|text| sha256(text.as_bytes())),
        made: made.ok_or(IngestError::Made)?,
        people: ids::People(people.count()),
    };
    let stored = |(table, codes)| Stored { table, codes, sequence: sequence(table, codes) };
    let tables: Vec<Stored<'_>> = order.dataset.tables.iter().zip(tables).map(stored).collect();
    let keys = keys(order.pseudonym_key, &order.dataset.id, people, &tables);
    let known = lineage::known(order, &keys, builds)?;
    let mut draft = builds.begin().map_err(IngestError::Builds)?;
    for table in &tables {
        write_table(&mut draft, table)?;
    }
    if let Some(Stored { table, .. }) = tables.get(order.dataset.people) {
        draft.column(&table.id, &ColumnName::Keys, &encode(&keys)).map_err(IngestError::Builds)?;
    }
    Ok((draft.publish(&facts).map_err(IngestError::Builds)?, known))
}

fn write_table(draft: &mut Draft, stored: &Stored<'_>) -> Result<(), IngestError> {
    let Stored { table, codes, sequence } = stored;
    let (rows, left_out) = (Rows(codes.person.len() as u64), Rows(codes.left_out));
    draft.table(&table.id, rows, left_out).map_err(IngestError::Builds)?;
    let variables = table.variables.iter().zip(&codes.columns);
    let variables = variables.map(|(variable, column)| (ColumnName::Variable(variable.id.clone()), column));
    for (name, column) in std::iter::once((ColumnName::Person, &codes.person)).chain(variables) {
        let sorted: Vec<i32> = sequence.iter().filter_map(|place| column.get(*place as usize).copied()).collect();
        let bytes = columns::write(&sorted).map_err(IngestError::Column)?;
        draft.column(&table.id, &name, &bytes).map_err(IngestError::Builds)?;
    }
    Ok(())
}

/// The rows by person and then by time, a missing time first; else as in the file.
fn sequence(table: &Table, codes: &Codes) -> Vec<u32> {
    let person = &codes.person;
    let time = table.time.and_then(|place| codes.columns.get(place));
    let mut places: Vec<u32> = (0..person.len() as u32).collect();
    let key = |place: &u32| {
        let place = *place as usize;
        (person.get(place), time.and_then(|time| time.get(place)))
    };
    places.sort_by_key(key);
    places
}
