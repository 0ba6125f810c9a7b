//! The tests of `tests/it` that have a database, once more, on PostgreSQL.

#[cfg(test)]
#[path = "../it/accounts.rs"]
mod accounts;
#[cfg(test)]
#[path = "../it/attacks.rs"]
mod attacks;
#[cfg(test)]
mod engine;
#[cfg(test)]
#[path = "../it/granting.rs"]
mod granting;
#[cfg(test)]
#[path = "../it/hub.rs"]
mod hub;
#[cfg(test)]
#[path = "../it/identity_provider.rs"]
mod identity_provider;
#[cfg(test)]
#[path = "../it/listing.rs"]
mod listing;
#[cfg(test)]
#[path = "../it/logging_in.rs"]
mod logging_in;
#[cfg(test)]
#[path = "../it/person.rs"]
mod person;
#[cfg(test)]
#[path = "../it/projects.rs"]
mod projects;
#[cfg(test)]
#[path = "../it/providing.rs"]
mod providing;
#[cfg(test)]
#[path = "../it/store.rs"]
mod store;
#[cfg(test)]
#[path = "../it/tokens.rs"]
mod tokens;
#[cfg(test)]
#[path = "../it/two_servers.rs"]
mod two_servers;
