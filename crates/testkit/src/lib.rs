//! A whole network in one process on loopback, with real mutual TLS, real files and a real database: what `cargo demo` shows
//! and what the tests of the whole are run against.

mod network;
mod people;
mod rebuild;
mod site;

pub use network::{Network, NetworkError, Options};
pub use people::{PROJECT, administrator, person};
pub use site::{Part, Responder, SiteData, SiteOptions};
