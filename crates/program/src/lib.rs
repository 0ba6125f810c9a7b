//! What `coda-node` and `coda-hub` do alike: start and stop a service, read its settings, write a CSR, verify an audit
//! log, print, and turn a failure into one line and an exit code.

mod audit;
mod checklist;
mod csr;
mod failure;
mod init;
mod isolate;
mod listening;
mod output;
mod service;

pub use audit::Audit;
pub use checklist::Checklist;
pub use csr::NewKey;
pub use failure::{Cause, Setup, exit};
pub use init::{Machine, Part, file_name};
pub use isolate::{Incident, Rejoining, isolate, keep, record_isolation, rejoin};
pub use output::{print, write_or_print};
pub use service::{Service, settings};
