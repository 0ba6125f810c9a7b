//! The append-only log of what was asked and answered.
//!
//! One event is one line of JSON.

mod disk;
pub mod error;
pub mod event;
mod follow;
mod group;
mod hashes;
mod line;
pub mod log;
pub mod snapshot;
pub mod tree;

pub use error::AuditError;
pub use event::{Event, Outcome};
pub use follow::LONGEST;
pub use log::AuditLog;
pub use snapshot::{Snapshot, verify};
pub use tree::{Root, TreeHead};
