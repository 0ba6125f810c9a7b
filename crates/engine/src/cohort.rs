//! Who meets a condition.

use coda_model::{plan::Condition, scale::MISSING};

use crate::{
    derive,
    tables::{Need, Tables, TablesError, View},
};

/// Whether each record of a view meets the condition.
pub(crate) fn mask(tables: &Tables<'_>, condition: &Condition, view: View) -> Result<Vec<bool>, TablesError> {
    match condition {
        Condition::All(parts) => fold(tables, parts, view, true, |a, b| a && b),
        Condition::Any(parts) => fold(tables, parts, view, false, |a, b| a || b),
        Condition::Not(part) => Ok(mask(tables, part, view)?.into_iter().map(|met| !met).collect()),
        Condition::Within(source, range) => {
            let values = tables.values(source, view)?;
            Ok(values.iter().map(|code| *code != MISSING && range.contains(code)).collect())
        }
        Condition::OneOf(source, codes) => {
            let values = tables.values(source, view)?;
            Ok(values.iter().map(|code| *code != MISSING && codes.contains(code)).collect())
        }
        Condition::Missing(source) => Ok(tables.values(source, view)?.iter().map(|code| *code == MISSING).collect()),
        Condition::Has { table, rows, window } => {
            let have = derive::have(tables, *table, rows.as_deref(), window.as_ref())?;
            match view {
                View::People => Ok(have),
                View::Rows(table) => {
                    let persons = tables.column(Need::Person(table))?;
                    Ok(persons.iter().map(|person| have.get(*person as usize) == Some(&true)).collect())
                }
            }
        }
    }
}

fn fold(
    tables: &Tables<'_>,
    parts: &[Condition],
    view: View,
    start: bool,
    join: fn(bool, bool) -> bool,
) -> Result<Vec<bool>, TablesError> {
    let mut met = vec![start; tables.records(view)?];
    for part in parts {
        for (met, also) in met.iter_mut().zip(mask(tables, part, view)?) {
            *met = join(*met, also);
        }
    }
    Ok(met)
}
