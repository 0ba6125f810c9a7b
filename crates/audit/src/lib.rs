//! The append-only log of what was asked and answered.
//!
//! One event is one line of JSON. Each line carries its number and the SHA-256 of the line before it, so that a line which
//! was changed, taken out, put in or moved no longer fits its neighbours, and [`verify`] says which.
//!
//! The chain has no key. Whoever may write the file can write all of it anew from some line on, change the last line or cut
//! lines off the end, and the file alone does not show it; a copy of the last line kept elsewhere does.
//!
//! No event has a field for a number of people, for a constant of a cohort or for anything else that comes out of a
//! patient's record, so none can get into the log by mistake.

pub mod event;
mod line;
pub mod log;

pub use event::{Event, Outcome};
pub use log::{AuditError, AuditLog, verify};
