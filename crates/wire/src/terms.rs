//! The terms on which a site answers, as a message and back.

use coda_model::{
    estimate::{Limits, Terms},
    rounding::Rounding,
};

use crate::v1;

/// A message that is no terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the terms of a site are malformed")]
pub struct TermsError;

/// Longest digest of a policy, in characters.
const LONGEST_DIGEST: usize = 64;

/// The message of terms.
pub fn encode(terms: &Terms) -> v1::Terms {
    let Terms { policy, rounding, limits } = terms;
    let Limits { asks_left, cohorts_left, asks_left_today } = *limits;
    v1::Terms {
        policy: policy.clone(),
        rounding: Some(encode_rounding(rounding)),
        limits: Some(v1::Limits { asks_left, cohorts_left, asks_left_today }),
    }
}

/// The terms of a message.
///
/// # Errors
/// [`TermsError`].
pub fn decode(message: v1::Terms) -> Result<Terms, TermsError> {
    let v1::Terms { policy, rounding, limits } = message;
    let v1::Limits { asks_left, cohorts_left, asks_left_today } = limits.ok_or(TermsError)?;
    if policy.len() > LONGEST_DIGEST || !policy.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(TermsError);
    }
    let limits = Limits { asks_left, cohorts_left, asks_left_today };
    Ok(Terms { policy, rounding: decode_rounding(&rounding.ok_or(TermsError)?), limits })
}

pub(crate) fn encode_rounding(rounding: &Rounding) -> v1::Rounding {
    let Rounding { told_from, base, step, step_sensitive } = *rounding;
    v1::Rounding { told_from, base, step, step_sensitive }
}

pub(crate) fn decode_rounding(message: &v1::Rounding) -> Rounding {
    let v1::Rounding { told_from, base, step, step_sensitive } = *message;
    Rounding { told_from, base, step, step_sensitive }
}
