//! A plan over the columns of a build.

use coda_model::plan::Plan;

use crate::{
    study::{Computed, Study},
    tables::{Tables, TablesError},
};

/// The raw frames of a plan, with everybody in its cohort.
///
/// # Errors
/// [`TablesError`] when a needed column is absent or does not fit.
pub fn execute(plan: &Plan, tables: &Tables<'_>) -> Result<Computed, TablesError> {
    Study::of(plan, tables)?.compute(tables)
}

#[cfg(test)]
mod tests;
