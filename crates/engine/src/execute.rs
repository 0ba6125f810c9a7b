//! A plan over the columns of a build.

use coda_model::{frame::Tabulated, plan::Plan};

use crate::{
    study::Study,
    tables::{Tables, TablesError},
};

/// The raw frames of a plan.
///
/// # Errors
/// [`TablesError`] when a needed column is absent or does not fit.
pub fn execute(plan: &Plan, tables: &Tables<'_>) -> Result<Vec<Tabulated>, TablesError> {
    let study = Study::of(plan, tables)?;
    let cohort = study.cohort(tables)?;
    Ok(study.tabulate(cohort.as_deref()))
}

#[cfg(test)]
mod tests;
