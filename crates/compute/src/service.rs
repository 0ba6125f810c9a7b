//! The service: one query from its bytes to its release.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use coda_audit::{AuditLog, Event, Outcome};
use coda_disclosure::Defence;
use coda_ledger::Ledger;
use coda_model::{DatasetId, Identity, SiteId, dictionary::Dictionary, query::QueryError};
use coda_pki::{Peer, Roots};
use coda_policy::{Permit, permit};
use coda_runtime::Clock;
use coda_wire::{terms, v1};
use prost::Message;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tonic::{Request, Response, Status};
use tracing::Instrument;

use crate::{
    admission::{Admitted, admit},
    answering::Answered,
    columns::Columns,
    error::ComputeError,
    lineage::Lineages,
    policies::{Policies, Policy},
};

/// An answer's length is a multiple of this (disclosure.md 1.13).
const BLOCK: usize = 4096;

/// So many requests are worked on at once; more wait, as long as their callers do.
const AT_ONCE: usize = 64;

/// What a request needs, and what is done with it.
pub(crate) struct ComputeService {
    pub(crate) site: SiteId,
    pub(crate) dictionary: Arc<Dictionary>,
    /// SHA-256 of the dictionary's text, hexadecimal.
    pub(crate) digest: String,
    pub(crate) policies: Policies,
    pub(crate) roots: Roots,
    pub(crate) columns: Columns,
    pub(crate) ledger: Ledger,
    pub(crate) lineages: Lineages,
    pub(crate) order_secret: [u8; 32],
    pub(crate) policy_secret: [u8; 32],
    pub(crate) audit: Arc<AuditLog>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Answers `coda.v1.Compute`, apart from the calls: what was begun is brought to its end even if the caller has gone. A decision
/// that is given up half-way would have to be forgotten by reading the whole ledger anew, which whoever calls and hangs up could
/// ask for at will.
#[derive(Clone)]
pub(crate) struct Detached {
    service: Arc<ComputeService>,
    work: TaskTracker,
    /// Limits of connections bound calls, and not what is left of them.
    room: Arc<Semaphore>,
}

#[tonic::async_trait]
impl v1::compute_server::Compute for Detached {
    async fn answer(&self, request: Request<v1::Request>) -> Result<Response<v1::SiteAnswer>, Status> {
        let (service, arrived, peer) = (self.service.clone(), Instant::now(), Peer::of(&request).ok());
        let span = tracing::info_span!("answer", site = %service.site, outcome = tracing::field::Empty);
        let work = async move {
            let outcome = service.answered(peer.as_ref(), request.into_inner()).await;
            service.end(peer.as_ref(), outcome, "released")
        };
        self.reply(arrived, Box::pin(work.instrument(span))).await
    }

    async fn preview(&self, request: Request<v1::Request>) -> Result<Response<v1::SitePreview>, Status> {
        let (service, arrived, peer) = (self.service.clone(), Instant::now(), Peer::of(&request).ok());
        let span = tracing::info_span!("preview", site = %service.site, outcome = tracing::field::Empty);
        let work = async move {
            let outcome = service.previewed(peer.as_ref(), request.into_inner()).await;
            service.end(peer.as_ref(), outcome, "previewed")
        };
        self.reply(arrived, Box::pin(work.instrument(span))).await
    }
}

impl Detached {
    pub(crate) fn new(service: ComputeService) -> Self {
        let room = Arc::new(Semaphore::new(AT_ONCE));
        Self { service: Arc::new(service), work: TaskTracker::new(), room }
    }

    /// Waits for what is still worked on, for so long at most.
    pub(crate) async fn end(&self, at_most: Duration) {
        self.work.close();
        if tokio::time::timeout(at_most, self.work.wait()).await.is_err() {
            tracing::warn!(
                requests = self.work.len(),
                "stopped in the middle of requests; nothing of them was released"
            );
        }
    }

    /// Waits for the work, then for the next moment at which replies leave; `arrived` is when the request came.
    async fn reply<T: Send + 'static>(
        &self,
        arrived: Instant,
        work: impl Future<Output = Result<Response<T>, Status>> + Send + 'static,
    ) -> Result<Response<T>, Status> {
        let service = &self.service;
        let room = self.room.clone().acquire_owned().await;
        let work = self.work.spawn(async move {
            let _room = room;
            work.await
        });
        let outcome = work.await.unwrap_or_else(|died| service.end(None, Err(ComputeError::from(died)), "died"));
        service.wait(arrived).await;
        outcome
    }
}

impl ComputeService {
    /// A request that may go on: its signatures are good, policy permits it, and it was not answered before.
    pub(crate) async fn permitted(
        &self,
        peer: Option<&Peer>,
        request: v1::Request,
    ) -> Result<(Permit, Admitted, Arc<Policy>), ComputeError> {
        let now = self.clock.now();
        // The handshake looked at the certificate once; a connection may outlive it.
        let lawful = |peer: &&Peer| self.roots.verify(&peer.chain, now).is_ok_and(|who| who == Identity::Coordinator);
        peer.filter(lawful).ok_or(ComputeError::Peer)?;
        let admitted = admit(request, &self.roots, now)?;
        let envelope = &admitted.envelope;
        let unknown = || {
            let known = self.dictionary.datasets.iter().map(|dataset| dataset.id.as_str());
            QueryError::unknown("dataset", "data set", &envelope.query.dataset, known)
        };
        let dataset = DatasetId::new(&envelope.query.dataset).map_err(|_| unknown())?;
        let policy = self.policies.now()?;
        let request = admitted.request(dataset);
        let permit = permit(&request, &admitted.claims, &self.site, &policy.site, now.unix_timestamp())?;
        let until = envelope.not_after + coda_policy::permit::LONGEST_LIFE;
        if !self.ledger.take_nonce(envelope.nonce, until, now.unix_timestamp()).await? {
            return Err(ComputeError::Replay);
        }
        Ok((permit, admitted, policy))
    }

    async fn answered(&self, peer: Option<&Peer>, request: v1::Request) -> Result<v1::SiteAnswer, ComputeError> {
        let (permit, admitted, policy) = self.permitted(peer, request).await?;
        let received = Event::QueryReceived {
            user: permit.user().clone(),
            site: permit.site().clone(),
            dataset: permit.dataset().clone(),
            statistics: admitted.envelope.query.asks.iter().map(|ask| known(&ask.statistic)).collect(),
            envelope: admitted.hash,
            peer: Identity::Coordinator,
            address: peer.and_then(|peer| peer.address),
        };
        self.audit.announce(&[received], self.clock.now()).map_err(ComputeError::Audit)?;

        let outcome = self.release(&permit, &admitted, &policy).await;
        let recorded = match &outcome {
            Ok(answered) => Outcome::Released { cells: answered.cells as u64 },
            Err(error) if error.is_own() => Outcome::Failed { reason: error.reason() },
            Err(error) => Outcome::Refused { reason: error.reason() },
        };
        // No record, no answer: this brings both lines to the disk.
        let event = Event::QueryAnswered { envelope: admitted.hash, outcome: recorded };
        self.audit.record(&event, self.clock.now()).map_err(ComputeError::Audit)?;
        let Answered { build, frames, terms, .. } = outcome?;
        let answer = v1::SiteAnswer {
            site: self.site.to_string(),
            build: build.to_string(),
            envelope: admitted.hash.to_vec(),
            frames: Some(frames),
            terms: Some(terms::encode(&terms)),
            padding: Vec::new(),
        };
        Ok(if policy.rules.defences.has(Defence::Size) { padded(answer) } else { answer })
    }

    /// Notes how a call ended.
    fn end<T>(
        &self,
        peer: Option<&Peer>,
        outcome: Result<T, ComputeError>,
        well: &'static str,
    ) -> Result<Response<T>, Status> {
        tracing::Span::current().record("outcome", outcome.as_ref().map_or_else(ComputeError::reason, |_| well));
        outcome.map(Response::new).map_err(|error| {
            self.note(peer, &error);
            error.status()
        })
    }

    /// Waits for the next point of the grid of time on which replies leave, counted from when the request came: how long the
    /// work took depends on the data (disclosure.md 1.13).
    async fn wait(&self, arrived: Instant) {
        let Ok(policy) = self.policies.now() else { return };
        let quantum = policy.site.reply_quantum_ms;
        if quantum == 0 || !policy.rules.defences.has(Defence::Timing) {
            return;
        }
        let taken = u64::try_from(arrived.elapsed().as_micros()).unwrap_or(u64::MAX);
        let grid = taken.div_ceil(1000 * quantum) * quantum;
        tokio::time::sleep_until((arrived + Duration::from_millis(grid)).into()).await;
    }

    /// Logs why, for the people of the site, and records who was turned away before anything was on record.
    fn note(&self, peer: Option<&Peer>, error: &ComputeError) {
        let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        if error.is_own() {
            tracing::error!(reason = %error, cause, "not answered");
        } else {
            tracing::warn!(reason = %error, "not answered");
        }
        let refused = Event::Refused {
            peer: peer.map(|peer| peer.identity.clone()),
            address: peer.and_then(|peer| peer.address),
            what: "Compute/Answer",
            reason: error.reason(),
        };
        if let Err(error) = self.audit.record(&refused, self.clock.now()) {
            tracing::error!(%error, "the refusal could not be recorded");
        }
    }
}

/// An answer with as many zero bytes as make its length a whole number of blocks.
fn padded(mut answer: v1::SiteAnswer) -> v1::SiteAnswer {
    let bare = answer.encoded_len();
    let first = (bare + 8).div_ceil(BLOCK);
    // The length of the padding's length changes with it, so that some lengths cannot be reached; then one block more.
    for target in (first..).map(|blocks| blocks * BLOCK).take(2) {
        for own in 2..8 {
            answer.padding = vec![0; target - bare - own];
            if answer.encoded_len() == target {
                return answer;
            }
        }
    }
    answer
}

/// A statistic's name for the record; what is none may be anything a person typed, and is left out.
fn known(name: &str) -> String {
    coda_stats::find(name).map_or("unknown", |statistic| statistic.name()).to_owned()
}
