//! A log as it was at one moment, to be read.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use tlog_tiles::{stored_hash_count, tree_hash};

use crate::error::AuditError;
use crate::follow::{Followed, LONGEST, Removal, follow};
use crate::hashes::{self, Hashes};
use crate::tree::{Edge, TreeHead};
use crate::volumes::{Lines, Volumes};

/// A log as it was at one moment. Lines that come later are not in it.
#[derive(Debug)]
pub struct Snapshot {
    path: PathBuf,
    edge: Edge,
    hashes: Hashes,
    removal: Option<Removal>,
}

impl Snapshot {
    pub(crate) fn new(path: PathBuf, edge: Edge, hashes: Hashes) -> Self {
        Self { path, edge, hashes, removal: None }
    }

    /// Reads the log at `path` from the first line that is kept to its last, and checks each against its number and, where there is
    /// `<path>.hashes`, against the hashes kept of it. Changes nothing.
    ///
    /// # Errors
    /// [`AuditError::File`]; [`AuditError::Cut`], also where volumes are gone of which no line says that they were removed;
    /// [`AuditError::Changed`] with the first line that does not fit, be it only
    /// without its line feed.
    pub fn open(path: &Path) -> Result<Self, AuditError> {
        let failed = |source| AuditError::File { path: path.to_owned(), source };
        let file = match File::open(hashes::beside(path)) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        // Before the lines: hashes never come before theirs.
        let length = file.as_ref().map_or(Ok(0), |file| file.metadata().map(|about| about.len())).map_err(failed)?;
        let Lines { gone, reader } = Volumes::lines(path).map_err(failed)?;
        let before = stored_hash_count(gone);
        let mut hashes = Hashes { file, in_file: before, rest: Vec::new() };
        let edge = Edge::at(gone, &hashes).map_err(|source| AuditError::Hashes { path: path.to_owned(), source })?;
        let kept: Box<dyn Read> = match &mut hashes.file {
            Some(file) => {
                file.seek(SeekFrom::Start(hashes::offset(before))).map_err(failed)?;
                Box::new(file.take(length.saturating_sub(hashes::offset(before))))
            }
            None => Box::new(io::empty()),
        };
        let Followed { edge, torn, kept, missing, removed, .. } = follow(path, edge, reader, kept, |_, _| {})?;
        if !is_said(removed, gone) {
            return Err(AuditError::Cut(path.to_owned()));
        }
        if torn > 0 {
            return Err(AuditError::Changed { path: path.to_owned(), line: edge.size().saturating_add(1) });
        }
        let hashes = Hashes { in_file: before + kept, rest: missing, ..hashes };
        Ok(Self { removal: removed.filter(|_| gone > 0), ..Self::new(path.to_owned(), edge, hashes) })
    }

    /// Where the log is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its tree.
    pub fn head(&self) -> TreeHead {
        self.edge.head()
    }

    /// What the log says of records that are no longer kept; none where all are, or where it was open for appending.
    pub fn removal(&self) -> Option<Removal> {
        self.removal
    }

    /// The record with this number, counted from 1: the line without its line feed.
    ///
    /// # Errors
    /// [`AuditError::Absent`], [`AuditError::Removed`], [`AuditError::File`].
    pub fn line(&self, sequence: u64) -> Result<Vec<u8>, AuditError> {
        let failed = |source| AuditError::File { path: self.path.clone(), source };
        if sequence == 0 || sequence > self.edge.size() {
            return Err(AuditError::Absent(sequence));
        }
        let Lines { gone, reader } = Volumes::lines(&self.path).map_err(failed)?;
        let skipped = (sequence - 1).checked_sub(gone).ok_or(AuditError::Removed(sequence))?;
        let mut records = BufReader::new(reader);
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
        for line in self.lines(self.edge.size())? {
            let (sequence, line) = line?;
            if wanted(&line) {
                found.push_back((sequence, line));
                if found.len() > most {
                    found.pop_front();
                }
            }
        }
        Ok(found.into())
    }

    /// Those of the first `count` records that are kept, with their numbers, one in memory at a time.
    pub(crate) fn lines(
        &self,
        count: u64,
    ) -> Result<impl Iterator<Item = Result<(u64, Vec<u8>), AuditError>>, AuditError> {
        let path = self.path.clone();
        let lines = Volumes::lines(&path).map_err(|source| AuditError::File { path: path.clone(), source })?;
        let mut records = BufReader::new(lines.reader);
        Ok((lines.gone + 1..=count).map(move |sequence| Ok((sequence, read(&path, &mut records, sequence)?))))
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

/// Whether a line says that so many records were removed.
pub(crate) fn is_said(removed: Option<Removal>, gone: u64) -> bool {
    removed.map_or(0, |removal| removal.through) >= gone
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

/// Checks a log from the first line that is kept to its last, and says how many records it has. Changes nothing.
///
/// Finds what does not fit the numbers of the lines and the hashes kept beside them. Whoever may write both files can make
/// them fit again; [`verify_cosigned`](crate::verify_cosigned()) finds that too.
///
/// # Errors
/// As [`Snapshot::open`].
pub fn verify(path: &Path) -> Result<u64, AuditError> {
    Snapshot::open(path).map(|snapshot| snapshot.head().size)
}
