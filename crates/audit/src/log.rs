//! The file: opened, continued, checked.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use time::OffsetDateTime;
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::event::Event;
use crate::line::{self, Link};

/// A log that is open for appending. Several programs may have the same file open; each line is written under a lock on it.
#[derive(Debug)]
pub struct AuditLog {
    path: PathBuf,
    state: Mutex<State>,
}

/// Why an event was not written, or a log not opened. Whoever gets this from [`AuditLog::append`] must not act.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The file cannot be opened, read or written.
    #[error("cannot use the audit log {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than the owner may read or write the file.
    #[error("the audit log {} is open to others than its owner (mode {mode:04o}); run: chmod 600 {}", path.display(), path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A line does not continue the one before it.
    #[error("{}:{line}: this line, or the one before it, is not what was written; keep the file and find out who changed it", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// The first line that does not fit, counted from 1.
        line: u64,
    },
    /// The file has become shorter since it was opened.
    #[error("lines were cut off the audit log {}; keep the file and find out who changed it", .0.display())]
    Cut(PathBuf),
    /// The event has no text, such as for a time after the year 9999.
    #[error("the event cannot be written as a line")]
    Unwritable,
}

/// How far a line must have come before its writer goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// To the file: it survives the end of the process.
    File,
    /// To the disk: it survives the end of the machine.
    Disk,
}

#[derive(Debug)]
struct State {
    file: File,
    /// Bytes of the file that were checked, up to and with the last line feed.
    checked: u64,
    link: Link,
}

impl AuditLog {
    /// Opens the log at `path`, made with mode 0600 when there is none, and checks every line of it.
    ///
    /// A last line without line feed is cut off: its writing was interrupted, so nobody was told that it succeeded and
    /// nothing was done on the strength of it.
    ///
    /// # Errors
    /// [`AuditError::File`], [`AuditError::Open`], and [`AuditError::Changed`] with the first line that does not fit.
    pub fn open(path: &Path) -> Result<Self, AuditError> {
        let failed = |source| AuditError::File { path: path.to_owned(), source };
        let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path).map_err(failed)?;
        // Asked of the open file, not of the path, so that nobody can swap the file in between.
        let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(AuditError::Open { path: path.to_owned(), mode });
        }
        sync_folder(path).map_err(failed)?;
        let mut state = State { file, checked: 0, link: Link::start() };
        state.file.lock().map_err(failed)?;
        let outcome = state.catch_up(path);
        state.file.unlock().map_err(failed)?;
        outcome?;
        Ok(Self { path: path.to_owned(), state: Mutex::new(state) })
    }

    /// Writes `event` and returns when it is on the disk. Blocks; in a service use [`AuditLog::record`].
    ///
    /// # Errors
    /// [`AuditError`]; the event may then be in the log or not, and what it announces must not happen.
    pub fn append(&self, event: &Event, now: OffsetDateTime) -> Result<(), AuditError> {
        self.write(std::slice::from_ref(event), now, Reach::Disk)
    }

    fn write(&self, events: &[Event], now: OffsetDateTime, reach: Reach) -> Result<(), AuditError> {
        let failed = |source| AuditError::File { path: self.path.clone(), source };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.file.lock().map_err(failed)?;
        let outcome = state.append(&self.path, events, now, reach);
        state.file.unlock().map_err(failed)?;
        outcome
    }

    /// [`AuditLog::append`] for services: where the runtime has other threads, they take over what else this one had to do.
    ///
    /// # Errors
    /// As [`AuditLog::append`].
    pub fn record(&self, event: &Event, now: OffsetDateTime) -> Result<(), AuditError> {
        // A thread of its own would cost two wake-ups, which is more than the wait for the disk.
        match Handle::current().runtime_flavor() {
            RuntimeFlavor::MultiThread => tokio::task::block_in_place(|| self.append(event, now)),
            _ => self.append(event, now),
        }
    }

    /// Writes events, in order, without waiting for the disk: what begins with them must not be told to anybody before a
    /// later [`AuditLog::record`], which brings these to the disk too, has returned.
    ///
    /// # Errors
    /// As [`AuditLog::append`].
    pub fn announce(&self, events: &[Event], now: OffsetDateTime) -> Result<(), AuditError> {
        self.write(events, now, Reach::File)
    }
}

impl State {
    fn append(&mut self, path: &Path, events: &[Event], now: OffsetDateTime, reach: Reach) -> Result<(), AuditError> {
        let failed = |source| AuditError::File { path: path.to_owned(), source };
        self.catch_up(path)?;
        let (mut lines, mut link) = (Vec::new(), self.link.clone());
        for event in events {
            let (line, next) = line::write(&link, event, now).ok_or(AuditError::Unwritable)?;
            lines.extend(line);
            lines.push(b'\n');
            link = next;
        }
        self.file.write_all(&lines).map_err(failed)?;
        if reach == Reach::Disk {
            self.file.sync_data().map_err(failed)?;
        }
        self.checked += lines.len() as u64;
        self.link = link;
        Ok(())
    }

    /// Checks what another program, or an append of ours that failed half way, has put at the end. Needs the lock.
    fn catch_up(&mut self, path: &Path) -> Result<(), AuditError> {
        let failed = |source| AuditError::File { path: path.to_owned(), source };
        let length = self.file.metadata().map_err(failed)?.len();
        if length < self.checked {
            return Err(AuditError::Cut(path.to_owned()));
        }
        if length == self.checked {
            return Ok(());
        }
        self.file.seek(SeekFrom::Start(self.checked)).map_err(failed)?;
        let Followed { link, whole, torn } = follow(&self.link, &self.file, path)?;
        self.checked += whole;
        self.link = link;
        if torn > 0 {
            tracing::warn!(path = %path.display(), bytes = torn, "an interrupted line was cut off the audit log");
            self.file.set_len(self.checked).and_then(|()| self.file.sync_all()).map_err(failed)?;
        }
        Ok(())
    }
}

/// Checks a log from its first line to its last, and says how many lines it has. Changes nothing.
///
/// # Errors
/// [`AuditError::File`]; [`AuditError::Changed`] with the first line that does not fit, be it only without its line feed.
pub fn verify(path: &Path) -> Result<u64, AuditError> {
    let failed = |source| AuditError::File { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    // Shared, so that no line is read that is half written.
    file.lock_shared().map_err(failed)?;
    let Followed { link, whole: _, torn } = follow(&Link::start(), &file, path)?;
    match torn {
        0 => Ok(link.sequence),
        _ => Err(AuditError::Changed { path: path.to_owned(), line: link.sequence.saturating_add(1) }),
    }
}

/// How far a chain leads.
struct Followed {
    link: Link,
    /// Bytes of the lines that end.
    whole: u64,
    /// Bytes after the last line feed.
    torn: u64,
}

/// Follows the chain from where `file` stands to its end, one line in memory at a time: a log lasts for years.
fn follow(start: &Link, file: &File, path: &Path) -> Result<Followed, AuditError> {
    let failed = |source| AuditError::File { path: path.to_owned(), source };
    let mut followed = Followed { link: start.clone(), whole: 0, torn: 0 };
    let (mut reader, mut line) = (BufReader::new(file), Vec::new());
    while reader.read_until(b'\n', &mut line).map_err(failed)? > 0 {
        let bytes = line.len() as u64;
        let Some(text) = line.strip_suffix(b"\n") else {
            followed.torn = bytes;
            break;
        };
        followed.link = followed.link.follow(text).ok_or_else(|| AuditError::Changed {
            path: path.to_owned(),
            line: followed.link.sequence.saturating_add(1),
        })?;
        followed.whole += bytes;
        line.clear();
    }
    Ok(followed)
}

/// A new file is only safe once its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
