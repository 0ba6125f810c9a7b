//! The service: one query from its bytes to its release.

use std::sync::Arc;

use coda_audit::{AuditLog, Event, Outcome};
use coda_disclosure::Release;
use coda_engine::{execute, needs};
use coda_model::{DatasetId, Identity, SiteId, dictionary::Dictionary, plan::Plan, query::QueryError};
use coda_pki::{Peer, Roots};
use coda_policy::{Permit, SitePolicy, permit};
use coda_runtime::{Clock, in_place};
use coda_wire::{frames, v1};
use tonic::{Request, Response, Status};
use tracing::Instrument;

use crate::{
    admission::{Admitted, admit},
    columns::Columns,
    error::ComputeError,
    nonces::Nonces,
};

/// Answers `coda.v1.Compute`.
pub(crate) struct ComputeService {
    pub(crate) site: SiteId,
    pub(crate) dictionary: Arc<Dictionary>,
    /// SHA-256 of the dictionary's text, hexadecimal.
    pub(crate) digest: String,
    pub(crate) policy: SitePolicy,
    pub(crate) roots: Roots,
    pub(crate) columns: Columns,
    pub(crate) nonces: Nonces,
    pub(crate) audit: Arc<AuditLog>,
    pub(crate) clock: Arc<dyn Clock>,
}

#[tonic::async_trait]
impl v1::compute_server::Compute for ComputeService {
    async fn answer(&self, request: Request<v1::Request>) -> Result<Response<v1::SiteAnswer>, Status> {
        let peer = Peer::of(&request).ok();
        let span = tracing::info_span!("answer", site = %self.site, outcome = tracing::field::Empty);
        async {
            let outcome = self.answered(peer.as_ref(), request.into_inner()).await;
            tracing::Span::current()
                .record("outcome", outcome.as_ref().map_or_else(ComputeError::reason, |_| "released"));
            match outcome {
                Ok(answer) => Ok(Response::new(answer)),
                Err(error) => {
                    self.note(peer.as_ref(), &error);
                    Err(error.status())
                }
            }
        }
        .instrument(span)
        .await
    }
}

impl ComputeService {
    async fn answered(&self, peer: Option<&Peer>, request: v1::Request) -> Result<v1::SiteAnswer, ComputeError> {
        let now = self.clock.now();
        // The handshake looked at the certificate once; a connection may outlive it.
        let lawful = |peer: &&Peer| self.roots.verify(&peer.chain, now).is_ok_and(|who| who == Identity::Coordinator);
        let peer = peer.filter(lawful).ok_or(ComputeError::Peer)?;
        let admitted = admit(request, &self.roots, now)?;
        let envelope = &admitted.envelope;
        let unknown = || {
            let known = self.dictionary.datasets.iter().map(|dataset| dataset.id.as_str());
            QueryError::unknown("dataset", "data set", &envelope.query.dataset, known)
        };
        let dataset = DatasetId::new(&envelope.query.dataset).map_err(|_| unknown())?;
        let permit =
            permit(&admitted.request(dataset), &admitted.claims, &self.site, &self.policy, now.unix_timestamp())?;
        let until = envelope.not_after + coda_policy::permit::LONGEST_LIFE;
        if !self.nonces.take(envelope.nonce, until, now.unix_timestamp()) {
            return Err(ComputeError::Replay);
        }
        let received = Event::QueryReceived {
            user: permit.user().clone(),
            site: permit.site().clone(),
            dataset: permit.dataset().clone(),
            statistics: envelope.query.asks.iter().map(|ask| known(&ask.statistic)).collect(),
            envelope: admitted.hash,
            peer: peer.identity.clone(),
            address: peer.address,
        };
        self.audit.announce(&[received], now).map_err(ComputeError::Audit)?;

        let outcome = self.release(&permit, &admitted).await;
        let recorded = match &outcome {
            Ok((_, cells, _)) => Outcome::Released { cells: *cells as u64 },
            Err(error) if error.is_own() => Outcome::Failed { reason: error.reason() },
            Err(error) => Outcome::Refused { reason: error.reason() },
        };
        // No record, no answer: this brings both lines to the disk.
        let answered = Event::QueryAnswered { envelope: admitted.hash, outcome: recorded };
        self.audit.record(&answered, self.clock.now()).map_err(ComputeError::Audit)?;
        let (build, _, release) = outcome?;
        Ok(v1::SiteAnswer {
            site: self.site.to_string(),
            build,
            envelope: admitted.hash.to_vec(),
            frames: Some(frames::encode(&release)),
        })
    }

    /// What may leave of the answer, with the build it is of and the number of its cells.
    async fn release(&self, permit: &Permit, admitted: &Admitted) -> Result<(String, usize, Release), ComputeError> {
        let wanted = &admitted.envelope.dictionary;
        if !wanted.is_empty() && *wanted != self.dictionary.version {
            return Err(ComputeError::Dictionary);
        }
        let plan = Plan::of(&admitted.envelope.query, &self.dictionary)?;
        coda_stats::check(&plan)?;
        // The permit is for one data set, whatever the plan came to.
        let permitted = self.dictionary.dataset(permit.dataset()).filter(|dataset| dataset.id == plan.dataset);
        let dataset = permitted.ok_or(ComputeError::NoBuild)?;
        let (build, tables) = self.columns.tables(dataset, &needs(&plan, dataset), &self.digest).await?;
        let cells = plan.asks.len() * plan.cells();
        let tabulated = in_place(|| execute(&plan, &tables))?;
        Ok((build.id.to_string(), cells, coda_disclosure::release(&tabulated, self.policy.threshold)))
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

/// A statistic's name for the record; what is none may be anything a person typed, and is left out.
fn known(name: &str) -> String {
    coda_stats::find(name).map_or("unknown", |statistic| statistic.name()).to_owned()
}
