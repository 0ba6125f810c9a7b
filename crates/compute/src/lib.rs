//! Permit, execution, release: a site's computation node.
//!
//! A request passes these in order: the peer is the coordinator and the signatures are good (`admission`), the site permits it
//! ([`coda_policy::permit()`]), it is on record ([`coda_audit`]), its frames are computed ([`coda_engine`]), and what may leave
//! is released ([`coda_disclosure`]). Execution takes the permit, and the wire takes nothing but a release.

mod admission;
mod columns;
pub mod config;
mod error;
mod nonces;
mod serve;
mod service;

pub use config::ComputeConfig;
pub use serve::{ServeError, serve};
