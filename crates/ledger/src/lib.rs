//! What a site has released, kept to stop differencing (disclosure.md 2.2, 2.5, 2.6).
//!
//! A release is written here before it leaves: [`Ledger::commit`] returns when it is on the disk, and whoever gets an error
//! from it, or from anything else here, must not release. So a ledger that is full, damaged or cannot be read stops a site's
//! answers, and never lets one through unrecorded.
//!
//! Sets of people with what was said of them, sums, keys of people and replies are encrypted with the key in the file beside the database, and bound to
//! the row they belong to. Lengths are padded, so that the size of a set cannot be read off the size of its row. In clear are
//! who asked when, digests of what was asked, and names of tables and builds. Whoever holds the key may read everything, and
//! whoever puts back an old copy of the whole database makes the site forget what came after it; neither shows here.

mod access;
mod budget;
mod bytes;
mod check;
mod clock;
mod database;
mod entry;
mod error;
mod head;
mod key;
mod ledger;
mod nonce;
mod people;
mod release;
mod seal;
mod series;

pub use budget::{BudgetGrant, LineageStatus, Spent, UserStatus};
pub use check::Checked;
pub use entry::{EntryId, FigureStored, Stored, UniverseName};
pub use error::LedgerError;
pub use ledger::{Ledger, Options};
pub use people::{LineageId, Person};
pub use release::{NewEntry, NewFigure, NewRelease, NewSeries, ReleaseId, Subject, Written};

/// SHA-256 of a canonical text.
pub type Digest = [u8; 32];
