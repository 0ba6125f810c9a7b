//! A witness: remembers the last checkpoint of each log, and cosigns what continues it (C2SP tlog-witness).

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use time::OffsetDateTime;
use tlog_tiles::{EMPTY_HASH, check_tree};

use crate::checkpoint::{CheckpointError, Cosignature, SignedCheckpoint};
use crate::disk;
use crate::key::WitnessKey;
use crate::submission::{HASHES, Submission};
use crate::tree::TreeHead;
use crate::vkey::LogVerifier;

/// Cosigns checkpoints of logs it knows. Several programs may use the same folder.
#[derive(Debug)]
pub struct Witness {
    folder: PathBuf,
    key: WitnessKey,
    logs: Vec<LogVerifier>,
}

/// Why a witness did not cosign, with the status of HTTP that C2SP tlog-witness gives.
#[derive(Debug, thiserror::Error)]
pub enum WitnessRefusal {
    /// The witness does not know the log (404).
    #[error("the witness does not know this log")]
    UnknownLog,
    /// None of the signatures is that of the log's key (403).
    #[error("the checkpoint was not signed by the key that the witness has of this log")]
    Unsigned(#[source] CheckpointError),
    /// The proof is from a larger tree than the checkpoint's (400).
    #[error("the proof is from {old} records, and the checkpoint has {size}")]
    Backwards {
        /// Where the proof starts.
        old: u64,
        /// Records of the checkpoint.
        size: u64,
    },
    /// The witness last cosigned another size than the proof starts from (409). A log that has fewer records than that was
    /// cut, or went back to a copy; else it can prove from there.
    #[error("the witness last saw this log with {known} records")]
    OtherSize {
        /// What the witness cosigned last.
        known: u64,
    },
    /// The witness cosigned another tree of the same size (409): the log was rewritten, or there are two of it. The refused
    /// checkpoint is kept in the witness's folder, as `<SHA-256 of the log's name>.fork` beside the `.checkpoint`: the log's
    /// signatures under the two are the evidence.
    #[error("the witness saw another log of the same {} records", known.size)]
    Fork {
        /// What the witness cosigned.
        known: TreeHead,
    },
    /// The proof does not show that the checkpoint continues what the witness cosigned (422).
    #[error("nothing shows that the log continues the {} records that the witness saw", known.size)]
    Inconsistent {
        /// What the witness cosigned.
        known: TreeHead,
    },
    /// The witness could not sign (500).
    #[error("the witness cannot sign")]
    Signing(#[source] CheckpointError),
    /// The witness cannot read or write what it remembers (500).
    #[error("the witness cannot use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What the witness remembers is not what it wrote (500).
    #[error("{} holds no checkpoint of this log; keep the file and find out who changed it", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: CheckpointError,
    },
}

impl Witness {
    /// A witness of `logs`, which remembers in `folder`. The folder must be there.
    pub fn new(folder: &Path, key: WitnessKey, logs: Vec<LogVerifier>) -> Self {
        Self { folder: folder.to_owned(), key, logs }
    }

    /// Its key.
    pub fn key(&self) -> &WitnessKey {
        &self.key
    }

    /// Cosigns a checkpoint that continues what was cosigned of its log before, and remembers it first.
    ///
    /// # Errors
    /// [`WitnessRefusal`]; nothing was cosigned or remembered then.
    pub fn add(&self, submission: &Submission, now: OffsetDateTime) -> Result<Cosignature, WitnessRefusal> {
        let origin = submission.checkpoint.origin();
        let log = self.logs.iter().find(|log| log.name() == origin).ok_or(WitnessRefusal::UnknownLog)?;
        self.add_of(log, submission, now)
    }

    /// The same of a log whose key is known from elsewhere. A log that comes with another key than before is refused: what is
    /// remembered was signed by the first.
    ///
    /// # Errors
    /// [`WitnessRefusal`]; nothing was cosigned or remembered then.
    pub fn add_of(
        &self,
        log: &LogVerifier,
        submission: &Submission,
        now: OffsetDateTime,
    ) -> Result<Cosignature, WitnessRefusal> {
        let Submission { old_size, proof, checkpoint } = submission;
        if log.name() != checkpoint.origin() {
            return Err(WitnessRefusal::UnknownLog);
        }
        let new = checkpoint.verify(log).map_err(WitnessRefusal::Unsigned)?;
        if *old_size > new.size {
            return Err(WitnessRefusal::Backwards { old: *old_size, size: new.size });
        }
        let path = self.state(log);
        // Nothing may come between the look at the last checkpoint and its replacement.
        let _locked = self.lock()?;
        let known = read(&path, log)?;
        if known.size != *old_size {
            return Err(WitnessRefusal::OtherSize { known: known.size });
        }
        if known.size == new.size && known.root != new.root {
            // The log signed both, which it cannot deny. The first such checkpoint is kept.
            let evidence = path.with_extension("fork");
            disk::make(&evidence, checkpoint.to_string().as_bytes()).map_err(failed(&evidence))?;
            return Err(WitnessRefusal::Fork { known });
        }
        let consistent = match known.size {
            0 => proof.is_empty(),
            _ => {
                proof.len() <= HASHES
                    && check_tree(proof, new.size, new.root.hash(), known.size, known.root.hash()).is_ok()
            }
        };
        if !consistent {
            return Err(WitnessRefusal::Inconsistent { known });
        }
        let cosignature = checkpoint.cosign(&self.key, now).map_err(WitnessRefusal::Signing)?;
        disk::replace(&path, checkpoint.to_string().as_bytes()).map_err(failed(&path))?;
        Ok(cosignature)
    }

    /// What the witness cosigned last of the log called as `log` is, with the log's signature: `None` when it never did.
    ///
    /// # Errors
    /// [`WitnessRefusal::File`], [`WitnessRefusal::Changed`].
    pub fn known(&self, log: &LogVerifier) -> Result<Option<SignedCheckpoint>, WitnessRefusal> {
        let _locked = self.lock()?;
        checkpoint(&self.state(log), log)
    }

    /// Where the last checkpoint of a log is. The name of a log may have a `/` in it.
    fn state(&self, log: &LogVerifier) -> PathBuf {
        let name = hex::encode(digest(&SHA256, log.name().as_str().as_bytes()));
        self.folder.join(format!("{name}.checkpoint"))
    }

    fn lock(&self) -> Result<File, WitnessRefusal> {
        let path = self.folder.join("lock");
        let locked = disk::open_private_anywhere(&path).and_then(|file| file.lock().map(|()| file));
        locked.map_err(failed(&path))
    }
}

/// The tree that was cosigned last.
fn read(path: &Path, log: &LogVerifier) -> Result<TreeHead, WitnessRefusal> {
    let known = checkpoint(path, log)?.map(|checkpoint| checkpoint.claimed());
    Ok(known.unwrap_or(TreeHead { size: 0, root: EMPTY_HASH.into() }))
}

/// The checkpoint that was cosigned last. Its signature is checked again: a file that somebody wrote by hand must not let
/// the witness start anew.
fn checkpoint(path: &Path, log: &LogVerifier) -> Result<Option<SignedCheckpoint>, WitnessRefusal> {
    let mut text = String::new();
    match fs::File::open(path).and_then(|file| file.take(1 << 20).read_to_string(&mut text)) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path)(error)),
    }
    let changed = |source| WitnessRefusal::Changed { path: path.to_owned(), source };
    let checkpoint: SignedCheckpoint = text.parse().map_err(changed)?;
    checkpoint.verify(log).map_err(changed)?;
    Ok(Some(checkpoint))
}

fn failed(path: &Path) -> impl Fn(io::Error) -> WitnessRefusal {
    move |source| WitnessRefusal::File { path: path.to_owned(), source }
}
