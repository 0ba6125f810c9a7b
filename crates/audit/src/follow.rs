//! Lines and the hashes kept of them, read side by side.

use std::io::{self, BufRead as _, BufReader, Read};
use std::path::Path;

use time::{Duration, OffsetDateTime};
use tlog_tiles::{HASH_SIZE, Hash, record_hash};

use crate::error::AuditError;
use crate::line;
use crate::tree::Edge;

/// Bytes of a line, without its line feed, at most: an entry bundle has two bytes for a length (C2SP tlog-tiles).
pub const LONGEST: usize = u16::MAX as usize;

/// The least that a volume is kept, by [`Years`](crate::Years).
pub(crate) const YEAR: Duration = Duration::days(366);

/// What a log says of its volumes that were removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal {
    /// The last record that was removed.
    pub through: u64,
    /// The record that says so.
    pub record: u64,
    /// When it was written.
    pub time: OffsetDateTime,
}

/// How far the lines lead.
pub(crate) struct Followed {
    pub(crate) edge: Edge,
    /// Bytes of the lines that end.
    pub(crate) whole: u64,
    /// Bytes after the last line feed.
    pub(crate) torn: u64,
    /// Number of hashes that were kept, and fit.
    pub(crate) kept: u64,
    /// The hashes after those, which were not kept.
    pub(crate) missing: Vec<Hash>,
    /// What the lines say of records that were removed, the last word of it.
    pub(crate) removed: Option<Removal>,
}

/// Reads lines that continue the tree of `edge`, one in memory at a time: a log lasts for years.
///
/// Each line is held against the hashes in `hashes`. Where these end, or are zero, they were not written before the machine
/// went down. They may end early, never late: a hash is kept only when its line is on the disk.
///
/// # Errors
/// [`AuditError::Changed`] with the first line that does not fit, [`AuditError::Cut`] when there are hashes without lines,
/// [`AuditError::File`].
pub(crate) fn follow(
    path: &Path,
    edge: Edge,
    records: impl Read,
    hashes: impl Read,
    mut each: impl FnMut(&Edge, &[u8]),
) -> Result<Followed, AuditError> {
    let failed = |source| AuditError::File { path: path.to_owned(), source };
    let mut followed = Followed { edge, whole: 0, torn: 0, kept: 0, missing: vec![], removed: None };
    let mut first = None;
    let (mut records, mut hashes, mut line) = (BufReader::new(records), Kept::new(hashes), Vec::new());
    loop {
        line.clear();
        let bytes = records.by_ref().take(LONGEST as u64 + 2).read_until(b'\n', &mut line).map_err(failed)?;
        let number = followed.edge.size().saturating_add(1);
        let changed = || AuditError::Changed { path: path.to_owned(), line: number };
        let Some(text) = line.strip_suffix(b"\n") else {
            if bytes > LONGEST + 1 {
                return Err(changed());
            }
            followed.torn = bytes as u64;
            break;
        };
        if text.len() > LONGEST || line::sequence(text) != Some(number) {
            return Err(changed());
        }
        for hash in followed.edge.push(record_hash(text)) {
            match hashes.next().map_err(failed)? {
                Some(kept) if kept == hash => followed.kept += 1,
                Some(_) => return Err(changed()),
                None => followed.missing.push(hash),
            }
        }
        let written = line::time_of(text);
        first = first.or(written);
        if let (Some(through), Some(time), Some(first)) = (line::removed(text), written, first) {
            // No volume is removed before those that are kept are a year old, whatever somebody writes into the log.
            if through < number && time - first >= YEAR {
                followed.removed = Some(Removal { through, record: number, time });
            }
        }
        followed.whole += bytes as u64;
        each(&followed.edge, text);
    }
    match hashes.next().map_err(failed)? {
        Some(_) => Err(AuditError::Cut(path.to_owned())),
        None => Ok(followed),
    }
}

/// Hashes of a file, up to the first one that is not there.
pub(crate) struct Kept<R> {
    file: BufReader<R>,
    ended: bool,
}

impl<R: Read> Kept<R> {
    pub(crate) fn new(file: R) -> Self {
        Self { file: BufReader::new(file), ended: false }
    }

    pub(crate) fn next(&mut self) -> io::Result<Option<Hash>> {
        if self.ended {
            return Ok(None);
        }
        let mut hash = [0; HASH_SIZE];
        match self.file.read_exact(&mut hash) {
            Ok(()) => self.ended = hash == [0; HASH_SIZE],
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => self.ended = true,
            Err(error) => return Err(error),
        }
        Ok((!self.ended).then_some(Hash(hash)))
    }
}
