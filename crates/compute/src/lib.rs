//! Permit, execution, release: a site's computation node.
//!
//! A request passes these in order: the peer is the coordinator and the signatures are good (`admission`), the site permits it
//! ([`coda_policy::permit()`]), it is on record ([`coda_audit`]), its asks are counted ([`coda_ledger`]), its frames are computed
//! ([`coda_engine`]), and what may leave is released ([`coda_disclosure`]). Execution takes the permit, and the wire takes
//! nothing but a release. Once it has left, the watch looks at its query sets (`watching`).

mod admission;
mod answering;
mod columns;
pub mod config;
mod error;
mod policies;
mod serve;
mod service;
pub mod statements;
pub mod watched;
mod watching;

pub use config::ComputeConfig;
pub use policies::PoliciesError;
pub use serve::{ServeError, serve};
