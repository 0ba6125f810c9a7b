//! Accounts, grants by site, and short access tokens bound to a certificate.
//!
//! Who asks is read from the certificate of the connection; on the port for people without one, from a session that began with a
//! password and a one-time code, or at the provider of the person's institution. Nothing is granted, revoked, listed or issued
//! before it stands in the audit log. A caller is told a constant; the cause goes to the program's own log.

pub mod accounts;
pub mod config;
pub mod database;
mod edge;
mod error;
pub mod grants;
mod ocsp;
pub mod password;
pub mod post;
pub mod projects;
pub mod provider;
mod revoked;
mod secret_file;
pub mod serve;
mod service;

pub use config::{AccountsConfig, AuthConfig, TokenLife};
pub use database::{Database, DatabaseAt, DatabaseError};
pub use grants::{Grants, GrantsError};
pub use ocsp::{OcspConfig, OcspError};
pub use secret_file::SecretFileError;
pub use serve::{Ports, ServeError, Stores, serve};
