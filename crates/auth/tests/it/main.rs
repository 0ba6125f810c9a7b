//! The auth server over real mutual TLS on loopback, with a database on a real disk.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod config;
#[cfg(test)]
mod engine;
#[cfg(test)]
mod file;
#[cfg(test)]
mod granting;
#[cfg(test)]
mod hub;
#[cfg(test)]
mod identity_provider;
#[cfg(test)]
mod listing;
#[cfg(test)]
mod logging_in;
#[cfg(test)]
mod mutated;
#[cfg(test)]
mod person;
#[cfg(test)]
mod projects;
#[cfg(test)]
mod providing;
#[cfg(test)]
mod store;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod two_servers;
