//! Fans a query out to the sites and hands over what they release, signed; it adds nothing up.
//!
//! It can refuse; it cannot change a byte of a signed query, add a site or invent a query, because each site checks the
//! signature itself. It never sees a count that is suppressed.

mod accesses;
mod admission;
pub mod config;
mod error;
mod fan;
mod serve;
mod service;
mod witnessing;

pub use config::CoordinatorConfig;
pub use serve::{ServeError, serve};
