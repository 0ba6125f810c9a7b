//! The watch and honest sessions (docs/disclosure.md, section "The watch"): none of them may be alerted. The sets of each ask go
//! through the code that a site runs, into a ledger of its own; no network is needed. An attack by pairs goes the same way, and
//! is alerted and held.
//!
//! Each test prints the most twins and near cells of a session. `CODA_SEEDS` sets the number of seeds.

#[cfg(test)]
mod clinic;
#[cfg(test)]
mod pairs;
#[cfg(test)]
#[path = "../utility/questions.rs"]
mod questions;
#[cfg(test)]
mod refinements;
#[cfg(test)]
mod seen;
#[cfg(test)]
mod session;
#[cfg(test)]
#[path = "../sites/mod.rs"]
#[allow(dead_code, reason = "another test uses the rest")]
mod sites;
#[cfg(test)]
mod table_one;
#[cfg(test)]
mod watcher;
#[cfg(test)]
#[path = "../utility/world.rs"]
#[allow(dead_code, reason = "another test uses the rest")]
mod world;
