//! Properties of what leaves (docs/disclosure.md): counts and their bounds, how figures are spread over secrets,
//! distributions. `CODA_CASES` raises the number of random sets, 10,000 by default. Seeds are fixed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail, and say so by panicking"
)]

mod counts;
mod distribution;
mod figures;
mod frames;
mod sums;
mod world;
