//! A log as it was at one moment, to be read.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use tlog_tiles::tree_hash;

use crate::error::AuditError;
use crate::follow::{Followed, LONGEST, follow};
use crate::hashes::{self, Hashes};
use crate::tree::{Edge, TreeHead};

/// A log as it was at one moment. Lines that come later are not in it.
#[derive(Debug)]
pub struct Snapshot {
    path: PathBuf,
    edge: Edge,
    hashes: Hashes,
}

impl Snapshot {
    pub(crate) fn new(path: PathBuf, edge: Edge, hashes: Hashes) -> Self {
        Self { path, edge, hashes }
    }

    /// Reads the log at `path` from its first line to its last, and checks each against its number and, where there is
    /// `<path>.hashes`, against the hashes kept of it. Changes nothing.
    ///
    /// # Errors
    /// [`AuditError::File`]; [`AuditError::Cut`]; [`AuditError::Changed`] with the first line that does not fit, be it only
    /// without its line feed.
    pub fn open(path: &Path) -> Result<Self, AuditError> {
        let failed = |source| AuditError::File { path: path.to_owned(), source };
        let file = match File::open(hashes::beside(path)) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        // Before the lines: hashes never come before theirs.
        let kept: Box<dyn Read> = match &file {
            Some(file) => Box::new(file.take(file.metadata().map_err(failed)?.len())),
            None => Box::new(io::empty()),
        };
        let records = whole_lines(path).map_err(failed)?;
        let Followed { edge, whole: _, torn, kept, missing } = follow(path, Edge::default(), records, kept, |_, _| {})?;
        if torn > 0 {
            return Err(AuditError::Changed { path: path.to_owned(), line: edge.size().saturating_add(1) });
        }
        Ok(Self::new(path.to_owned(), edge, Hashes { file, in_file: kept, rest: missing }))
    }

    /// Where the log is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its tree.
    pub fn head(&self) -> TreeHead {
        self.edge.head()
    }

    /// The record with this number, counted from 1: the line without its line feed.
    ///
    /// # Errors
    /// [`AuditError::Absent`], [`AuditError::File`].
    pub fn line(&self, sequence: u64) -> Result<Vec<u8>, AuditError> {
        let failed = |source| AuditError::File { path: self.path.clone(), source };
        let skipped = sequence.checked_sub(1).filter(|_| sequence <= self.edge.size());
        let skipped = skipped.ok_or(AuditError::Absent(sequence))?;
        let mut records = BufReader::new(File::open(&self.path).map_err(failed)?);
        for _ in 0..skipped {
            records.skip_until(b'\n').map_err(failed)?;
        }
        read(&self.path, &mut records, sequence)
    }

    /// The last records that `wanted` takes, at most `most`, with their numbers; the newest last.
    ///
    /// # Errors
    /// [`AuditError::File`], [`AuditError::Changed`].
    pub fn find(&self, most: usize, mut wanted: impl FnMut(&[u8]) -> bool) -> Result<Vec<(u64, Vec<u8>)>, AuditError> {
        let mut found = std::collections::VecDeque::new();
        for (sequence, line) in (1..).zip(self.lines(self.edge.size())?) {
            let line = line?;
            if wanted(&line) {
                found.push_back((sequence, line));
                if found.len() > most {
                    found.pop_front();
                }
            }
        }
        Ok(found.into())
    }

    /// The first `count` records, one in memory at a time.
    pub(crate) fn lines(&self, count: u64) -> Result<impl Iterator<Item = Result<Vec<u8>, AuditError>>, AuditError> {
        let path = self.path.clone();
        let file = File::open(&path).map_err(|source| AuditError::File { path: path.clone(), source })?;
        let mut records = BufReader::new(file);
        Ok((1..=count).map(move |sequence| read(&path, &mut records, sequence)))
    }

    /// The tree of the first `size` records.
    pub(crate) fn head_at(&self, size: u64) -> Result<TreeHead, AuditError> {
        if size > self.edge.size() {
            return Err(AuditError::OtherTree { path: self.path.clone(), size });
        }
        let root = tree_hash(size, &self.hashes).map_err(|source| self.unproved(source))?;
        Ok(TreeHead { size, root: root.into() })
    }

    pub(crate) fn hashes(&self) -> &Hashes {
        &self.hashes
    }

    pub(crate) fn unproved(&self, source: tlog_tiles::Error) -> AuditError {
        AuditError::Hashes { path: self.path.clone(), source }
    }
}

/// The lines that are there now. Who reads them keeps nobody from writing more.
pub(crate) fn whole_lines(path: &Path) -> io::Result<impl Read> {
    let records = File::open(path)?;
    // While nobody writes, so that the last line is not half written.
    records.lock_shared()?;
    let length = records.metadata()?.len();
    records.unlock()?;
    Ok(records.take(length))
}

/// The line that starts where `records` stands.
fn read(path: &Path, records: &mut impl BufRead, sequence: u64) -> Result<Vec<u8>, AuditError> {
    let failed = |source| AuditError::File { path: path.to_owned(), source };
    let mut line = Vec::new();
    records.take(LONGEST as u64 + 1).read_until(b'\n', &mut line).map_err(failed)?;
    match line.pop() {
        Some(b'\n') => Ok(line),
        _ => Err(AuditError::Changed { path: path.to_owned(), line: sequence }),
    }
}

/// Checks a log from its first line to its last, and says how many lines it has. Changes nothing.
///
/// Finds what does not fit the numbers of the lines and the hashes kept beside them. Whoever may write both files can make
/// them fit again; [`verify_cosigned`](crate::verify_cosigned()) finds that too.
///
/// # Errors
/// As [`Snapshot::open`].
pub fn verify(path: &Path) -> Result<u64, AuditError> {
    Snapshot::open(path).map(|snapshot| snapshot.head().size)
}
