//! Why a log cannot be used.

use std::io;
use std::path::PathBuf;

/// Why an event was not written, or a log not opened. Whoever gets this from [`AuditLog::append`](crate::AuditLog::append)
/// must not act.
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
    /// A line has not its number, or not the hash that was kept of it.
    #[error("{}:{line}: this line is not what was written; keep the file and find out who changed it", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// The first line that does not fit, counted from 1.
        line: u64,
    },
    /// The file has fewer lines than hashes were kept, became shorter since it was opened, or does not continue what was known of it; or a
    /// volume is gone that no line says was removed.
    #[error("lines were cut off the audit log {}; keep the file and find out who changed it", .0.display())]
    Cut(PathBuf),
    /// The event has no text, such as for a time after the year 9999.
    #[error("the event cannot be written as a line")]
    Unwritable,
    /// The event's line is longer than [`LONGEST`](crate::LONGEST) bytes.
    #[error("the event's line would have {0} bytes, more than a record may have")]
    Long(usize),
    /// The disk failed before. What it has is unknown until the program starts again.
    #[error("the audit log {} could not be brought to the disk; repair the disk, then restart the program", .0.display())]
    Broken(PathBuf),
    /// The hashes that were kept beside the log make no proof.
    #[error("the hashes kept beside the audit log {} are not those of its lines; keep both files and find out who changed them", path.display())]
    Hashes {
        /// The log.
        path: PathBuf,
        /// What did not fit.
        source: tlog_tiles::Error,
    },
    /// The log does not have the tree of a checkpoint.
    #[error("the audit log {} has another tree than a checkpoint of {size} records says", path.display())]
    OtherTree {
        /// The log.
        path: PathBuf,
        /// Records of the checkpoint.
        size: u64,
    },
    /// The record stood in a volume that was removed, as the configuration says.
    #[error("record {0} is no longer kept")]
    Removed(u64),
    /// There is no such record, or none under the checkpoint.
    #[error("there is no record {0} under this checkpoint")]
    Absent(u64),
}
