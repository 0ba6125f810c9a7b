//! Why the ledger does not do what it is asked.

use std::io;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Why something was not written or read. Whoever gets this must not answer.
///
/// The texts are for the administrator of the site: what is wrong, where, and what to do. None says anything of a person.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// A file cannot be made, looked at or read.
    #[error("cannot use {}; see that its folder is there and that this program's user may read and write it", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than the owner may read or write a file.
    #[error("{} is open to others than its owner (mode {mode:04o}); run: chmod 600 {}", path.display(), path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// There is a database and no key.
    #[error(
        "the ledger {} cannot be read without its key file {}, which is not there; put the key file back from its backup",
        database.display(), key.display()
    )]
    KeyMissing {
        /// The database.
        database: PathBuf,
        /// Where its key should be.
        key: PathBuf,
    },
    /// The key file holds no key.
    #[error("the key file {} does not hold 64 hexadecimal digits; put it back from its backup", .0.display())]
    KeyText(PathBuf),
    /// The key is not the one the database was made with, or what proves it was changed.
    #[error(
        "the key file {} does not fit the ledger {}; put the two back from the same backup",
        key.display(), database.display()
    )]
    KeyWrong {
        /// The database.
        database: PathBuf,
        /// The key.
        key: PathBuf,
    },
    /// There is a key and no database, or an empty one.
    #[error(
        "the ledger {} is gone or empty, but its key file {} is there; put the ledger back from its backup; where there is \
         none, move the key file away to begin anew, and keep the file of the perturbation key where it is",
        database.display(), key.display()
    )]
    Lost {
        /// Where the database should be.
        database: PathBuf,
        /// Its key.
        key: PathBuf,
    },
    /// A ledger of a version that kept what was released.
    #[error(
        "the ledger {} is one of an earlier version, which this program has no use for; move it and its key file away, and a new \
         one is begun",
        .0.display()
    )]
    Former(PathBuf),
    /// A later program has changed the tables.
    #[error("the ledger {} has tables of version {version}, which this program does not know; install the newer one", path.display())]
    Newer {
        /// The database.
        path: PathBuf,
        /// The version of its tables.
        version: i64,
    },
    /// A row cannot be decrypted or decoded, or does not fit the others.
    #[error(
        "the ledger {} is not as this program wrote it: table {table}, row {row}; keep a copy, find out whether somebody \
         changed it or its disk is failing, and put it back from a backup",
        path.display()
    )]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// The table.
        table: &'static str,
        /// The row's primary key.
        row: String,
    },
    /// Rows are gone, or there are more than were written.
    #[error(
        "the ledger {} has {found} rows in table {table} where {written} were written; keep a copy, find out who changed it, \
         and put it back from a backup",
        path.display()
    )]
    Rows {
        /// The database.
        path: PathBuf,
        /// The table.
        table: &'static str,
        /// How many rows this program has written.
        written: u64,
        /// How many there are.
        found: u64,
    },
    /// The file is no sound database.
    #[error("the ledger {} is damaged ({found}); keep a copy, see to its disk, and put it back from a backup", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What the database found.
        found: String,
    },
    /// There is no room for what was to be written.
    #[error("the ledger {} has no room to grow; nothing is answered until there is: free some on its disk", path.display())]
    Full {
        /// The database.
        path: PathBuf,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The disk does not do what it is told.
    #[error(
        "the ledger {} cannot be read or written; see to its disk, whether it is full or read-only, and the modes of the files",
        path.display()
    )]
    Disk {
        /// The database.
        path: PathBuf,
        /// What the database said.
        source: sqlx::Error,
    },
    /// Another failure of the database.
    #[error("the ledger {} failed; see whether another program holds it for long, or put it back from its backup", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The clock is behind what was written before.
    #[error(
        "the clock says {}, but the ledger {} was written at {}; nothing is answered until the clock is past that. Correct \
         the clock. If the clock is right now and was wrong then, tell the ledger to accept it",
        instant(*now), path.display(), instant(*latest)
    )]
    Clock {
        /// The database.
        path: PathBuf,
        /// The latest time at which it was written, in seconds since 1970.
        latest: i64,
        /// The time that was refused, in seconds since 1970.
        now: i64,
    },
    /// It is asked of a lineage that there is not.
    #[error("the ledger does not know {0}")]
    Unknown(&'static str),
    /// There is no randomness, or a key cannot be used.
    #[error("the cryptographic library failed; see whether the system gives random bytes")]
    Cryptography,
}

impl LedgerError {
    /// What the database's error means for the database at `path`.
    pub(crate) fn from_database(path: &Path, source: sqlx::Error) -> Self {
        let path = path.to_owned();
        match code(&source) {
            Some(13) => Self::Full { path, source },
            Some(8 | 10 | 14) => Self::Disk { path, source },
            Some(11 | 26) => Self::Damaged { path, found: source.to_string() },
            _ => Self::Database { path, source },
        }
    }

    /// Whether another uses the database at this moment.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self, Self::Database { source, .. } if code(source) == Some(5))
    }
}

/// The primary result code, which is the low byte, <https://www.sqlite.org/rescode.html>.
fn code(source: &sqlx::Error) -> Option<u32> {
    let code = source.as_database_error()?.code()?.parse::<u32>().ok()?;
    Some(code & 0xff)
}

fn instant(seconds: i64) -> String {
    let instant = OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|instant| instant.format(&Rfc3339).ok());
    instant.unwrap_or_else(|| format!("{seconds} s after 1970"))
}
