//! How long the review of an answer takes, beside the same answer without a history. Not run with the other tests:
//!
//!     cargo test -p coda-tests --test speed -- --ignored --nocapture

#[cfg(test)]
mod review;
