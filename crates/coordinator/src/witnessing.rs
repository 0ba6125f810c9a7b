//! Checkpoints of every party's audit log, taken to witnesses at other sites and back, again and again.
//!
//! The coordinator carries them and can forge none: it can only leave one out, which shows, since a checkpoint that nobody cosigned
//! is not believed.

use std::{collections::HashMap, sync::Arc, time::Duration};

use coda_audit::{CheckpointError, Cosignature, SignedCheckpoint, certified};
use coda_client::{ClientError, Log};
use coda_model::{Identity, SiteId};
use coda_runtime::Stop;
use coda_service::{Keeper, causes, log::LogError};
use coda_wire::v1;

/// Every log, and everybody who may be a witness.
pub(crate) struct Witnessing {
    own: Arc<Keeper>,
    auth: Log,
    sites: Vec<(SiteId, Log)>,
    /// What a witness has last seen of a log.
    seen: HashMap<(Identity, SiteId), u64>,
}

/// Where a log is.
enum Owner {
    Own(Arc<Keeper>),
    Other(Log),
}

/// Why a log has no new cosignature.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Call(#[from] ClientError),
    #[error(transparent)]
    Own(#[from] LogError),
    #[error("what came is no checkpoint or cosignature")]
    Form(#[from] CheckpointError),
    #[error("the work was interrupted")]
    Interrupted(#[from] tokio::task::JoinError),
}

impl Witnessing {
    pub(crate) fn new(own: Arc<Keeper>, auth: Log, sites: Vec<(SiteId, Log)>) -> Self {
        Self { own, auth, sites, seen: HashMap::new() }
    }

    /// Goes round every so often until `stop`.
    pub(crate) fn follow(mut self, every: Duration, stop: &Stop) {
        let stop = stop.clone();
        tokio::spawn(async move {
            let rounds = async {
                loop {
                    tokio::time::sleep(every).await;
                    self.round().await;
                }
            };
            tokio::select! {
                () = rounds => {}
                () = stop.requested() => {}
            }
        });
    }

    async fn round(&mut self) {
        let sites = self.sites.iter().map(|(site, log)| (Identity::Compute(site.clone()), Owner::Other(log.clone())));
        let own = (Identity::Coordinator, Owner::Own(self.own.clone()));
        let auth = (Identity::Auth, Owner::Other(self.auth.clone()));
        let owners: Vec<_> = [own, auth].into_iter().chain(sites).collect();
        for (identity, owner) in &owners {
            if let Err(error) = self.one(identity, owner).await {
                tracing::warn!(log = %identity, cause = causes(&error), "an audit log has no new cosignature");
            }
        }
    }

    /// One log: its checkpoint to every other site, and back with what they signed where more than half did. Two such halves have a
    /// site in common, so that no two versions of a log are both cosigned.
    async fn one(&mut self, identity: &Identity, owner: &Owner) -> Result<(), Failure> {
        let v1::LogCheckpoint { keys, checkpoint } = owner.checkpoint().await?;
        let mut signed: SignedCheckpoint = checkpoint.parse()?;
        let mut witnesses = Vec::new();
        let others = self.sites.iter().filter(|(site, _)| *identity != Identity::Compute(site.clone()));
        let others: Vec<_> = others.cloned().collect();
        let wanted = certified::majority(others.len());
        for (site, witness) in others {
            let asked = v1::LogCheckpoint { keys: keys.clone(), checkpoint: checkpoint.clone() };
            match self.cosigned(identity, owner, (&site, &witness), asked).await {
                Ok((cosignature, by)) => {
                    let key = certified::of(&by.content);
                    if key.is_some_and(|key| signed.add(&cosignature, &key.witness).is_ok()) {
                        witnesses.push(by);
                    }
                }
                // It says that the log is not what it was.
                Err(error @ Failure::Call(ClientError::Invalid(..))) => {
                    let cause = causes(&error);
                    tracing::error!(
                        log = %identity, witness = %site, cause,
                        "a witness refuses an audit log: it may have been rewritten or cut; look at both"
                    );
                }
                // It is down, say.
                Err(error) => {
                    tracing::warn!(log = %identity, witness = %site, cause = causes(&error), "a log is not cosigned");
                }
            }
        }
        if witnesses.len() < wanted {
            return Ok(());
        }
        owner.keep(v1::CosignedCheckpoint { checkpoint: signed.to_string(), keys, witnesses }).await
    }

    async fn cosigned(
        &mut self,
        identity: &Identity,
        owner: &Owner,
        (site, witness): (&SiteId, &Log),
        asked: v1::LogCheckpoint,
    ) -> Result<(Cosignature, v1::Signed), Failure> {
        let v1::LogCheckpoint { keys, checkpoint } = asked;
        let place = (identity.clone(), site.clone());
        let mut old = self.seen.get(&place).copied().unwrap_or_default();
        // The second time with what the witness says it knows.
        for _ in 0..2 {
            let submission = owner.prove(checkpoint.clone(), old).await?;
            let reply = witness.cosign(v1::CosignRequest { keys: keys.clone(), submission }).await?;
            let v1::CosignReply { keys: by, cosignature, known } = reply;
            if let (Some(by), false) = (by, cosignature.is_empty()) {
                let size = checkpoint.lines().nth(1).and_then(|size| size.parse().ok()).unwrap_or_default();
                self.seen.insert(place, size);
                return Ok((cosignature.parse()?, by));
            }
            old = known;
        }
        Err(CheckpointError::Cosignature.into())
    }
}

impl Owner {
    async fn checkpoint(&self) -> Result<v1::LogCheckpoint, Failure> {
        match self {
            Self::Own(keeper) => {
                let keeper = keeper.clone();
                Ok(tokio::task::spawn_blocking(move || keeper.checkpoint()).await??)
            }
            Self::Other(log) => Ok(log.checkpoint().await?),
        }
    }

    async fn prove(&self, checkpoint: String, old_size: u64) -> Result<String, Failure> {
        match self {
            Self::Own(keeper) => {
                let (keeper, request) = (keeper.clone(), v1::ProveRequest { checkpoint, old_size });
                Ok(tokio::task::spawn_blocking(move || keeper.prove(request)).await??.text)
            }
            Self::Other(log) => Ok(log.prove(checkpoint, old_size).await?),
        }
    }

    async fn keep(&self, cosigned: v1::CosignedCheckpoint) -> Result<(), Failure> {
        match self {
            Self::Own(keeper) => {
                let keeper = keeper.clone();
                tokio::task::spawn_blocking(move || keeper.keep(cosigned)).await??;
                Ok(())
            }
            Self::Other(log) => Ok(log.keep(cosigned).await?),
        }
    }
}
