//! The service: one query from its bytes to its release.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use coda_audit::{Event, Outcome};
use coda_disclosure::SiteSecret;
use coda_ledger::Ledger;
use coda_model::{DatasetId, Identity, SiteId, dictionary::Dictionary, query::QueryError};
use coda_pki::{Reloading, sha256};
use coda_policy::{Permit, permit};
use coda_runtime::Clock;
use coda_service::{Caller, Failure, Guard, Isolation};
use coda_wire::{
    frames,
    receipt::{self, Receipt},
    token::signed,
    v1,
};
use prost::Message;
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tonic::{Request, Response, Status};

use crate::{
    admission::{Admitted, admit},
    answering::{Answered, Watch},
    columns::Columns,
    error::ComputeError,
    policies::{Policies, Policy, PolicyChange},
};

/// Bytes of a policy that are put on record as they are: two of them are a line.
const LONGEST_POLICY: usize = coda_audit::LONGEST / 4;

/// An answer's length is a multiple of this (docs/disclosure.md, R16).
const BLOCK: usize = 4096;

/// So many requests are worked on at once; more wait, as long as their callers do.
const AT_ONCE: usize = 64;

/// What a request needs, and what is done with it.
pub(crate) struct ComputeService {
    pub(crate) guard: Guard,
    pub(crate) isolation: Isolation,
    pub(crate) site: SiteId,
    pub(crate) dictionary: Arc<Dictionary>,
    /// SHA-256 of the dictionary's text.
    pub(crate) digest: [u8; 32],
    /// Whose key signs receipts.
    pub(crate) party: Reloading,
    pub(crate) policies: Policies,
    pub(crate) columns: Columns,
    pub(crate) ledger: Ledger,
    pub(crate) secret: SiteSecret,
    pub(crate) policy_secret: [u8; 32],
    pub(crate) clock: Arc<dyn Clock>,
}

/// Answers `coda.v1.Compute`, apart from the calls: what was begun is brought to its end even if the caller has gone.
#[derive(Clone)]
pub(crate) struct Detached {
    service: Arc<ComputeService>,
    work: TaskTracker,
    /// At most so many requests are worked on at once, those whose callers have gone included.
    room: Arc<Semaphore>,
    /// The watch looks at one query at a time.
    watching: Arc<Semaphore>,
}

#[tonic::async_trait]
impl v1::compute_server::Compute for Detached {
    async fn answer(&self, request: Request<v1::Request>) -> Result<Response<v1::SiteAnswer>, Status> {
        let (service, work, arrived) = (self.service.clone(), self.work.clone(), Instant::now());
        let watching = self.watching.clone();
        let answering = async move {
            let answered = async |caller, request| service.answered(caller, request).await;
            let outcome = service.guard.answer("Compute/Answer", request, answered).await;
            outcome.map(|reply| {
                let (answer, watch) = reply.into_inner();
                // After the answer has left, and one at a time, so that no answer waits for it.
                work.spawn(async move {
                    service.wait(arrived).await;
                    let _one = watching.acquire().await;
                    service.watch(watch).await;
                });
                Response::new(answer)
            })
        };
        self.reply(arrived, Box::pin(answering)).await
    }
}

impl Detached {
    pub(crate) fn new(service: ComputeService) -> Self {
        let room = Arc::new(Semaphore::new(AT_ONCE));
        let watching = Arc::new(Semaphore::new(1));
        Self { service: Arc::new(service), work: TaskTracker::new(), room, watching }
    }

    /// Waits for what is still worked on, for so long at most.
    pub(crate) async fn end(&self, at_most: Duration) {
        self.work.close();
        if tokio::time::timeout(at_most, self.work.wait()).await.is_err() {
            tracing::warn!(
                requests = self.work.len(),
                "stopped with work unfinished; no answer that had not left was released"
            );
        }
    }

    /// Waits for the work, then for the next moment at which replies leave; `arrived` is when the request came.
    async fn reply<T: Send + 'static>(
        &self,
        arrived: Instant,
        work: impl Future<Output = Result<Response<T>, Status>> + Send + 'static,
    ) -> Result<Response<T>, Status> {
        let room = self.room.clone().acquire_owned().await;
        let work = self.work.spawn(async move {
            let _room = room;
            work.await
        });
        let outcome = work.await.unwrap_or_else(|_| {
            let error = ComputeError::Task;
            tracing::error!(cause = error.logged(), "failed");
            Err(error.reply().status())
        });
        self.service.wait(arrived).await;
        outcome
    }
}

/// An answer that leaves once it is on record.
struct SignedAnswer {
    answer: v1::SiteAnswer,
    cells: usize,
    /// SHA-256 of the release's bytes.
    digest: [u8; 32],
    watch: Watch,
}

impl ComputeService {
    /// A request whose signatures are good and which policy permits. [`Ledger::count`] refuses a replay later.
    fn permitted(
        &self,
        caller: &Caller,
        request: v1::Request,
    ) -> Result<(Permit, Admitted, Arc<Policy>), ComputeError> {
        if caller.identity != Identity::Coordinator {
            return Err(ComputeError::Peer(caller.identity.clone()));
        }
        let now = caller.now;
        let admitted = admit(request, self.guard.roots(), now)?;
        let envelope = &admitted.envelope;
        let unknown = || {
            let known = self.dictionary.datasets.iter().map(|dataset| dataset.id.as_str());
            QueryError::unknown("dataset", "data set", &envelope.query.dataset, known)
        };
        let dataset = DatasetId::new(&envelope.query.dataset).map_err(|_| unknown())?;
        let policy = self.policies.now()?;
        // Before it decides anything, be it that it refuses.
        self.policies.record_change(|PolicyChange { old, new }| {
            let (old, new) = (old.as_deref().map(recorded), recorded(new));
            self.guard.announce(&[Event::PolicyChanged { old, new }])
        })?;
        let request = admitted.request(dataset);
        let permit = permit(&request, &admitted.claims, &self.site, &policy.site, now.unix_timestamp())
            .map_err(|refusal| ComputeError::Refusal(refusal, request.signer.clone()))?;
        Ok((permit, admitted, policy))
    }

    async fn answered(&self, caller: Caller, request: v1::Request) -> Result<(v1::SiteAnswer, Watch), ComputeError> {
        if self.isolation.is_begun() {
            return Err(ComputeError::Isolated);
        }
        let (permit, admitted, policy) = self.permitted(&caller, request)?;
        let received = Event::QueryReceived {
            user: permit.user().clone(),
            site: permit.site().clone(),
            dataset: permit.dataset().clone(),
            statistics: admitted.envelope.query.asks.iter().map(|ask| known(&ask.statistic)).collect(),
            envelope: admitted.hash,
            peer: Identity::Coordinator,
            address: caller.address,
        };
        self.guard.announce(&[received])?;

        let outcome = self.release(&permit, &admitted, &policy).await;
        let outcome = outcome.and_then(|answered| self.with_receipt(answered, admitted.hash, caller.now));
        let recorded = match &outcome {
            Ok(SignedAnswer { cells, digest, .. }) => {
                Outcome::Released { cells: *cells as u64, release: Some(*digest) }
            }
            Err(error) => {
                let reply = error.reply();
                let reason = reply.reason;
                if reply.is_own() { Outcome::Failed { reason } } else { Outcome::Refused { reason } }
            }
        };
        // No record, no answer: this brings both lines to the disk.
        self.guard.record(&Event::QueryAnswered { envelope: admitted.hash, outcome: recorded })?;
        let SignedAnswer { answer, watch, .. } = outcome?;
        Ok((answer, watch))
    }

    /// The release with what the site signs of it. `arrived` is when the request came: how long the work took depends on the data
    /// (R16).
    fn with_receipt(
        &self,
        answered: Answered,
        envelope: [u8; 32],
        arrived: OffsetDateTime,
    ) -> Result<SignedAnswer, ComputeError> {
        let Answered { build, cells, release, terms, watch } = answered;
        let release = frames::encode(&release).encode_to_vec();
        let digest = sha256(&release);
        let receipt = receipt::encode(&Receipt {
            site: self.site.clone(),
            build,
            envelope,
            release: digest,
            dictionary: self.digest,
            terms,
            time: arrived.unix_timestamp(),
        });
        let own = self.party.current();
        let signature = own.key().sign(&receipt)?;
        let receipt = Some(signed(receipt, signature, own.chain()));
        Ok(SignedAnswer {
            answer: padded(v1::SiteAnswer { receipt, release, padding: Vec::new() }),
            cells,
            digest,
            watch,
        })
    }

    /// Waits for the next point of the grid of time on which replies leave, counted from when the request came: how long the
    /// work took depends on the data (R16).
    async fn wait(&self, arrived: Instant) {
        let Ok(policy) = self.policies.now() else { return };
        let quantum = policy.site.reply_quantum_ms;
        if quantum == 0 {
            return;
        }
        let taken = u64::try_from(arrived.elapsed().as_micros()).unwrap_or(u64::MAX);
        let grid = taken.div_ceil(1000 * quantum) * quantum;
        tokio::time::sleep_until((arrived + Duration::from_millis(grid)).into()).await;
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

/// A policy as a record takes it: whole, or by its digest where it lists more people than a line holds.
fn recorded(policy: &str) -> String {
    if policy.len() < LONGEST_POLICY {
        policy.to_owned()
    } else {
        format!("SHA-256 {}", hex::encode(sha256(policy.as_bytes())))
    }
}

/// A statistic's name for the record; what is none may be anything a person typed, and is left out.
fn known(name: &str) -> String {
    coda_stats::find(name).map_or("unknown", |statistic| statistic.name()).to_owned()
}
