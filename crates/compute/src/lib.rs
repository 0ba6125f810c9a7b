//! Permit, execution, release: a site's computation node.
//!
//! A request passes these in order: the peer is the coordinator and the signatures are good (`admission`), the site permits it
//! ([`coda_policy::permit()`]), it is on record ([`coda_audit`]), its frames are computed ([`coda_engine`]), and what may leave
//! is released ([`coda_disclosure`]) after it was held against all that was released before, and is in the ledger
//! ([`coda_ledger`]). Execution takes the permit, and the wire takes nothing but a release.

mod admission;
mod answering;
mod census;
mod columns;
pub mod config;
mod error;
mod known;
mod lineage;
mod policies;
mod preview;
mod review;
mod serve;
mod service;

pub use config::ComputeConfig;
pub use policies::PoliciesError;
pub use serve::{ServeError, serve};
