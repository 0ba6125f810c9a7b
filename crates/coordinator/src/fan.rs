//! One query to many sites, and their answers into one.

use std::{sync::Arc, time::Duration};

use coda_client::{ClientError, Compute, SiteReply};
use coda_model::{
    SiteId,
    estimate::{Answer, SiteOutcome, SiteStatus},
    frame::SiteFrames,
    plan::Plan,
};
use coda_runtime::in_place;
use coda_wire::v1;
use futures::{StreamExt, stream::FuturesUnordered};

/// A site to ask, or the reason why it is not asked.
pub(crate) enum Target {
    Asked(Compute),
    Refused(&'static str),
}

/// A query ready to go out.
pub(crate) struct Errand {
    pub(crate) plan: Arc<Plan>,
    pub(crate) request: v1::Request,
    /// SHA-256 of the envelope's bytes.
    pub(crate) hash: [u8; 32],
    pub(crate) targets: Vec<(SiteId, Target)>,
    pub(crate) deadline: Duration,
}

/// Asks all targets at once; `settled` hears of each as it answers, refuses or is not reached. The order of sites in the
/// answer is that of the targets, whoever came first.
pub(crate) async fn run(errand: Errand, mut settled: impl FnMut(&SiteOutcome)) -> Answer {
    let Errand { plan, request, hash, targets, deadline } = errand;
    let mut waiting: FuturesUnordered<_> = targets
        .into_iter()
        .enumerate()
        .map(|(place, (site, target))| {
            let (request, plan) = (request.clone(), plan.clone());
            async move {
                let reply = match target {
                    Target::Refused(why) => Err((SiteStatus::Refused, why.to_owned())),
                    Target::Asked(compute) => {
                        compute.answer(request, hash, deadline).await.map_err(|e| fault(&site, &e))
                    }
                };
                (place, outcome(&plan, &site, reply))
            }
        })
        .collect();
    let mut outcomes = Vec::new();
    while let Some((place, (outcome, frames))) = waiting.next().await {
        settled(&outcome);
        outcomes.push((place, outcome, frames));
    }
    outcomes.sort_by_key(|(place, ..)| *place);
    let answered: Vec<(SiteId, SiteFrames)> =
        outcomes.iter_mut().filter_map(|(_, outcome, frames)| Some((outcome.site.clone(), frames.take()?))).collect();
    let sites: Vec<SiteOutcome> = outcomes.into_iter().map(|(_, outcome, _)| outcome).collect();
    let others = sites.iter().filter(|outcome| outcome.status != SiteStatus::Answered);
    let others: Vec<SiteId> = others.map(|outcome| outcome.site.clone()).collect();
    let axes = plan.axes.iter().map(|axis| axis.title.clone()).collect();
    let asks = in_place(|| coda_stats::estimate(&plan, &answered, &others));
    Answer { sites, axes, asks }
}

fn outcome(
    plan: &Plan,
    site: &SiteId,
    reply: Result<SiteReply, (SiteStatus, String)>,
) -> (SiteOutcome, Option<SiteFrames>) {
    match reply {
        Err((status, detail)) => (without_answer(site, status, detail), None),
        Ok(SiteReply { build, frames, terms }) => {
            let settled = |status, detail| {
                let (site, build, terms) = (site.clone(), build.to_string(), Some(terms));
                SiteOutcome { site, status, detail, build, terms }
            };
            match coda_stats::verify::verify(plan, &frames) {
                Ok(()) => (settled(SiteStatus::Answered, String::new()), Some(frames)),
                Err(odd) => {
                    tracing::error!(site = %site, reason = %odd, "an answer that no honest site gives");
                    (settled(SiteStatus::Invalid, odd.to_string()), None)
                }
            }
        }
    }
}

fn without_answer(site: &SiteId, status: SiteStatus, detail: String) -> SiteOutcome {
    SiteOutcome { site: site.clone(), status, detail, build: String::new(), terms: None }
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
        ClientError::Odd(..) => (SiteStatus::Invalid, "the answer is malformed".to_owned()),
        ClientError::TooSmall(_) => (SiteStatus::TooSmall, "too small to answer alone".to_owned()),
        ClientError::Prepare(..) | ClientError::Unreachable(..) | ClientError::Sign(_) => {
            (SiteStatus::Unreachable, "not reached, or no answer in time".to_owned())
        }
    }
}
