//! The only user of polars: columns in and out of Parquet, cohorts, derived variables.
//!
//! A column is a `Vec<i32>` of codes, [`coda_model::scale::MISSING`] where there is no value; see `coda_model::scale`.
//! polars reads and writes the files; what a cohort or a derived variable needs is one pass of a plain loop over codes.

mod cohort;
pub mod columns;
mod derive;
mod execute;
pub mod keys;
mod needs;
pub mod parquet_text;
mod study;
mod tables;

pub use execute::execute;
pub use needs::needs;
pub use study::{BucketSums, Study};
pub use tables::{Need, Tables, TablesError};
