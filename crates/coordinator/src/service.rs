//! The service: who asks, whether the query fits, which sites it goes to, what is on record.

use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use coda_audit::{Event, Outcome};
use coda_client::Compute;
use coda_model::{Identity, SiteId, dictionary::Dictionary, plan::Plan, query::QueryError};
use coda_policy::{Claim, Claims, Permission};
use coda_runtime::Stop;
use coda_service::{Caller, Failure as _, Guard, Isolation, Keeper, Person, Unlikely};
use coda_wire::{
    envelope::Envelope,
    v1::{self, ask_event::Event as AskEvent},
};
use tokio::sync::mpsc;
use tokio_stream::{Stream, wrappers::ReceiverStream};
use tonic::{Request, Response, Status};
use tracing::Instrument as _;

use crate::{
    admission,
    error::CoordinatorError,
    fan::{self, Errand, NotAsked, Target},
};

/// Answers `coda.v1.Coordinator`.
#[derive(Clone)]
pub(crate) struct CoordinatorService(pub(crate) Arc<Coordinator>);

/// What the service knows.
pub(crate) struct Coordinator {
    pub(crate) guard: Guard,
    pub(crate) keeper: Arc<Keeper>,
    /// Beside which it stands who is cut off.
    pub(crate) audit: PathBuf,
    pub(crate) dictionary: Dictionary,
    /// The dictionary as text, for those who ask.
    pub(crate) text: String,
    /// SHA-256 of it: sites refuse a query that was planned from another one.
    pub(crate) digest: [u8; 32],
    pub(crate) order: Vec<SiteId>,
    pub(crate) sites: HashMap<SiteId, Compute>,
    pub(crate) deadline: Duration,
    pub(crate) stop: Stop,
}

type Events = Pin<Box<dyn Stream<Item = Result<v1::AskEvent, Status>> + Send>>;

#[tonic::async_trait]
impl v1::coordinator_server::Coordinator for CoordinatorService {
    type AskStream = Events;

    async fn ask(&self, request: Request<v1::Request>) -> Result<Response<Self::AskStream>, Status> {
        let service = &self.0;
        let work =
            async |caller, request| Ok::<_, CoordinatorError>(service.clone().ask(service.prepare(caller, request)?));
        service.guard.answer("Coordinator/Ask", request, work).await
    }

    async fn accesses(&self, request: Request<v1::AccessesRequest>) -> Result<Response<v1::AccessesReply>, Status> {
        let service = &self.0;
        let work = async |caller, v1::AccessesRequest { token }: v1::AccessesRequest| {
            let claims = admission::claims(token.as_ref(), &person(caller)?, service.guard.roots())?;
            let keeper = service.keeper.clone();
            let found = tokio::task::spawn_blocking(move || crate::accesses::of(&keeper, &claims)).await;
            Ok::<_, CoordinatorError>(found.map_err(|_| CoordinatorError::Interrupted)??)
        };
        service.guard.answer("Coordinator/Accesses", request, work).await
    }

    async fn describe(&self, request: Request<v1::DescribeRequest>) -> Result<Response<v1::Description>, Status> {
        let service = &self.0;
        let work = async |caller, request| service.describe(caller, &request);
        service.guard.answer("Coordinator/Describe", request, work).await
    }
}

impl Coordinator {
    /// Checks a request and puts it on record; nothing has gone out yet.
    fn prepare(&self, caller: Caller, mut request: v1::Request) -> Result<Errand, CoordinatorError> {
        let caller = person(caller)?;
        let envelope = admission::envelope(request.envelope.as_ref(), &caller, self.guard.roots())?;
        let claims = admission::claims(request.token.as_ref(), &caller, self.guard.roots())?;
        let plan = Plan::of(&envelope.query, &self.dictionary)?;
        coda_stats::check(&plan)?;
        let targets = self.targets(&envelope, &claims)?;
        if targets.iter().any(|(_, target)| matches!(target, Target::NotAsked(NotAsked::Role))) {
            // Counted here, since the query itself is not refused: the other sites are asked.
            let (by, kind) = (Identity::User(caller.user.clone()), Unlikely::NoRole);
            let (what, reason) = ("Coordinator/Ask of a site", kind.word());
            let noticed = Event::Refused { peer: Some(by.clone()), address: caller.address, what, reason };
            self.guard.count_unlikely(&noticed, kind, by);
        }
        request.dictionary = self.digest.to_vec();
        let hash = coda_pki::sha256(request.envelope.as_ref().map_or(&[][..], |envelope| &envelope.content));
        let received = |(site, _): &(SiteId, Target)| Event::QueryReceived {
            user: caller.user.clone(),
            site: site.clone(),
            dataset: plan.dataset.clone(),
            statistics: plan.asks.iter().map(|ask| ask.statistic.clone()).collect(),
            envelope: hash,
            peer: Identity::User(caller.user.clone()),
            address: caller.address,
        };
        self.guard.announce(&targets.iter().map(received).collect::<Vec<_>>())?;
        Ok(Errand {
            plan: Arc::new(plan),
            request,
            validity: (envelope.not_before, envelope.not_after),
            hash,
            dictionary: self.digest,
            targets,
            deadline: self.deadline,
        })
    }

    fn targets(&self, envelope: &Envelope, claims: &Claims) -> Result<Vec<(SiteId, Target)>, CoordinatorError> {
        let known = || self.order.iter().map(SiteId::as_str);
        let target = |site: &SiteId| {
            let compute =
                self.sites.get(site).ok_or_else(|| QueryError::unknown("sites", "site", site.as_str(), known()))?;
            let queries = Permission::BasicQueries;
            let target = if Isolation::beside(&self.audit, Some(site)).is_begun() {
                Target::NotAsked(NotAsked::Isolated)
            } else if claims.claims.iter().any(|claim| claim.allows_within(queries, site, &envelope.project)) {
                Target::Asked(Box::new(compute.clone()))
            } else if claims.claims.iter().any(|claim| claim.allows(queries, site)) {
                Target::NotAsked(NotAsked::Project)
            } else {
                Target::NotAsked(NotAsked::Role)
            };
            Ok((site.clone(), target))
        };
        let mut targets = envelope.sites.iter().map(target).collect::<Result<Vec<_>, QueryError>>()?;
        // In the order of the network, so that the same sites always give the same table.
        targets.sort_by_key(|(site, _)| self.order.iter().position(|known| known == site));
        Ok(targets)
    }

    /// Sends the query out; the stream has a word on each site, then the answer.
    fn ask(self: Arc<Self>, errand: Errand) -> Events {
        // Room for all of them, so that no site waits for a slow asker.
        let (events, stream) = mpsc::channel(2 * errand.targets.len() + 2);
        let work = async move {
            tokio::select! {
                () = self.carry_out(errand, &events) => {}
                // Nobody waits for the answer any more: the calls to the sites are dropped with it.
                () = events.closed() => tracing::info!("the asker went away"),
                () = self.stop.requested() => {
                    let _ = events.send(Err(Status::unavailable("the coordinator is stopping; ask again"))).await;
                }
            }
        };
        tokio::spawn(work.in_current_span());
        Box::pin(ReceiverStream::new(stream))
    }

    async fn carry_out(&self, errand: Errand, events: &mpsc::Sender<Result<v1::AskEvent, Status>>) {
        let (hash, plan) = (errand.hash, errand.plan.clone());
        let event = |event| Ok(v1::AskEvent { event: Some(event) });
        let results = fan::run(errand, |outcome| {
            // Fails only when the asker went away, which the caller of this function notices.
            let _ = events.try_send(event(AskEvent::Settled(outcome.clone())));
        });
        let results = results.await;
        let cells = (plan.asks.len() * plan.cells()) as u64;
        let came = results.iter().any(|site| site.answer.is_some());
        let outcome = if came {
            Outcome::Released { cells, release: None }
        } else {
            Outcome::Failed { reason: "no site answered" }
        };
        if let Err(error) = self.guard.record(&Event::QueryAnswered { envelope: hash, outcome }) {
            let error = CoordinatorError::from(error);
            tracing::error!(cause = error.logged(), "failed");
            let _ = events.send(Err(error.reply().status())).await;
            return;
        }
        for result in results.into_iter().map(AskEvent::Result).chain([AskEvent::End(v1::End {})]) {
            let _ = events.send(event(result)).await;
        }
    }

    fn describe(&self, caller: Caller, request: &v1::DescribeRequest) -> Result<v1::Description, CoordinatorError> {
        let v1::DescribeRequest { token } = request;
        let claims = admission::claims(token.as_ref(), &person(caller)?, self.guard.roots())?;
        let site = |site: &SiteId| {
            let allowed = |permission: &&Permission| claims.claims.iter().any(|claim| claim.allows(**permission, site));
            let permissions = Permission::ALL.iter().filter(allowed).map(ToString::to_string).collect();
            v1::SiteDescription { site: site.to_string(), permissions }
        };
        let asks = |claim: &&Claim| self.order.iter().any(|site| claim.allows(Permission::BasicQueries, site));
        let projects: BTreeSet<_> =
            claims.claims.iter().filter(asks).filter_map(|claim| claim.project.as_ref()).collect();
        Ok(v1::Description {
            dictionary: self.text.clone(),
            sites: self.order.iter().map(site).collect(),
            projects: projects.into_iter().map(ToString::to_string).collect(),
        })
    }
}

fn person(caller: Caller) -> Result<Person, CoordinatorError> {
    caller.person().map_err(CoordinatorError::NotAPerson)
}
