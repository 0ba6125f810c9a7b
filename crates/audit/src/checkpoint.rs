//! Checkpoints (C2SP tlog-checkpoint): what a log says of itself, and what witnesses say of it.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use signed_note::{Note, NoteError, Signature, Verifier, VerifierList};
use time::OffsetDateTime;
use tlog_tiles::Checkpoint;

use crate::key::{Cosigner, LogKey, WitnessKey};
use crate::name::Name;
use crate::tree::TreeHead;
use crate::vkey::{LogVerifier, WitnessVerifier, split};

/// Bytes of a checkpoint at most.
const LONGEST: usize = 16 * 1024;
/// Signatures of a checkpoint at most.
const SIGNATURES: usize = 64;
/// Records of a log at most: a billion each second for three days, and far from where numbers overflow.
const RECORDS: u64 = 1 << 48;

/// A signed checkpoint: a log's origin, size and root, with the signature of the log and the cosignatures of witnesses.
///
/// Nobody has looked at the signatures yet. What it says of the log is given by [`SignedCheckpoint::verify`] alone.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedCheckpoint {
    text: String,
    origin: Name,
    head: TreeHead,
    signatures: Vec<Signature>,
}

/// That a witness saw a checkpoint, at a time, and that it continues all that the witness saw of this log before
/// (C2SP tlog-cosignature, version 1). One line of a signed note.
#[derive(Debug, Clone, PartialEq)]
pub struct Cosignature(Signature);

/// Why a checkpoint was not made or not believed.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// Not a signed note with a checkpoint in it, too long, or with two signatures of one key.
    #[error("not a signed checkpoint")]
    Form,
    /// Not a cosignature.
    #[error("not a cosignature")]
    Cosignature,
    /// Of another log.
    #[error("the checkpoint is of the log {found}, not of {expected}")]
    Origin {
        /// The log whose key was at hand.
        expected: Name,
        /// The log that the checkpoint names.
        found: Name,
    },
    /// The log did not sign it.
    #[error("the checkpoint was not signed by the key of the log {0}")]
    Unsigned(Name),
    /// The signature of this name is another one's.
    #[error("the signature of {0} under the checkpoint is false")]
    False(Name),
    /// The time is before 1970, or the cryptographic library failed.
    #[error("the checkpoint could not be signed")]
    Signing,
}

impl SignedCheckpoint {
    pub(crate) fn sign(key: &LogKey, head: TreeHead) -> Result<Self, CheckpointError> {
        let origin = key.verifier().name();
        let checkpoint = Checkpoint::new(origin.as_str(), head.size, head.root.hash(), "");
        let text = checkpoint.map_err(|_| CheckpointError::Form)?.to_bytes();
        let mut note = Note::new(&text, &[]).map_err(|_| CheckpointError::Form)?;
        note.add_sigs(&[key]).map_err(|_| CheckpointError::Signing)?;
        String::from_utf8(note.to_bytes()).map_err(|_| CheckpointError::Form)?.parse()
    }

    /// The log that the checkpoint says it is of: to find the key with which to verify it.
    pub fn origin(&self) -> &Name {
        &self.origin
    }

    /// What the checkpoint says of the log, once the signature of `log` under it was verified.
    ///
    /// # Errors
    /// [`CheckpointError::Origin`], [`CheckpointError::Unsigned`], [`CheckpointError::False`].
    pub fn verify(&self, log: &LogVerifier) -> Result<TreeHead, CheckpointError> {
        if self.origin != *log.name() {
            return Err(CheckpointError::Origin { expected: log.name().clone(), found: self.origin.clone() });
        }
        match self.signature(log.name(), log)? {
            Some(_) => Ok(self.head),
            None => Err(CheckpointError::Unsigned(self.origin.clone())),
        }
    }

    /// When `witness` cosigned the checkpoint, if it did.
    ///
    /// # Errors
    /// [`CheckpointError::False`] when there is a cosignature of its name and key that it did not make.
    pub fn cosigned(&self, witness: &WitnessVerifier) -> Result<Option<OffsetDateTime>, CheckpointError> {
        let Some(signature) = self.signature(witness.name(), witness)? else { return Ok(None) };
        let time = split(signature.signature()).and_then(|(time, _)| i64::try_from(time).ok());
        let time = time.and_then(|time| OffsetDateTime::from_unix_timestamp(time).ok());
        time.map(Some).ok_or_else(|| CheckpointError::False(witness.name().clone()))
    }

    /// Adds the cosignature of `witness`, in place of an earlier one.
    ///
    /// # Errors
    /// [`CheckpointError::Cosignature`] when it is another one's; [`CheckpointError::False`] when it is of something else.
    pub fn add(&mut self, cosignature: &Cosignature, witness: &WitnessVerifier) -> Result<(), CheckpointError> {
        let Cosignature(signature) = cosignature;
        let (name, id) = (Verifier::name(witness), witness.key_id());
        if (signature.name(), signature.id()) != (name, id) {
            return Err(CheckpointError::Cosignature);
        }
        let mut with = self.clone();
        with.signatures.retain(|other| (other.name(), other.id()) != (name, id));
        with.signatures.push(signature.clone());
        with.cosigned(witness)?;
        // Read again, so that it cannot become longer than others take.
        *self = with.to_string().parse()?;
        Ok(())
    }

    pub(crate) fn cosign(&self, key: &WitnessKey, now: OffsetDateTime) -> Result<Cosignature, CheckpointError> {
        let mut note = Note::new(self.text.as_bytes(), &[]).map_err(|_| CheckpointError::Form)?;
        note.add_sigs(&[&Cosigner { key, now }]).map_err(|_| CheckpointError::Signing)?;
        let note = String::from_utf8(note.to_bytes()).map_err(|_| CheckpointError::Form)?;
        note.rsplit_once("\n\n").ok_or(CheckpointError::Form)?.1.parse()
    }

    /// What the checkpoint says of the log, true or not.
    pub(crate) fn claimed(&self) -> TreeHead {
        self.head
    }

    /// The signature of a key, if it is there and true.
    fn signature<V>(&self, name: &Name, key: &V) -> Result<Option<Signature>, CheckpointError>
    where
        V: Verifier + Clone + 'static,
    {
        let note = Note::new(self.text.as_bytes(), &self.signatures).map_err(|_| CheckpointError::Form)?;
        match note.verify(&VerifierList::new(vec![Box::new(key.clone())])) {
            Ok((verified, _)) => Ok(verified.into_iter().next()),
            Err(NoteError::UnverifiedNote) => Ok(None),
            Err(_) => Err(CheckpointError::False(name.clone())),
        }
    }
}

impl FromStr for SignedCheckpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        if text.len() > LONGEST || text.chars().any(|symbol| symbol != '\n' && symbol.is_control()) {
            return Err(CheckpointError::Form);
        }
        let (body, lines) = text.rsplit_once("\n\n").ok_or(CheckpointError::Form)?;
        let body = format!("{body}\n");
        let lines = lines.strip_suffix('\n').ok_or(CheckpointError::Form)?;
        let signatures = lines.split('\n').map(|line| Signature::from_bytes(line.as_bytes()));
        let signatures: Vec<_> = signatures.collect::<Result<_, _>>().map_err(|_| CheckpointError::Form)?;
        let signers: BTreeSet<_> = signatures.iter().map(|signature| (signature.name(), signature.id())).collect();
        if signers.len() < signatures.len() || signatures.len() > SIGNATURES {
            return Err(CheckpointError::Form);
        }
        let checkpoint = Checkpoint::from_bytes(body.as_bytes()).map_err(|_| CheckpointError::Form)?;
        let origin = Name::new(checkpoint.origin()).map_err(|_| CheckpointError::Form)?;
        let head = TreeHead { size: checkpoint.size(), root: (*checkpoint.hash()).into() };
        if head.size > RECORDS {
            return Err(CheckpointError::Form);
        }
        Ok(Self { text: body, origin, head, signatures })
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| write(signature, out))
    }
}

impl FromStr for Cosignature {
    type Err = CheckpointError;

    fn from_str(line: &str) -> Result<Self, CheckpointError> {
        let line = line.strip_suffix('\n').filter(|line| line.len() <= 1024).ok_or(CheckpointError::Cosignature)?;
        Signature::from_bytes(line.as_bytes()).map(Self).map_err(|_| CheckpointError::Cosignature)
    }
}

impl fmt::Display for Cosignature {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(&self.0, out)
    }
}

fn write(signature: &Signature, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    out.write_str(&String::from_utf8_lossy(&signature.to_bytes()))
}
