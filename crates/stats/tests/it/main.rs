//! Laws that hold for every statistic of the registry, and figures that other people's programs came to.
//!
//! Under `laws` nothing knows a statistic by name: asks are made from what each says it takes, so a statistic that is
//! added is tested without a change here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail, and say so by panicking"
)]

mod hyndman_fan;
mod intervals;
mod laws;
mod numerics;
mod quantiles;
mod reference;
mod sites;
mod world;
