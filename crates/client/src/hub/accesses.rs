//! What the coordinator's audit log has of a person's queries, with the proof that it stands there.

use coda_audit::{Policy, RecordProof, SignedCheckpoint, certified};
use coda_model::{Identity, plain::plain};
use coda_wire::v1;
use time::{Duration, OffsetDateTime};

use super::Hub;
use crate::{ClientError, receipt};

/// The longest line that is shown, in characters.
const LONGEST_LINE: usize = 20_000;

/// Records of the log, the newest last.
#[derive(Debug, Clone, PartialEq)]
pub struct Accesses {
    /// The records.
    pub records: Vec<AccessRecord>,
    /// Who cosigned the checkpoint under which they are proved, and when; nobody before the first.
    pub cosigned: Vec<(Identity, OffsetDateTime)>,
}

/// How long a record may stand without proof, in seconds: sites cosign the log once a minute.
const UNPROVED: i64 = 600;

/// One record.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessRecord {
    /// The line, in JSON.
    pub line: String,
    /// The proof (C2SP tlog-proof), which holds; none for a line that is too new.
    pub proof: Option<String>,
}

/// Why the log is not believed.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Keys that no party of the network certifies.
    #[error("the keys of the log, or of a witness, are not those of a party of this network")]
    Keys(#[from] coda_audit::CertifiedError),
    /// The checkpoint is another party's, or its keys are missing.
    #[error("the checkpoint is not the coordinator's")]
    Owner,
    /// A record that should have been proved long ago.
    #[error(
        "a record of {0} is not under the checkpoint, as one more than ten minutes old must be; the coordinator, or the sites, no longer have the log cosigned"
    )]
    Late(String),
    /// Cosigned long ago: the records of since then may have been left out.
    #[error(
        "{fresh} sites have cosigned the coordinator's log in the last ten minutes, and {wanted} must; ask the sites' administrators why"
    )]
    Stale {
        /// How many have.
        fresh: usize,
        /// How many must.
        wanted: usize,
    },
    /// The checkpoint.
    #[error("the checkpoint does not hold")]
    Checkpoint(#[from] coda_audit::CheckpointError),
    /// Fewer sites have cosigned than must, or a signature is false.
    #[error("the checkpoint of the coordinator's log is not cosigned as it must be; ask the sites' administrators why")]
    Policy(#[from] coda_audit::PolicyRefusal),
    /// The proof of a record.
    #[error("a record of the log is not the one that the sites cosigned")]
    Proof(#[from] coda_audit::ProofError),
}

impl Hub {
    /// The caller's own accesses, and those to sites that the caller administers, in a network of so many `sites`: more than half of
    /// them must have cosigned within the last ten minutes. Two such halves have a site in common, which cosigns one log only.
    ///
    /// # Errors
    /// [`ClientError`]; [`ClientError::Log`] where the log was changed, or is not cosigned as it should be.
    pub async fn accesses(&self, sites: usize) -> Result<Accesses, ClientError> {
        let request = v1::AccessesRequest { token: Some(self.token().await?) };
        let reply = self.coordinator().accesses(request).await;
        let reply = reply.map_err(|status| self.coordinator.error(status))?.into_inner();
        self.verified(reply, certified::majority(sites)).map_err(|error| ClientError::Log(Box::new(error)))
    }

    fn verified(&self, reply: v1::AccessesReply, wanted: usize) -> Result<Accesses, AccessError> {
        let v1::AccessesReply { accesses, checkpoint } = reply;
        let Some(cosigned) = checkpoint else {
            let records = accesses.iter().map(|access| self.unproved(&access.line)).collect::<Result<_, _>>()?;
            return Ok(Accesses { records, cosigned: Vec::new() });
        };
        let (policy, cosigned) = self.policy(&cosigned, wanted)?;
        let is_fresh = |(_, time): &&(Identity, OffsetDateTime)| (self.now)() - *time <= Duration::seconds(UNPROVED);
        let fresh = cosigned.iter().filter(is_fresh).count();
        if fresh < wanted {
            return Err(AccessError::Stale { fresh, wanted });
        }
        let mut records = Vec::new();
        for v1::Access { line, proof } in accesses {
            if proof.is_empty() {
                records.push(self.unproved(&line)?);
                continue;
            }
            let read: RecordProof = proof.parse()?;
            read.verify(&line, &policy)?;
            records.push(AccessRecord { line: text(&line), proof: Some(proof) });
        }
        Ok(Accesses { records, cosigned })
    }

    /// A record that is too new for a proof.
    fn unproved(&self, line: &[u8]) -> Result<AccessRecord, AccessError> {
        let time = coda_audit::time_of(line).ok_or(AccessError::Late("no time".to_owned()))?;
        let age = (self.now)() - time;
        if age > Duration::seconds(UNPROVED) || age < -Duration::minutes(1) {
            return Err(AccessError::Late(time.to_string()));
        }
        Ok(AccessRecord { line: text(line), proof: None })
    }

    /// By whose keys the log is believed.
    fn policy(
        &self,
        cosigned: &v1::CosignedCheckpoint,
        wanted: usize,
    ) -> Result<(Policy, Vec<(Identity, OffsetDateTime)>), AccessError> {
        let v1::CosignedCheckpoint { checkpoint, keys, witnesses } = cosigned;
        let checkpoint: SignedCheckpoint = checkpoint.parse()?;
        let log = self.certified(keys.as_ref().ok_or(AccessError::Owner)?)?;
        if log.identity != Identity::Coordinator {
            return Err(AccessError::Owner);
        }
        let witnesses = witnesses.iter().map(|keys| self.certified(keys)).collect::<Result<Vec<_>, _>>()?;
        Ok(certified::policy(&checkpoint, &log, &witnesses, wanted)?)
    }

    fn certified(&self, signed: &v1::Signed) -> Result<coda_audit::Certified, AccessError> {
        let (v1::Signed { content, signature, .. }, chain) = (signed, receipt::chain(signed));
        Ok(certified::verify(content, signature, &chain, self.credentials.roots(), (self.now)())?)
    }
}

fn text(line: &[u8]) -> String {
    plain(&String::from_utf8_lossy(line), LONGEST_LINE)
}
