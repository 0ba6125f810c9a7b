//! The database of these tests: SQLite in a file of the test's folder. `tests/postgres` runs the same tests on PostgreSQL.

use std::path::Path;

use coda_auth::DatabaseAt;

#[allow(clippy::unnecessary_wraps, reason = "PostgreSQL may not be there, and has the same function")]
pub(crate) fn database(folder: &Path) -> Option<DatabaseAt> {
    Some(DatabaseAt::File(folder.join("auth.sqlite")))
}
