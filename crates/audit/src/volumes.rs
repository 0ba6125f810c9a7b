//! The files of a log: the volume that is written, and the closed ones before it, each with the lines of one calendar month (UTC), but
//! for a clock that was wrong.
//!
//! ```text
//! audit.jsonl                            the volume that is written
//! audit.jsonl.from-000000000001          closed: records from the first on,
//! audit.jsonl.from-000000004711          and from the 4711th on
//! ```
//!
//! The numbers go on from one volume to the next, and so does the tree: its hashes stay where volumes are removed, so that the rest is
//! proved as before.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use crate::disk;
use crate::follow::LONGEST;
use crate::line;

/// The files of one log, as they were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Volumes {
    current: PathBuf,
    /// Each with its first record, in order.
    closed: Vec<(u64, PathBuf)>,
}

/// The lines that are kept of a log, from one on.
pub(crate) struct Lines<R> {
    /// How many records came before them and are no longer kept.
    pub(crate) gone: u64,
    pub(crate) reader: R,
}

/// The closed volumes of the log at `path`, the oldest first.
///
/// # Errors
/// That of the system.
pub fn closed(path: &Path) -> io::Result<Vec<PathBuf>> {
    Ok(Volumes::of(path)?.closed.into_iter().map(|(_, path)| path).collect())
}

impl Volumes {
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let prefix = disk::beside(Path::new(path.file_name().unwrap_or_default()), ".from-");
        let prefix = prefix.to_string_lossy().into_owned();
        let mut closed = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let first = name.to_str().and_then(|name| name.strip_prefix(&prefix)).and_then(|first| first.parse().ok());
            closed.extend(first.map(|first| (first, entry.path())));
        }
        closed.sort();
        // Where closing was interrupted, the volume that is written has the name of a closed one already.
        if let Some((_, last)) = closed.last()
            && path.exists()
            && is_at(&File::open(last)?, path)?
        {
            closed.pop();
        }
        Ok(Self { current: path.to_owned(), closed })
    }

    /// How many records stand before the first that is kept.
    pub(crate) fn gone(&self) -> u64 {
        self.closed.first().map_or(0, |(first, _)| first.saturating_sub(1))
    }

    /// How many records stand before the volume that is written. One closed volume is always kept, and says it.
    pub(crate) fn before_current(&self) -> io::Result<u64> {
        self.closed.last().map_or(Ok(0), |(_, path)| last(path))
    }

    /// The closed volumes, one after the other.
    pub(crate) fn closed_lines(&self) -> io::Result<Box<dyn Read>> {
        let mut lines: Box<dyn Read> = Box::new(io::empty());
        for (_, path) in &self.closed {
            lines = Box::new(lines.chain(File::open(path)?));
        }
        Ok(lines)
    }

    /// All lines that are kept and there now. Who reads them keeps nobody from writing more.
    pub(crate) fn lines(path: &Path) -> io::Result<Lines<impl Read + use<>>> {
        loop {
            let volumes = Self::of(path)?;
            let current = File::open(path)?;
            // While nobody writes, so that the last line is not half written.
            current.lock_shared()?;
            let length = current.metadata()?.len();
            current.unlock()?;
            // One that was closed in between would be missed.
            if Self::of(path)? == volumes && is_at(&current, path)? {
                let reader = volumes.closed_lines()?.chain(current.take(length));
                return Ok(Lines { gone: volumes.gone(), reader });
            }
        }
    }

    /// Closes the volume that is written, whose first record is `first`: it gets another name, and an empty one, which is locked, takes
    /// its place in one step. Needs the lock on it, and all of it on the disk.
    pub(crate) fn close(&mut self, first: u64) -> io::Result<File> {
        let aside = disk::beside(&self.current, &format!(".from-{first:012}"));
        let empty = disk::beside(&self.current, ".next");
        let next = disk::open_private(&empty)?;
        next.set_len(0)?;
        next.lock()?;
        // It may have it from a time before, when this was interrupted.
        if !aside.exists() {
            fs::hard_link(&self.current, &aside)?;
        }
        fs::rename(&empty, &self.current)?;
        disk::sync_folder(&self.current)?;
        self.closed.push((first, aside));
        Ok(next)
    }

    /// The last record of the closed volumes all of whose lines are from before `time`; of the last volume it is never said.
    pub(crate) fn last_before(&self, time: OffsetDateTime) -> io::Result<Option<u64>> {
        let mut through = None;
        for (next, path) in self.closed.iter().skip(1) {
            // Lines are in order of time, but for a clock that was wrong for a while.
            if begun(path)?.is_none_or(|begun| begun >= time) {
                break;
            }
            through = Some(next.saturating_sub(1));
        }
        Ok(through)
    }

    /// Removes the closed volumes that end with this record or before it.
    pub(crate) fn remove_through(&mut self, last: u64) -> io::Result<()> {
        while let [(_, oldest), (next, _), ..] = self.closed.as_slice()
            && *next <= last.saturating_add(1)
        {
            fs::remove_file(oldest)?;
            self.closed.remove(0);
        }
        Ok(())
    }
}

/// Whether `file` is what stands at `path`.
pub(crate) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let (file, path) = (file.metadata()?, fs::metadata(path)?);
    Ok((file.dev(), file.ino()) == (path.dev(), path.ino()))
}

/// When the first line of a volume was written; none where it has no line with a time.
pub(crate) fn begun(path: &Path) -> io::Result<Option<OffsetDateTime>> {
    let mut first = Vec::new();
    BufReader::new(File::open(path)?).take(LONGEST as u64 + 1).read_until(b'\n', &mut first)?;
    Ok(line::time_of(&first))
}

/// When the last line of a volume was written; none where it has none.
pub(crate) fn ended(path: &Path) -> io::Result<Option<OffsetDateTime>> {
    Ok(line::time_of(&last_line(path)?))
}

/// The number of the last record of a closed volume.
fn last(path: &Path) -> io::Result<u64> {
    let unread = || io::Error::new(io::ErrorKind::InvalidData, "the last line of a closed volume has no number");
    line::sequence(&last_line(path)?).ok_or_else(unread)
}

fn last_line(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LONGEST as u64 + 2)))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    let whole = end.strip_suffix(b"\n").unwrap_or(&end);
    Ok(whole.rsplit(|byte| *byte == b'\n').next().unwrap_or_default().to_vec())
}
