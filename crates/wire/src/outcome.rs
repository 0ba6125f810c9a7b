//! What a site did with a query, in the coordinator's words.

use coda_model::{
    SiteId,
    estimate::{SiteOutcome, SiteStatus},
};

use crate::v1::{self, site_outcome::Status};

/// A message that says of no site what it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what a site did has no valid {0}")]
pub struct OutcomeError(&'static str);

/// The message. Build and terms are not in it: they stand in the site's own receipt.
pub fn encode(outcome: &SiteOutcome) -> v1::SiteOutcome {
    let SiteOutcome { site, status, detail, build: _, terms: _ } = outcome;
    let status = match status {
        SiteStatus::Answered => Status::Answered,
        SiteStatus::Refused => Status::Refused,
        SiteStatus::TooSmall => Status::TooSmall,
        SiteStatus::Unreachable => Status::Unreachable,
        SiteStatus::Invalid => Status::Invalid,
    };
    v1::SiteOutcome { site: site.to_string(), status: status.into(), detail: detail.clone() }
}

/// What a site did, from its message.
///
/// # Errors
/// [`OutcomeError`].
pub fn decode(message: v1::SiteOutcome) -> Result<SiteOutcome, OutcomeError> {
    let v1::SiteOutcome { site, status, detail } = message;
    let status = match Status::try_from(status) {
        Ok(Status::Answered) => SiteStatus::Answered,
        Ok(Status::Refused) => SiteStatus::Refused,
        Ok(Status::TooSmall) => SiteStatus::TooSmall,
        Ok(Status::Unreachable) => SiteStatus::Unreachable,
        Ok(Status::Invalid) => SiteStatus::Invalid,
        Ok(Status::Unspecified) | Err(_) => return Err(OutcomeError("status")),
    };
    let site = SiteId::new(&site).map_err(|_| OutcomeError("site"))?;
    Ok(SiteOutcome { site, status, detail, build: String::new(), terms: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_site_did_comes_back() {
        let all = [SiteStatus::Answered, SiteStatus::Refused, SiteStatus::TooSmall, SiteStatus::Unreachable];
        for status in all.into_iter().chain([SiteStatus::Invalid]) {
            let site = SiteId::new("north").unwrap();
            let outcome = SiteOutcome { site, status, detail: "so".to_owned(), build: String::new(), terms: None };
            assert_eq!(decode(encode(&outcome)), Ok(outcome));
        }
        assert_eq!(decode(v1::SiteOutcome::default()), Err(OutcomeError("status")));
        let nowhere = v1::SiteOutcome { status: 1, ..v1::SiteOutcome::default() };
        assert_eq!(decode(nowhere), Err(OutcomeError("site")));
    }
}
