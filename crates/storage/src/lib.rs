//! Serves the columns of a build to its own computation node, and nothing to anybody else.
//!
//! Rows of patients leave the storage node only here. A person's certificate, another site's node and the hub are refused
//! whatever they ask for, and the refusal stands in the audit log before it is told. No text of a request becomes a path:
//! it is read as a name first, and then looked up in the build's own manifest.

pub mod config;
mod error;
pub mod serve;
mod service;

pub use config::StorageConfig;
pub use serve::{ServeError, serve};
pub use service::CHUNK;
