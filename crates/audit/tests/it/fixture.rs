//! Logs with keys, and witnesses.

use std::fs;
use std::path::{Path, PathBuf};

use coda_audit::{
    AuditLog, Event, LogKey, LogVerifier, Name, Policy, Seed, SignedCheckpoint, Snapshot, Submission, Witness,
    WitnessKey,
};
use coda_model::UserId;
use tempfile::TempDir;
use time::OffsetDateTime;
use time::macros::datetime;

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn listed(name: &str) -> Event {
    Event::GrantsListed { by: UserId::new(name).unwrap(), address: None }
}

/// A log called `coda/north`, and its key.
pub(crate) struct North {
    _folder: TempDir,
    pub(crate) path: PathBuf,
    pub(crate) log: AuditLog,
    pub(crate) key: LogKey,
}

impl North {
    /// A log of the records `u1`, `u2` and so on. Each has the same key: a second one is what an insider makes.
    pub(crate) fn with(records: u64) -> Self {
        Self::of((1..=records).map(|number| format!("u{number}")))
    }

    pub(crate) fn of(users: impl IntoIterator<Item = String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let log = AuditLog::open(&path).unwrap();
        let events: Vec<_> = users.into_iter().map(|user| listed(&user)).collect();
        log.announce(&events, NOW).unwrap();
        log.snapshot().unwrap();
        Self { _folder: folder, path, log, key: LogKey::new(name("coda/north"), &Seed::new([1; 32])).unwrap() }
    }

    pub(crate) fn append(&self, users: &[&str]) {
        for user in users {
            self.log.append(&listed(user), NOW).unwrap();
        }
    }

    pub(crate) fn hashes(&self) -> PathBuf {
        self.path.with_extension("jsonl.hashes")
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.log.snapshot().unwrap()
    }

    pub(crate) fn checkpoint(&self) -> SignedCheckpoint {
        self.log.checkpoint(&self.key).unwrap()
    }

    /// A checkpoint, handed to a witness that saw `old` records.
    pub(crate) fn submission(&self, old: u64) -> Submission {
        Submission::new(&self.snapshot(), old, &self.checkpoint()).unwrap()
    }

    /// A checkpoint cosigned by `witnesses`, of which all saw `old` records before.
    pub(crate) fn cosigned(&self, old: u64, witnesses: &[&Witnessing]) -> SignedCheckpoint {
        let submission = self.submission(old);
        let mut checkpoint = submission.checkpoint().clone();
        for Witnessing { witness, .. } in witnesses {
            let cosignature = witness.add(&submission, NOW).unwrap();
            checkpoint.add(&cosignature, witness.key().verifier()).unwrap();
        }
        checkpoint
    }

    pub(crate) fn policy(&self, witnesses: &[&Witnessing], quorum: usize) -> Policy {
        let keys = witnesses.iter().map(|witnessing| witnessing.witness.key().verifier().clone()).collect();
        Policy::new(self.key.verifier().clone(), keys, quorum).unwrap()
    }
}

/// A witness of the log `coda/north`, with its folder.
pub(crate) struct Witnessing {
    pub(crate) folder: TempDir,
    pub(crate) witness: Witness,
}

impl Witnessing {
    /// The witness with this number.
    pub(crate) fn new(number: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let witness = witness(folder.path(), number);
        Self { folder, witness }
    }

    /// The witness as another program has it.
    pub(crate) fn again(&self, number: u8) -> Witness {
        witness(self.folder.path(), number)
    }

    /// The file in which it remembers the log.
    pub(crate) fn state(&self) -> PathBuf {
        let mut files = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        files.find(|path| path.extension().is_some_and(|extension| extension == "checkpoint")).unwrap()
    }
}

fn witness(folder: &Path, number: u8) -> Witness {
    let key = WitnessKey::new(name(&format!("coda/witness{number}")), &Seed::new([100 + number; 32])).unwrap();
    Witness::new(folder, key, vec![north()])
}

fn north() -> LogVerifier {
    LogKey::new(name("coda/north"), &Seed::new([1; 32])).unwrap().verifier().clone()
}
