//! The service: who asks, whether the query fits, which sites it goes to, what is on record.

use std::{collections::HashMap, pin::Pin, sync::Arc, time::Duration};

use coda_audit::{AuditLog, Event, Outcome};
use coda_client::Compute;
use coda_model::{Identity, SiteId, dictionary::Dictionary, estimate::SiteStatus, plan::Plan, query::QueryError};
use coda_pki::{Peer, Roots};
use coda_policy::{Claims, Permission};
use coda_runtime::{Clock, Stop};
use coda_wire::{
    answer,
    envelope::Envelope,
    v1::{self, ask_event::Event as AskEvent},
};
use tokio::sync::mpsc;
use tokio_stream::{Stream, wrappers::ReceiverStream};
use tonic::{Request, Response, Status};

use crate::{
    admission,
    error::CoordinatorError,
    fan::{self, Errand, Target},
};

/// Said of a site at which the caller has no role; the site would say the same.
const NO_ROLE: &str = "you have no role at this site that allows this; ask the site's administrator for one";

/// Answers `coda.v1.Coordinator`.
#[derive(Clone)]
pub(crate) struct CoordinatorService(pub(crate) Arc<Coordinator>);

/// What the service knows.
pub(crate) struct Coordinator {
    pub(crate) dictionary: Dictionary,
    /// The dictionary as text, for those who ask.
    pub(crate) text: String,
    pub(crate) order: Vec<SiteId>,
    pub(crate) sites: HashMap<SiteId, Compute>,
    pub(crate) deadline: Duration,
    pub(crate) roots: Roots,
    pub(crate) audit: Arc<AuditLog>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) stop: Stop,
}

type Events = Pin<Box<dyn Stream<Item = Result<v1::AskEvent, Status>> + Send>>;

#[tonic::async_trait]
impl v1::coordinator_server::Coordinator for CoordinatorService {
    type AskStream = Events;

    async fn ask(&self, request: Request<v1::Request>) -> Result<Response<Self::AskStream>, Status> {
        let peer = Peer::of(&request).ok();
        let service = &self.0;
        let errand = match service.prepare(peer.as_ref(), request.into_inner()) {
            Ok(errand) => errand,
            Err(error) => return Err(service.refused(peer.as_ref(), "Coordinator/Ask", &error)),
        };
        // Room for a word on each site and the answer, so that no site waits for a slow asker.
        let (events, stream) = mpsc::channel(errand.targets.len() + 2);
        let service = service.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = service.carry_out(errand, &events) => {}
                // Nobody waits for the answer any more: the calls to the sites are dropped with it.
                () = events.closed() => tracing::info!("the asker went away"),
                () = service.stop.requested() => {
                    let _ = events.send(Err(Status::unavailable("the coordinator is stopping; ask again"))).await;
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(stream))))
    }

    async fn preview(&self, request: Request<v1::Request>) -> Result<Response<v1::Preview>, Status> {
        let peer = Peer::of(&request).ok();
        let service = &self.0;
        let errand = match service.prepare(peer.as_ref(), request.into_inner()) {
            Ok(errand) => errand,
            Err(error) => return Err(service.refused(peer.as_ref(), "Coordinator/Preview", &error)),
        };
        let hash = errand.hash;
        let sites = fan::preview(errand).await;
        let recorded = Event::QueryAnswered { envelope: hash, outcome: Outcome::Previewed };
        match service.audit.record(&recorded, service.clock.now()) {
            Ok(()) => Ok(Response::new(v1::Preview { sites })),
            Err(error) => Err(CoordinatorError::Audit(error).status()),
        }
    }

    async fn describe(&self, request: Request<v1::DescribeRequest>) -> Result<Response<v1::Description>, Status> {
        let peer = Peer::of(&request).ok();
        let v1::DescribeRequest { token } = request.into_inner();
        match self.0.describe(peer.as_ref(), token.as_ref()) {
            Ok(description) => Ok(Response::new(description)),
            Err(error) => Err(self.0.refused(peer.as_ref(), "Coordinator/Describe", &error)),
        }
    }
}

impl Coordinator {
    /// Checks a request and puts it on record; nothing has gone out yet.
    fn prepare(&self, peer: Option<&Peer>, request: v1::Request) -> Result<Errand, CoordinatorError> {
        let now = self.clock.now();
        let caller = admission::person(peer, &self.roots, now)?;
        let envelope = admission::envelope(request.envelope.as_ref(), &caller, &self.roots, now)?;
        let claims = admission::claims(request.token.as_ref(), &caller, &self.roots, now)?;
        let plan = Plan::of(&envelope.query, &self.dictionary)?;
        coda_stats::check(&plan)?;
        let targets = self.targets(&envelope, &claims)?;
        let hash = coda_pki::sha256(request.envelope.as_ref().map_or(&[][..], |envelope| &envelope.content));
        let received = |(site, _): &(SiteId, Target)| Event::QueryReceived {
            user: caller.0.clone(),
            site: site.clone(),
            dataset: plan.dataset.clone(),
            statistics: plan.asks.iter().map(|ask| ask.statistic.clone()).collect(),
            envelope: hash,
            peer: Identity::User(caller.0.clone()),
            address: peer.and_then(|peer| peer.address),
        };
        self.audit.announce(&targets.iter().map(received).collect::<Vec<_>>(), now)?;
        Ok(Errand { plan: Arc::new(plan), request, hash, targets, deadline: self.deadline })
    }

    fn targets(&self, envelope: &Envelope, claims: &Claims) -> Result<Vec<(SiteId, Target)>, CoordinatorError> {
        let known = || self.order.iter().map(SiteId::as_str);
        let target = |site: &SiteId| {
            let compute =
                self.sites.get(site).ok_or_else(|| QueryError::unknown("sites", "site", site.as_str(), known()))?;
            let allowed = claims.claims.iter().any(|claim| claim.allows(Permission::BasicQueries, site));
            Ok((site.clone(), if allowed { Target::Asked(compute.clone()) } else { Target::Refused(NO_ROLE) }))
        };
        let mut targets = envelope.sites.iter().map(target).collect::<Result<Vec<_>, QueryError>>()?;
        // In the order of the network, so that the same sites always give the same table.
        targets.sort_by_key(|(site, _)| self.order.iter().position(|known| known == site));
        Ok(targets)
    }

    async fn carry_out(&self, errand: Errand, events: &mpsc::Sender<Result<v1::AskEvent, Status>>) {
        let hash = errand.hash;
        let answer = fan::run(errand, |outcome| {
            // Fails only when the asker went away, which the caller of this function notices.
            let _ = events.try_send(Ok(v1::AskEvent { event: Some(AskEvent::Site(answer::encode_site(outcome))) }));
        });
        let answer = answer.await;
        let cells = answer.asks.iter().map(|ask| ask.cells.len() as u64).sum();
        let came = answer.sites.iter().any(|site| site.status == SiteStatus::Answered);
        let outcome = if came { Outcome::Released { cells } } else { Outcome::Failed { reason: "no site answered" } };
        let recorded = Event::QueryAnswered { envelope: hash, outcome };
        let event = match self.audit.record(&recorded, self.clock.now()) {
            Ok(()) => Ok(v1::AskEvent { event: Some(AskEvent::Answer(answer::encode(&answer))) }),
            Err(error) => Err(CoordinatorError::Audit(error).status()),
        };
        let _ = events.send(event).await;
    }

    fn describe(&self, peer: Option<&Peer>, token: Option<&v1::Signed>) -> Result<v1::Description, CoordinatorError> {
        let now = self.clock.now();
        let caller = admission::person(peer, &self.roots, now)?;
        let claims = admission::claims(token, &caller, &self.roots, now)?;
        let site = |site: &SiteId| {
            let allowed = |permission: &&Permission| claims.claims.iter().any(|claim| claim.allows(**permission, site));
            let permissions = Permission::ALL.iter().filter(allowed).map(ToString::to_string).collect();
            v1::SiteDescription { site: site.to_string(), permissions }
        };
        Ok(v1::Description { dictionary: self.text.clone(), sites: self.order.iter().map(site).collect() })
    }

    fn refused(&self, peer: Option<&Peer>, what: &'static str, error: &CoordinatorError) -> Status {
        let cause = match error {
            // Its words are the query's, whose constants may describe a person; they are for the asker alone.
            CoordinatorError::Query(_) => String::new(),
            _ => std::error::Error::source(error).map(ToString::to_string).unwrap_or_default(),
        };
        tracing::warn!(what, reason = %error, cause, "refused");
        let refused = Event::Refused {
            peer: peer.map(|peer| peer.identity.clone()),
            address: peer.and_then(|peer| peer.address),
            what,
            reason: error.reason(),
        };
        if let Err(error) = self.audit.record(&refused, self.clock.now()) {
            tracing::error!(%error, "the refusal could not be recorded");
        }
        error.status()
    }
}
