//! Bytes that somebody changed: refused, or something else than was said before.

#[cfg(test)]
mod mutated;
