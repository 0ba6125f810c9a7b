//! The log: opened, continued, checked. The first line of a month begins another volume.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::mem;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use time::{Duration, OffsetDateTime, UtcOffset};
use tlog_tiles::{Hash, record_hash, stored_hash_count};
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::disk;
use crate::error::AuditError;
use crate::event::Event;
use crate::follow::{Followed, LONGEST, YEAR, follow};
use crate::group::{Group, GroupError};
use crate::hashes::{self, Hashes};
use crate::key::LogKey;
use crate::line;
use crate::snapshot::Snapshot;
use crate::tree::Edge;
use crate::volumes::{self, Volumes};

/// A log that is open for appending. Several programs may have the same file open; each line is written under a lock on it.
#[derive(Debug)]
pub struct AuditLog {
    path: PathBuf,
    /// How long a closed volume is kept; for ever where this is absent.
    keep_for: Option<Years>,
    /// What can be computed from the lines, and shows whether they are still the same.
    hashes: File,
    state: Mutex<State>,
    group: Group,
}

/// Why a log has no new checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The log cannot be used.
    #[error(transparent)]
    Log(#[from] AuditError),
    /// The key cannot be used.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// How many years closed volumes are kept, of 366 days each: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub struct Years(u32);

/// A number of years that is none of those.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("volumes of an audit log are kept for 1 to 100 years, or for ever without this key")]
pub struct YearsError;

impl TryFrom<u32> for Years {
    type Error = YearsError;

    fn try_from(years: u32) -> Result<Self, YearsError> {
        if (1..=100).contains(&years) { Ok(Self(years)) } else { Err(YearsError) }
    }
}

impl Years {
    fn duration(self) -> Duration {
        Duration::days(YEAR.whole_days() * i64::from(self.0))
    }
}

const DAY: Duration = Duration::DAY;

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
    /// The lines of the volume that is written: the truth.
    records: Arc<File>,
    /// Bytes of its lines that were checked, up to and with the last line feed.
    checked: u64,
    /// When its first line was written, once it has one.
    begun: Option<OffsetDateTime>,
    edge: Edge,
    /// The last hashes, which are not yet in their file: their lines may not be on the disk.
    pending: Vec<Hash>,
}

impl AuditLog {
    /// Opens the log at `path`, made with mode 0600 when there is none, and checks every line of the volume that is written against
    /// its number and the hashes kept in `<path>.hashes`. Hashes that are missing there are computed anew. Closed volumes are kept
    /// for ever; [`verify`](crate::verify()) looks at those too.
    ///
    /// A last line without line feed is cut off: its writing was interrupted, so nobody was told that it succeeded and
    /// nothing was done on the strength of it. A line of which hashes were kept was complete once, and is not cut off.
    ///
    /// # Errors
    /// [`AuditError::File`], [`AuditError::Open`], [`AuditError::Cut`], and [`AuditError::Changed`] with the first line that
    /// does not fit.
    pub fn open(path: &Path) -> Result<Self, AuditError> {
        Self::open_keeping(path, None)
    }

    /// The same, with closed volumes removed once all their lines are older than `keep_for`, but for the last one.
    ///
    /// # Errors
    /// As [`AuditLog::open`].
    pub fn open_keeping(path: &Path, keep_for: Option<Years>) -> Result<Self, AuditError> {
        let records = Arc::new(private(path, disk::open_private)?);
        let hashes = private(&hashes::beside(path), disk::open_private_anywhere)?;
        let state = State { records, checked: 0, begun: None, edge: Edge::default(), pending: Vec::new() };
        let (state, group) = (Mutex::new(state), Group::default());
        let log = Self { path: path.to_owned(), keep_for, hashes, state, group };
        disk::sync_folder(path).map_err(|source| AuditError::File { path: path.to_owned(), source })?;
        // Also where there is no line: then no hash may be there either.
        let end = log.with_lock(|state| {
            log.begin(state)?;
            log.follow(state).map(|()| state.edge.size())
        })?;
        log.sync(end)?;
        Ok(log)
    }

    /// Writes `event` and returns when it is on the disk. Blocks; in a service use [`AuditLog::record`]. Those who wait at
    /// the same time wait for the same write.
    ///
    /// # Errors
    /// [`AuditError`]; the event may then be in the log or not, and what it announces must not happen.
    pub fn append(&self, event: &Event, now: OffsetDateTime) -> Result<(), AuditError> {
        self.write(std::slice::from_ref(event), now, Reach::Disk)
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

    /// The log as it is now. All of it is on the disk, so that a checkpoint of it can be signed: a log that lost a record of
    /// which a checkpoint was signed can never again be told from one that was rewritten.
    ///
    /// # Errors
    /// As [`AuditLog::append`].
    pub fn snapshot(&self) -> Result<Snapshot, AuditError> {
        let (edge, rest) = self.caught_up(|state| Ok((state.edge.clone(), state.pending.clone())))?;
        self.sync(edge.size())?;
        let file = self.hashes.try_clone().map_err(|source| self.failed(source))?;
        let in_file = stored_hash_count(edge.size()).saturating_sub(rest.len() as u64);
        Ok(Snapshot::new(self.path.clone(), edge, Hashes { file: Some(file), in_file, rest }))
    }

    /// Signs what the log is now, once that is on the disk.
    ///
    /// # Errors
    /// [`SigningError`].
    pub fn checkpoint(&self, key: &LogKey) -> Result<SignedCheckpoint, SigningError> {
        Ok(SignedCheckpoint::sign(key, self.snapshot()?.head())?)
    }

    fn write(&self, events: &[Event], now: OffsetDateTime, reach: Reach) -> Result<(), AuditError> {
        if self.group.is_broken() {
            return Err(AuditError::Broken(self.path.clone()));
        }
        let end = self.caught_up(|state| self.put(state, events, now))?;
        match reach {
            Reach::File => Ok(()),
            Reach::Disk => self.sync(end),
        }
    }

    /// Puts the lines of `events` at the end of the log, and says how many records it has then. Needs the lock.
    fn put(&self, state: &mut State, events: &[Event], now: OffsetDateTime) -> Result<u64, AuditError> {
        let removed = if self.is_due(state, now)? { self.rotate(state, now)? } else { None };
        let removed = removed.map(|through| Event::VolumesRemoved { through });
        let (mut lines, mut edge, mut kept) = (Vec::new(), state.edge.clone(), Vec::new());
        for event in removed.iter().chain(events) {
            let number = edge.size().checked_add(1).ok_or(AuditError::Unwritable)?;
            let line = line::write(number, event, now).ok_or(AuditError::Unwritable)?;
            if line.len() > LONGEST {
                return Err(AuditError::Long(line.len()));
            }
            kept.extend(edge.push(record_hash(&line)));
            lines.extend(line);
            lines.push(b'\n');
        }
        (&*state.records).write_all(&lines).map_err(|source| self.failed(source))?;
        state.checked += lines.len() as u64;
        state.edge = edge;
        state.pending.extend(kept);
        if let Some(Event::VolumesRemoved { through }) = removed {
            // Only once it is on record: volumes that are missing without a word are the sign of somebody else.
            self.remove(state, through);
        }
        Ok(state.edge.size())
    }

    fn remove(&self, state: &State, through: u64) {
        let removed = || Volumes::of(&self.path)?.remove_through(through);
        let synced = state.records.sync_data().inspect_err(|_| self.group.fail());
        if let Err(error) = synced.and_then(|()| removed()) {
            tracing::warn!(path = %self.path.display(), %error, "an old volume of the audit log cannot be removed");
        }
    }

    /// Whether the volume that is written was begun in another month than this. Needs the lock.
    fn is_due(&self, state: &mut State, now: OffsetDateTime) -> Result<bool, AuditError> {
        if state.checked == 0 {
            return Ok(false);
        }
        if state.begun.is_none() {
            state.begun = volumes::begun(&self.path).map_err(|source| self.failed(source))?;
        }
        // Also where the clock was far ahead for a while: else no volume would be begun until that time comes.
        Ok(state.begun.is_some_and(|begun| month(begun) < month(now) || now + DAY < begun))
    }

    /// Begins another volume. The last record of those that need not be kept any more, where there are any. Needs the lock.
    fn rotate(&self, state: &mut State, now: OffsetDateTime) -> Result<Option<u64>, AuditError> {
        let failed = |source| self.failed(source);
        let written = state.records.clone();
        // Whoever opens the log from now on begins with the hashes.
        written.sync_data().inspect_err(|_| self.group.fail()).map_err(failed)?;
        self.keep(state, state.edge.size())?;
        self.hashes.sync_data().map_err(failed)?;
        // A clock that is wrong by years must not make everything old: the line before was written by another one, perhaps.
        let before = volumes::ended(&self.path).map_err(failed)?.map_or(now, |ended| ended.min(now));
        let mut volumes = Volumes::of(&self.path).map_err(failed)?;
        let first = volumes.before_current().map_err(failed)?.saturating_add(1);
        state.records = Arc::new(volumes.close(first).map_err(failed)?);
        (state.checked, state.begun) = (0, None);
        written.unlock().map_err(failed)?;
        self.keep_for.map_or(Ok(None), |years| volumes.last_before(before - years.duration())).map_err(failed)
    }

    /// Returns when the first `end` records are on the disk.
    fn sync(&self, end: u64) -> Result<(), AuditError> {
        let mut durable = None;
        let outcome = self.group.reach(end, || {
            let (records, size) = {
                let state = self.state();
                (state.records.clone(), state.edge.size())
            };
            // A volume is on the disk before it is closed.
            records.sync_data()?;
            durable = Some(size);
            Ok(size)
        });
        match outcome {
            Ok(()) => {}
            Err(GroupError::Failed(source)) => return Err(self.failed(source)),
            Err(GroupError::Broken) => return Err(AuditError::Broken(self.path.clone())),
        }
        if let Some(size) = durable
            && let Err(error) = self.caught_up(|state| self.keep(state, size))
        {
            // The lines are on the disk, which is what was asked for; the next one to sync tries again.
            tracing::warn!(path = %self.path.display(), cause = %error, "the hashes of the audit log cannot be kept");
        }
        Ok(())
    }

    /// Writes the hashes of the first `size` lines into their file. Needs the lock, and these lines on the disk: hashes that
    /// have no lines are the sign of a log that was cut.
    fn keep(&self, state: &mut State, size: u64) -> Result<(), AuditError> {
        let start = stored_hash_count(state.edge.size()).saturating_sub(state.pending.len() as u64);
        let ready = stored_hash_count(size).saturating_sub(start).min(state.pending.len() as u64) as usize;
        let bytes: Vec<u8> = state.pending.iter().take(ready).flat_map(|hash| hash.0).collect();
        self.hashes.write_all_at(&bytes, hashes::offset(start)).map_err(|source| self.failed(source))?;
        state.pending.drain(..ready);
        Ok(())
    }

    /// Does something while no other thread or program writes, with a state that knows all lines.
    fn caught_up<T>(&self, work: impl FnOnce(&mut State) -> Result<T, AuditError>) -> Result<T, AuditError> {
        self.with_lock(|state| self.catch_up(state).and_then(|()| work(state)))
    }

    /// Does something while no other thread or program writes.
    fn with_lock<T>(&self, work: impl FnOnce(&mut State) -> Result<T, AuditError>) -> Result<T, AuditError> {
        let mut state = self.state();
        state.records.lock().map_err(|source| self.failed(source))?;
        let outcome = self.follow_rotation(&mut state).and_then(|()| work(&mut state));
        state.records.unlock().map_err(|source| self.failed(source))?;
        outcome
    }

    /// Goes over to the volume that another program has begun, where that continues all that this one knows. Needs the lock on the
    /// one before, and has that on the new one then.
    fn follow_rotation(&self, state: &mut State) -> Result<(), AuditError> {
        while !self.is_current(&state.records)? {
            let records = Arc::new(
                File::options().read(true).append(true).open(&self.path).map_err(|source| self.failed(source))?,
            );
            records.lock().map_err(|source| self.failed(source))?;
            if !self.is_current(&records)? {
                // Closed again before the lock was had: what is in the folder by now is not about this one.
                records.unlock().map_err(|source| self.failed(source))?;
                continue;
            }
            let mut next = State { records, checked: 0, begun: None, edge: Edge::default(), pending: Vec::new() };
            let continued = self.begin(&mut next).and_then(|()| self.follow(&mut next));
            if let Err(error) = continued.and_then(|()| self.continues(&state.edge, &next)) {
                next.records.unlock().map_err(|source| self.failed(source))?;
                return Err(error);
            }
            let before = mem::replace(state, next);
            before.records.unlock().map_err(|source| self.failed(source))?;
        }
        Ok(())
    }

    fn is_current(&self, records: &File) -> Result<bool, AuditError> {
        match volumes::is_at(records, &self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(AuditError::Cut(self.path.clone())),
            outcome => outcome.map_err(|source| self.failed(source)),
        }
    }

    /// That the records of `known` are the first of `state`: else somebody has put another file in the place of the log.
    fn continues(&self, known: &Edge, state: &State) -> Result<(), AuditError> {
        let in_file = stored_hash_count(state.edge.size()).saturating_sub(state.pending.len() as u64);
        let file = self.hashes.try_clone().map_err(|source| self.failed(source))?;
        let hashes = Hashes { file: Some(file), in_file, rest: state.pending.clone() };
        if known.size() <= state.edge.size() && Edge::at(known.size(), &hashes).is_ok_and(|edge| edge == *known) {
            Ok(())
        } else {
            Err(AuditError::Cut(self.path.clone()))
        }
    }

    /// The state before the first line of the volume that is written, from the hashes of the closed ones. Needs the lock.
    fn begin(&self, state: &mut State) -> Result<(), AuditError> {
        let failed = |source| self.failed(source);
        let unproved = |source| AuditError::Hashes { path: self.path.clone(), source };
        let volumes = Volumes::of(&self.path).map_err(failed)?;
        let before = volumes.before_current().map_err(failed)?;
        (state.checked, state.begun) = (0, None);
        state.pending.clear();
        let (gone, length) = (volumes.gone(), self.hashes.metadata().map_err(failed)?.len());
        let start = if length < hashes::offset(stored_hash_count(before)) { gone } else { before };
        let file = self.hashes.try_clone().map_err(failed)?;
        let kept = Hashes { file: Some(file), in_file: stored_hash_count(start), rest: Vec::new() };
        state.edge = Edge::at(start, &kept).map_err(unproved)?;
        if start < before {
            // The hashes are gone, or some of them: all that is kept is read.
            let mut hashes = &self.hashes;
            hashes.seek(SeekFrom::Start(hashes::offset(stored_hash_count(start)))).map_err(failed)?;
            let closed = volumes.closed_lines().map_err(failed)?;
            let Followed { edge, missing, .. } = follow(&self.path, state.edge.clone(), closed, hashes, |_, _| {})?;
            (state.edge, state.pending) = (edge, missing);
        }
        Ok(())
    }

    /// Checks what another program, or an append of ours that failed half way, has put at the end. Needs the lock.
    fn catch_up(&self, state: &mut State) -> Result<(), AuditError> {
        let length = state.records.metadata().map_err(|source| self.failed(source))?.len();
        if length < state.checked {
            return Err(AuditError::Cut(self.path.clone()));
        }
        if length == state.checked {
            return Ok(());
        }
        self.follow(state)
    }

    fn follow(&self, state: &mut State) -> Result<(), AuditError> {
        let volume = state.records.clone();
        let (mut records, mut hashes) = (&*volume, &self.hashes);
        let known = stored_hash_count(state.edge.size());
        records
            .seek(SeekFrom::Start(state.checked))
            .and_then(|_| hashes.seek(SeekFrom::Start(hashes::offset(known))))
            .map_err(|source| self.failed(source))?;
        let Followed { edge, whole, torn, kept, missing, .. } =
            follow(&self.path, state.edge.clone(), records, hashes, |_, _| {})?;
        // Who kept hashes of these lines has kept those of the lines before them as well.
        if kept > 0 {
            state.pending.clear();
        }
        state.pending.extend(missing);
        state.checked += whole;
        state.edge = edge;
        if torn > 0 {
            tracing::warn!(path = %self.path.display(), bytes = torn, "an interrupted line was cut off the audit log");
            volume.set_len(state.checked).and_then(|()| volume.sync_all()).map_err(|source| self.failed(source))?;
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, source: io::Error) -> AuditError {
        AuditError::File { path: self.path.clone(), source }
    }
}

/// Year and month, in UTC.
fn month(time: OffsetDateTime) -> (i32, u8) {
    let time = time.to_offset(UtcOffset::UTC);
    (time.year(), time.month().into())
}

fn private(path: &Path, open: fn(&Path) -> io::Result<File>) -> Result<File, AuditError> {
    let failed = |source| AuditError::File { path: path.to_owned(), source };
    let file = open(path).map_err(failed)?;
    match disk::open_to_others(&file).map_err(failed)? {
        Some(mode) => Err(AuditError::Open { path: path.to_owned(), mode }),
        None => Ok(file),
    }
}
