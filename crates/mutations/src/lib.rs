//! Valid signed messages, and how they are changed, for tests of whoever reads them.
//!
//! A test of a decoder has a message of [`Network`], hands it to [`run`], and says of each mutation whether it was accepted. That
//! nothing panics is the least of it: an accepted mutation must mean what the original means, or somebody who signed nothing
//! has changed what was signed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "for tests alone, which fail by a panic"
)]

mod change;
mod field;
mod network;
mod run;

pub use change::{Change, changed, changes};
pub use field::FieldChange;
pub use network::{ASKED, DICTIONARY, Network, Question, SITES};
pub use run::{CASES, run};
