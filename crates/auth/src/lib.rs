//! Grants by site, and short access tokens bound to a certificate.
//!
//! Who asks is read from the certificate of the connection and nowhere else. Nothing is granted, revoked, listed or issued
//! before it stands in the audit log. A caller is told a constant; the cause goes to the program's own log.

pub mod config;
mod edge;
mod error;
pub mod grants;
mod revoked;
pub mod serve;
mod service;

pub use config::{AuthConfig, TokenLife};
pub use grants::{Grants, GrantsError};
pub use serve::{ServeError, name_master, remove_master, serve};
