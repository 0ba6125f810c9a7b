//! The terms on which a site answers, as a message and back.

use coda_model::estimate::{Budget, History, Terms};

use crate::v1;

/// A message that is no terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the terms of a site do not read")]
pub struct TermsError;

/// Longest lawful hash of a policy, in characters.
const LONGEST_HASH: usize = 64;

/// The message of terms.
pub fn encode(terms: &Terms) -> v1::Terms {
    let Terms { policy, history, budget } = terms;
    let Budget { spent, allowed, requests_left_today, cohorts_left_today } = *budget;
    let budget = v1::Budget { spent, allowed, requests_left_today, cohorts_left_today };
    v1::Terms { policy: policy.clone(), history: history.word().to_owned(), budget: Some(budget) }
}

/// The terms of a message.
///
/// # Errors
/// [`TermsError`].
pub fn decode(message: v1::Terms) -> Result<Terms, TermsError> {
    let v1::Terms { policy, history, budget } = message;
    let v1::Budget { spent, allowed, requests_left_today, cohorts_left_today } = budget.ok_or(TermsError)?;
    if policy.len() > LONGEST_HASH || !policy.is_ascii() {
        return Err(TermsError);
    }
    let budget = Budget { spent, allowed, requests_left_today, cohorts_left_today };
    Ok(Terms { policy, history: History::of(&history).ok_or(TermsError)?, budget })
}
