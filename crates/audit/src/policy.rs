//! Whom to believe about a log.

use time::OffsetDateTime;

use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::name::Name;
use crate::tree::TreeHead;
use crate::vkey::{LogVerifier, WitnessVerifier};

/// A log, and how many of which witnesses must have cosigned what it says.
///
/// Whoever has the log's key can write the log anew and sign it. Only the witnesses, who cosigned the old log, can tell: a
/// quorum of 0 believes any such log.
#[derive(Debug, Clone)]
pub struct Policy {
    log: LogVerifier,
    witnesses: Vec<WitnessVerifier>,
    quorum: usize,
}

/// Why a policy would not mean what it says.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// More cosignatures are wanted than there are witnesses.
    #[error("{quorum} cosignatures are wanted, of {witnesses} witnesses")]
    Quorum {
        /// Cosignatures that are wanted.
        quorum: usize,
        /// Witnesses there are.
        witnesses: usize,
    },
    /// A cosignature does not name who made it, so that a key under two names would count twice.
    #[error("the key of {0} is that of another witness or of the log")]
    Twice(Name),
}

/// What is to be believed about a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    /// Its tree.
    pub head: TreeHead,
    /// Which witnesses cosigned it, and when. How old that may be is for the caller to say.
    pub cosigned: Vec<(Name, OffsetDateTime)>,
}

/// Why a checkpoint is not to be believed.
#[derive(Debug, thiserror::Error)]
pub enum PolicyRefusal {
    /// A signature is false or missing.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Too few witnesses cosigned.
    #[error("{found} of the witnesses cosigned the checkpoint; {quorum} must")]
    Quorum {
        /// Those who did.
        found: usize,
        /// Those who must.
        quorum: usize,
    },
}

impl Policy {
    /// Believes `log` when at least `quorum` of `witnesses` cosigned.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn new(log: LogVerifier, witnesses: Vec<WitnessVerifier>, quorum: usize) -> Result<Self, PolicyError> {
        if quorum > witnesses.len() {
            return Err(PolicyError::Quorum { quorum, witnesses: witnesses.len() });
        }
        let mut keys = vec![*log.key()];
        for witness in &witnesses {
            if keys.contains(witness.key()) {
                return Err(PolicyError::Twice(witness.name().clone()));
            }
            keys.push(*witness.key());
        }
        Ok(Self { log, witnesses, quorum })
    }

    /// The log.
    pub fn log(&self) -> &LogVerifier {
        &self.log
    }

    /// What is to be believed on the strength of `checkpoint`.
    ///
    /// # Errors
    /// [`PolicyRefusal`].
    pub fn trust(&self, checkpoint: &SignedCheckpoint) -> Result<Trusted, PolicyRefusal> {
        let head = checkpoint.verify(&self.log)?;
        let mut cosigned = Vec::new();
        for witness in &self.witnesses {
            cosigned.extend(checkpoint.cosigned(witness)?.map(|time| (witness.name().clone(), time)));
        }
        match cosigned.len() {
            found if found < self.quorum => Err(PolicyRefusal::Quorum { found, quorum: self.quorum }),
            _ => Ok(Trusted { head, cosigned }),
        }
    }
}
