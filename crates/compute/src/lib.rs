//! Permit, execution, release: a site's computation node.
//!
//! A request passes these in order, and none can be skipped, because each takes what only the one before it makes: the
//! peer is the coordinator ([`service`]), the signatures are good ([`admission`]), the site permits it
//! ([`coda_policy::permit`]), it is on record ([`coda_audit`]), its frames are computed ([`coda_engine`]), and what may
//! leave is released ([`coda_disclosure`]).

mod admission;
mod columns;
pub mod config;
mod error;
mod nonces;
mod serve;
mod service;

pub use config::ComputeConfig;
pub use serve::{ServeError, serve};
