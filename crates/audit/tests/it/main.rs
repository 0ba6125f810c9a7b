//! The log on a real disk: what its lines say, and which changes are noticed.

#[cfg(test)]
mod chain;
#[cfg(test)]
mod lines;
