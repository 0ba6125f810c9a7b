//! A site's own store: nonces of envelopes, new asks of the day and of each project (docs/disclosure.md, R15), and the query
//! sets that the watch compares.
//!
//! No answer depends on what is kept here, but for the limits and the watch's holds. An ask is counted here before it is
//! answered, and whoever gets an error must not answer: a ledger that is full, damaged or cannot be read stops a site's answers.
//!
//! Bucket sums and statement keys are encrypted with the key in the file beside the database, and bound to the row they belong
//! to. In clear are who asked when, for which project, and digests of what was asked. The perturbation key, on which every
//! figure of the site hangs, is a file of its own beside the database, so that a lost ledger does not take it along.

mod access;
mod bytes;
mod check;
mod clock;
mod database;
mod error;
mod head;
mod key;
mod ledger;
mod limits;
mod lineage;
mod nonce;
mod renewal;
mod seal;
mod status;
mod watch;

pub use check::Checked;
pub use error::LedgerError;
pub use ledger::{Ledger, Options};
pub use limits::{Counted, NewAsk, NewAsks, NotCounted};
pub use lineage::LineageId;
pub use nonce::Nonce;
pub use renewal::Party;
pub use status::{LineageStatus, PartyStatus};
pub use watch::{Hold, Sighting, Watched};

/// SHA-256 of a canonical text.
pub type Digest = [u8; 32];
