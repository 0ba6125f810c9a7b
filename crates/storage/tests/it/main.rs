//! The storage node over real mutual TLS on loopback, with builds on a real disk.

#[cfg(test)]
mod callers;
#[cfg(test)]
mod columns;
#[cfg(test)]
mod config;
#[cfg(test)]
mod site;
