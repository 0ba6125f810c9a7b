//! What may leave a site (docs/disclosure.md). [`release`] is the only door: it turns raw frames into a [`Release`], and the
//! wire takes nothing else. Pure.
//!
//! Every figure is a sum over people, and leaves perturbed a little. The perturbation depends on nothing but who the sum is
//! about (the set key, R2), how it was asked (the statement key, R3) and a secret of the site. A worked example, with the
//! usual threshold of 5:
//!
//! 1. 23 people have set key R and statement key W.
//! 2. W gives a step of -4 to 4, say -2: 21. (R4)
//! 3. 21 lies between 20 and 25. R gives a uniform number; under one fifth it is 25, else 20. (R4)
//! 4. 20 is at least 10, so it is told. It is within 8 of the truth, whatever R and W are. (R5)
//! 5. Their ages add up to 1,403 years with an SD of 12: noise of SD 24, a quarter of its variance by R and the rest by W,
//!    makes it 1,421. (R6)
//! 6. 1,421 / 23 = 61.8; one standard error is 12 / √20 = 2.7, so the mean is told in steps of 2: 62, with SD 12. (R7)
//!
//! One file a rule. No rule looks at another cell or at what was asked before.
//!
//! A release cannot be made by hand:
//!
//! ```compile_fail,E0451
//! fn made(frames: coda_model::frame::SiteFrames) -> coda_disclosure::Release {
//!     coda_disclosure::Release { frames, summed: vec![] }
//! }
//! ```

mod digits;
mod distribution;
mod integer;
mod noise;
mod record_key;
mod release;
mod rounding;
mod rules;
mod secret;
mod set_key;
mod statement;
mod sums;
pub mod watch;

pub use record_key::record_keys;
pub use release::{Query, Release, release};
pub use rules::{Digits, Layer, RuleSet};
pub use secret::SiteSecret;
pub use set_key::{BUCKETS, Buckets, bucket};
pub use statement::{AskStatements, StatementKey, Statements};
