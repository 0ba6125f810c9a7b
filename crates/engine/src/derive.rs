//! One value per person out of the rows of a table.

use coda_model::{
    dictionary::Place,
    plan::{Condition, Derived, WindowOf},
    query::Take,
    scale::MISSING,
};

use crate::{
    cohort,
    tables::{Need, Tables, TablesError, View},
};

/// The values of a derived variable, one a person.
pub(crate) fn per_person(tables: &Tables<'_>, derived: &Derived) -> Result<Vec<i32>, TablesError> {
    let Derived { take, table, variable, rows, window, highest } = derived;
    let chosen = chosen(tables, *table, rows.as_ref(), window.as_ref())?;
    let persons = tables.column(Need::Person(*table))?;
    let counts = matches!(take, Take::Count | Take::Exists);
    let values = match variable {
        Some(variable) => Some(tables.column(Need::Variable(Place { table: *table, variable: *variable }))?),
        None => None,
    };
    let mut found = vec![if counts { 0 } else { MISSING }; tables.people];
    let mut sums = if *take == Take::Mean { vec![(0i64, 0i64); tables.people] } else { Vec::new() };
    for (row, person) in persons.iter().enumerate() {
        let value = values.map_or(0, |values| values.get(row).copied().unwrap_or(MISSING));
        if value == MISSING || chosen.as_ref().is_some_and(|chosen| chosen.get(row) != Some(&true)) {
            continue;
        }
        let Some(kept) = found.get_mut(*person as usize) else { continue };
        *kept = match take {
            Take::First if *kept != MISSING => *kept,
            Take::Min if *kept != MISSING => value.min(*kept),
            Take::First | Take::Last | Take::Min => value,
            Take::Max => value.max(*kept),
            Take::Count => (*kept + 1).min(*highest),
            Take::Exists => 1,
            Take::Mean => {
                let Some((sum, count)) = sums.get_mut(*person as usize) else { continue };
                (*sum, *count) = (*sum + i64::from(value), *count + 1);
                // Halves upwards, in whole numbers.
                ((2 * *sum + *count) / (2 * *count)) as i32
            }
        };
    }
    Ok(found)
}

/// Which people have a chosen row.
pub(crate) fn have(
    tables: &Tables<'_>,
    table: usize,
    rows: Option<&Condition>,
    window: Option<&WindowOf>,
) -> Result<Vec<bool>, TablesError> {
    let chosen = chosen(tables, table, rows, window)?;
    let mut have = vec![false; tables.people];
    for (row, person) in tables.column(Need::Person(table))?.iter().enumerate() {
        if chosen.as_ref().is_none_or(|chosen| chosen.get(row) == Some(&true))
            && let Some(flag) = have.get_mut(*person as usize)
        {
            *flag = true;
        }
    }
    Ok(have)
}

/// Which rows meet a condition and lie in a window; all of them when there is neither.
fn chosen(
    tables: &Tables<'_>,
    table: usize,
    rows: Option<&Condition>,
    window: Option<&WindowOf>,
) -> Result<Option<Vec<bool>>, TablesError> {
    let met = rows.map(|rows| cohort::mask(tables, rows, View::Rows(table))).transpose()?;
    let Some(WindowOf { from, to, index, shift }) = window else { return Ok(met) };
    let index = tables.values(index, View::Rows(table))?;
    let time = tables.dataset.tables.get(table).and_then(|table| table.time).unwrap_or_default();
    let times = tables.column(Need::Variable(Place { table, variable: time }))?;
    let inside = times.iter().zip(index.iter()).map(|(time, event)| {
        let days = time - (event + shift);
        *time != MISSING && *event != MISSING && (*from..=*to).contains(&days)
    });
    Ok(Some(match met {
        Some(met) => inside.zip(met).map(|(inside, met)| inside && met).collect(),
        None => inside.collect(),
    }))
}
