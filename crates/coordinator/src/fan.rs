//! One query to many sites. Nothing is added up here: whoever asked does that, from what the sites signed.

use std::{sync::Arc, time::Duration};

use coda_client::{ClientError, Compute, Expected};
use coda_model::{
    SiteId,
    estimate::{SiteOutcome, SiteStatus},
    plan::Plan,
};
use coda_wire::{outcome, v1};
use futures::{StreamExt, stream::FuturesUnordered};

/// A site to ask, or the reason why it is not asked.
pub(crate) enum Target {
    Asked(Box<Compute>),
    NotAsked(NotAsked),
}

/// Why a site is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotAsked {
    /// The hub has cut it off.
    Isolated,
    /// The caller's role there is for other projects.
    Project,
    /// The caller has no role there.
    Role,
}

impl NotAsked {
    /// For the caller; the site would say the same of a role.
    fn words(self) -> &'static str {
        match self {
            Self::Isolated => "the hub asks nothing of this site while an incident is looked into",
            Self::Project => {
                "you may ask this at this site for other projects than the one the query names; name one of yours (coda whoami)"
            }
            Self::Role => "you have no role at this site that allows this; ask the site's administrator for one",
        }
    }
}

/// A query ready to go out.
pub(crate) struct Errand {
    pub(crate) plan: Arc<Plan>,
    pub(crate) request: v1::Request,
    /// First and last second of the envelope's validity.
    pub(crate) validity: (i64, i64),
    /// SHA-256 of the envelope's bytes.
    pub(crate) hash: [u8; 32],
    /// SHA-256 of the dictionary's text.
    pub(crate) dictionary: [u8; 32],
    pub(crate) targets: Vec<(SiteId, Target)>,
    pub(crate) deadline: Duration,
}

/// Asks all targets at once; `settled` hears of each as it answers, refuses or is not reached. The order of sites is that of the
/// targets, whoever came first.
pub(crate) async fn run(errand: Errand, mut settled: impl FnMut(&v1::SiteOutcome)) -> Vec<v1::SiteResult> {
    let Errand { plan, request, validity, hash, dictionary, targets, deadline } = errand;
    let expected = Expected { plan: &plan, envelope: hash, validity, dictionary };
    let mut waiting: FuturesUnordered<_> = targets
        .into_iter()
        .enumerate()
        .map(|(place, (site, target))| {
            let request = request.clone();
            async move {
                let reply = match target {
                    Target::NotAsked(why) => Err((SiteStatus::Refused, why.words().to_owned())),
                    Target::Asked(compute) => {
                        compute.answer(request, &expected, deadline).await.map_err(|e| fault(&site, &e))
                    }
                };
                (place, result(site, reply))
            }
        })
        .collect();
    let mut results = Vec::new();
    while let Some((place, result)) = waiting.next().await {
        if let Some(outcome) = &result.outcome {
            settled(outcome);
        }
        results.push((place, result));
    }
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

fn result(site: SiteId, reply: Result<v1::SiteAnswer, (SiteStatus, String)>) -> v1::SiteResult {
    let (status, detail, answer) = match reply {
        Ok(answer) => (SiteStatus::Answered, String::new(), Some(answer)),
        Err((status, detail)) => (status, detail, None),
    };
    let outcome = SiteOutcome { site, status, detail, build: String::new(), terms: None };
    v1::SiteResult { outcome: Some(outcome::encode(&outcome)), answer }
}

/// What a failed call says of the site.
fn fault(site: &SiteId, error: &ClientError) -> (SiteStatus, String) {
    if matches!(error, ClientError::Invalid(..)) {
        // Its words may be the query's, whose constants may describe a person; they are for the asker alone.
        tracing::warn!(site = %site, "a site finds fault with the query");
    } else {
        let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        tracing::warn!(site = %site, reason = %error, cause, "a site gave no answer");
    }
    match error {
        ClientError::Refused(_, words) | ClientError::Invalid(_, words) => (SiteStatus::Refused, words.clone()),
        ClientError::Fault(..) => (SiteStatus::Unreachable, "the site has a fault of its own".to_owned()),
        ClientError::Odd(_, why) => (SiteStatus::Invalid, why.to_string()),
        ClientError::TooSmall(_) => (SiteStatus::TooSmall, "too small to answer alone".to_owned()),
        ClientError::Prepare(..)
        | ClientError::Unreachable { .. }
        | ClientError::Sign(_)
        | ClientError::Evidence(_)
        | ClientError::Log(_) => (SiteStatus::Unreachable, "not reached, or no answer in time".to_owned()),
    }
}
