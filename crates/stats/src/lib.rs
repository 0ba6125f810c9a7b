//! The whitelist of statistics: one file each under `statistics/`, one line each in the registry, and the kernels and the
//! merge that all of them share. Pure.
//!
//! A statistic is a [`Shape`] (which slots, which sums), a guard (what must hold for them to leave a site) and a formula
//! from merged sums to figures. Everything between is written once, for frames.

pub mod distribution;
pub mod estimate;
pub mod kernel;
pub mod merge;
pub mod moments;
pub mod probability;
pub mod shape;
pub mod statistic;
pub mod statistics;
pub mod tabulation;
pub mod verify;

pub use estimate::estimate;
pub use kernel::{Cells, Input, tabulate};
pub use shape::Shape;
pub use statistic::{Operands, Statistic, Takes};
pub use statistics::{ALL, check, find};
pub use tabulation::tabulate_plan;
