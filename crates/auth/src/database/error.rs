//! What can go wrong with the database.

use std::{io, path::PathBuf};

/// Why the database was not opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The database file cannot be made or looked at.
    #[error("cannot use the database {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than the owner may read or write the database.
    #[error("the database {} is open to others than its owner (mode {mode:04o}); run: chmod 600 {}", path.display(), path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The URL cannot be read. It is not repeated: it may have a password in it.
    #[error(
        "the URL of the database is wrong; write it as postgres://user@host/name?sslmode=verify-full&sslrootcert=FILE"
    )]
    Url,
    /// A later program has changed the tables.
    #[error("the database has tables of version {0}, which this program does not know; install the newer one")]
    Newer(i64),
    /// The database.
    #[error("the database failed")]
    Sql(#[from] sqlx::Error),
    /// A row that no program of ours has written.
    #[error("a row of {table} in the database has an invalid {field}")]
    Row {
        /// The table.
        table: &'static str,
        /// The column.
        field: &'static str,
    },
}
