//! The log's side and the witness's side, on files beside the log.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use coda_audit::{
    AuditLog, Certified, LogKey, Policy, Seed, SignedCheckpoint, Submission, Witness, WitnessKey, WitnessRefusal,
    certified::{self, content, names},
};
use coda_model::Identity;
use coda_pki::{Reloading, Roots};
use coda_runtime::Clock;
use coda_wire::{token, v1};
use prost::Message as _;
use time::OffsetDateTime;

use super::LogError;
use crate::signed::chain;

/// A party's log with its keys, and the party as a witness.
pub struct Keeper {
    path: PathBuf,
    audit: Arc<AuditLog>,
    log: LogKey,
    witness: Witness,
    party: Reloading,
    content: Vec<u8>,
    roots: Roots,
    clock: Arc<dyn Clock>,
}

impl Keeper {
    /// Opens the keys beside the log at `path`, and makes them where there are none; the party's certificate certifies them.
    ///
    /// Files: `<log>.log-key`, `<log>.witness-key`, `<log>.cosigned` (the last checkpoint with cosignatures) and the folder
    /// `<log>.witnessed` (what was seen of other logs).
    ///
    /// # Errors
    /// [`LogError`].
    pub fn open(path: &Path, audit: Arc<AuditLog>, party: &Reloading, clock: Arc<dyn Clock>) -> Result<Self, LogError> {
        let (name, as_witness) = names(party.current().identity())?;
        let log = LogKey::open(&beside(path, "log-key"), name, Seed::random)?;
        let key = WitnessKey::open(&beside(path, "witness-key"), as_witness, Seed::random)?;
        let folder = beside(path, "witnessed");
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(|source| LogError::File { path: folder.clone(), source })?;
        let content = content(log.verifier(), key.verifier());
        let witness = Witness::new(&folder, key, Vec::new());
        let roots = party.current().roots().clone();
        Ok(Self { path: path.to_owned(), audit, log, witness, party: party.clone(), content, roots, clock })
    }

    /// The public keys under the certificate of this moment.
    fn keys(&self) -> Result<v1::Signed, LogError> {
        let own = self.party.current();
        let signature = own.key().sign(&self.content).map_err(LogError::Certifying)?;
        Ok(token::signed(self.content.clone(), signature, own.chain()))
    }

    /// A checkpoint of the log as it is now.
    ///
    /// # Errors
    /// [`LogError::Signing`].
    pub fn checkpoint(&self) -> Result<v1::LogCheckpoint, LogError> {
        let checkpoint = self.audit.checkpoint(&self.log)?.to_string();
        Ok(v1::LogCheckpoint { keys: Some(self.keys()?), checkpoint })
    }

    /// The proof that a checkpoint of this log continues the first records of it.
    ///
    /// # Errors
    /// [`LogError::Checkpoint`], [`LogError::Audit`].
    pub fn prove(&self, request: v1::ProveRequest) -> Result<v1::Submission, LogError> {
        let v1::ProveRequest { checkpoint, old_size } = request;
        let checkpoint: SignedCheckpoint = checkpoint.parse()?;
        let submission = Submission::new(&self.audit.snapshot()?, old_size, &checkpoint)?;
        Ok(v1::Submission { text: submission.to_string() })
    }

    /// Cosigns a checkpoint of another log that continues what was seen of it.
    ///
    /// # Errors
    /// [`LogError::Witness`] where it does not: somebody has changed that log.
    pub fn cosign(&self, request: v1::CosignRequest) -> Result<v1::CosignReply, LogError> {
        let v1::CosignRequest { keys, submission } = request;
        let now = self.clock.now();
        let of = certified(keys.as_ref().ok_or(LogError::Incomplete)?, &self.roots, now)?;
        if of.identity == *self.party.current().identity() {
            return Err(LogError::Own);
        }
        let submission: Submission = submission.parse()?;
        let keys = Some(self.keys()?);
        let reply = |cosignature, known| v1::CosignReply { keys, cosignature, known };
        match self.witness.add_of(&of.log, &submission, now) {
            Ok(cosignature) => Ok(reply(cosignature.to_string(), 0)),
            // It may have been asked by who did not know.
            Err(WitnessRefusal::OtherSize { known }) => Ok(reply(String::new(), known)),
            Err(source) => Err(LogError::Witness { log: of.identity, source }),
        }
    }

    /// Keeps a checkpoint of this log with its cosignatures, each of which is checked.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn keep(&self, cosigned: v1::CosignedCheckpoint) -> Result<v1::KeepReply, LogError> {
        let now = self.clock.now();
        let checkpoint: SignedCheckpoint = cosigned.checkpoint.parse()?;
        let own = self.keys()?;
        let of = certified(&own, &self.roots, now)?;
        let witnesses = cosigned.witnesses.iter().map(|keys| certified(keys, &self.roots, now));
        let witnesses = witnesses.collect::<Result<Vec<_>, _>>()?;
        certified::policy(&checkpoint, &of, &witnesses, witnesses.len().max(1))?;
        if let Some(kept) = self.cosigned()? {
            let kept: SignedCheckpoint = kept.checkpoint.parse()?;
            // One by another key is of a log that was begun anew.
            let is_older =
                kept.verify(&of.log).is_ok_and(|kept| checkpoint.verify(&of.log).is_ok_and(|new| new.size < kept.size));
            if is_older {
                return Err(LogError::Older);
            }
        }
        let cosigned = v1::CosignedCheckpoint { keys: Some(own), ..cosigned };
        let path = beside(&self.path, "cosigned");
        let failed = |source| LogError::File { path: path.clone(), source };
        let new = path.with_extension("cosigned.new");
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new);
        let written =
            file.and_then(|mut file| file.write_all(&cosigned.encode_to_vec()).and_then(|()| file.sync_all()));
        written.and_then(|()| fs::rename(&new, &path)).map_err(failed)?;
        Ok(v1::KeepReply {})
    }

    /// The log itself.
    pub fn audit(&self) -> &AuditLog {
        &self.audit
    }

    /// The last checkpoint with cosignatures; none before the first.
    ///
    /// # Errors
    /// [`LogError::File`].
    pub fn cosigned(&self) -> Result<Option<v1::CosignedCheckpoint>, LogError> {
        read(&beside(&self.path, "cosigned"))
    }
}

/// The last checkpoint with cosignatures of the log at `path`, and by whose keys it is to be believed: `wanted` computation nodes at
/// least, beside the owner. None before the first.
///
/// # Errors
/// [`LogError`], also where nobody else has cosigned, or a party's certificate does not stand for its keys.
pub fn kept(
    path: &Path,
    roots: &Roots,
    wanted: usize,
    now: OffsetDateTime,
) -> Result<Option<(SignedCheckpoint, Policy, Vec<Identity>)>, LogError> {
    let Some(v1::CosignedCheckpoint { checkpoint, keys, witnesses }) = read(&beside(path, "cosigned"))? else {
        return Ok(None);
    };
    let of = certified(keys.as_ref().ok_or(LogError::Incomplete)?, roots, now)?;
    let witnesses = witnesses.iter().map(|keys| certified(keys, roots, now)).collect::<Result<Vec<_>, _>>()?;
    let checkpoint: SignedCheckpoint = checkpoint.parse()?;
    let (policy, by) = certified::policy(&checkpoint, &of, &witnesses, wanted)?;
    Ok(Some((checkpoint, policy, by.into_iter().map(|(identity, _)| identity).collect())))
}

/// The checkpoint in a file as a service keeps it beside its log.
///
/// # Errors
/// [`LogError`].
pub fn kept_checkpoint(file: &Path) -> Result<SignedCheckpoint, LogError> {
    let cosigned = read(file)?.ok_or(LogError::Incomplete)?;
    Ok(cosigned.checkpoint.parse()?)
}

fn certified(keys: &v1::Signed, roots: &Roots, now: OffsetDateTime) -> Result<Certified, LogError> {
    Ok(certified::verify(&keys.content, &keys.signature, &chain(keys), roots, now)?)
}

fn read(path: &Path) -> Result<Option<v1::CosignedCheckpoint>, LogError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(v1::CosignedCheckpoint::decode(bytes.as_slice()).map_err(|_| LogError::Incomplete)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(LogError::File { path: path.to_owned(), source }),
    }
}

fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(what);
    PathBuf::from(name)
}
