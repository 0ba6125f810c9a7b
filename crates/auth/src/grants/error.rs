//! What can go wrong with grants.

use std::{io, path::PathBuf};

use coda_audit::AuditError;
use coda_policy::GrantRefusal;

/// Why a grant was not made, ended or read.
#[derive(Debug, thiserror::Error)]
pub enum GrantsError {
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
    /// A later program has changed the tables.
    #[error("the database has tables of version {0}, which this program does not know; install the newer one")]
    Newer(i64),
    /// The database.
    #[error("the database of grants failed")]
    Database(#[from] sqlx::Error),
    /// A row that no program of ours has written.
    #[error("the grant {grant:?} in the database has an invalid {field}")]
    Row {
        /// The grant's id, as it stands there.
        grant: String,
        /// The column.
        field: &'static str,
    },
    /// The change was not recorded, so it was not made.
    #[error("the change was not made because it could not be recorded")]
    Audit(#[from] AuditError),
    /// Who asks may not do this.
    #[error("the rules for granting refuse this")]
    Refused(#[from] GrantRefusal),
    /// The person has this role here for this project already.
    #[error("the person has this role already")]
    Standing,
    /// It ends before it begins.
    #[error("the grant would be over before it begins")]
    Over,
    /// There is no such grant, or it was ended before.
    #[error("no standing grant has this id")]
    Unknown,
}
