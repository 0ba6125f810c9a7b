//! A plan over the columns of a build.

use std::borrow::Cow;

use coda_model::{
    frame::Tabulated,
    plan::{Plan, Unit},
    scale::MISSING,
    variable::Missing,
};
use coda_stats::{Cells, Input, tabulate_plan};

use crate::{
    cohort,
    tables::{Need, Tables, TablesError, View},
};

/// The raw frames of a plan.
///
/// # Errors
/// [`TablesError`] when a needed column is absent or does not fit.
pub fn execute(plan: &Plan, tables: &Tables<'_>) -> Result<Vec<Tabulated>, TablesError> {
    let (view, persons) = match plan.unit {
        Unit::People => (View::People, None),
        Unit::Rows(table) => (View::Rows(table), Some(Cow::Borrowed(tables.column(Need::Person(table))?))),
    };
    let columns = plan.columns.iter().map(|column| tables.values(&column.source, view));
    let mut columns = columns.collect::<Result<Vec<_>, _>>()?;
    let mut persons = persons;
    let mut records = tables.records(view)?;
    if let Some(condition) = &plan.cohort {
        // Who is out is left out once, so that every pass that follows is over those who are in.
        let mask = cohort::mask(tables, condition, view)?;
        records = mask.iter().filter(|met| **met).count();
        columns = columns.into_iter().map(|column| keep(&column, &mask)).collect();
        persons = persons.map(|persons| keep(&persons, &mask));
    }
    let coded = (!plan.axes.is_empty()).then(|| cells(plan, &columns, records));
    let highest: Vec<i32> = plan.columns.iter().map(|column| column.variable.kind.highest()).collect();
    let slices: Vec<&[i32]> = columns.iter().map(AsRef::as_ref).collect();
    let input = Input {
        columns: &slices,
        highest: &highest,
        cells: coded.as_ref().map_or(Cells::One(records), |codes| Cells::Coded { codes, count: plan.cells() }),
        persons: persons.as_deref(),
    };
    Ok(tabulate_plan(plan, &input))
}

fn keep<'a>(column: &[i32], mask: &[bool]) -> Cow<'a, [i32]> {
    column.iter().zip(mask).filter(|(_, met)| **met).map(|(code, _)| *code).collect()
}

/// The cell of each record; the last axis changes fastest.
fn cells(plan: &Plan, columns: &[Cow<'_, [i32]>], records: usize) -> Vec<i32> {
    let mut cells = vec![0i32; records];
    for axis in &plan.axes {
        let Some(column) = columns.get(axis.axis.column) else { continue };
        let (length, missing) = (axis.len() as i32, axis.missing == Missing::May);
        for (cell, code) in cells.iter_mut().zip(column.iter()) {
            let class = match axis.axis.class(*code) {
                Some(class) => Some(class as i32),
                None => missing.then_some(length - 1),
            };
            *cell = match class {
                Some(class) if *cell >= 0 => *cell * length + class,
                _ => MISSING,
            };
        }
    }
    cells
}

#[cfg(test)]
mod tests;
