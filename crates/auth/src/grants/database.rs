//! The database file and its tables.

use std::fs::OpenOptions;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::error::GrantsError;

/// In order; one that was released is never changed, the next one is added below.
const MIGRATIONS: &[&str] = &[include_str!("../../migrations/0001_grants.sql")];

/// There is one writer at a time, and reading a few rows is quick.
const CONNECTIONS: u32 = 4;
const BUSY: Duration = Duration::from_secs(5);
/// How long to wait before a new database, which somebody else makes at this moment, is tried again.
const AGAIN: Duration = Duration::from_millis(10);

pub(super) async fn open(path: &Path) -> Result<SqlitePool, GrantsError> {
    private_file(path)?;
    // While another program changes the journal of a new database, SQLite says that it is locked and does not wait.
    let begun = Instant::now();
    loop {
        match try_open(path).await {
            Err(GrantsError::Database(error)) if is_busy(&error) && begun.elapsed() < BUSY => {
                tokio::time::sleep(AGAIN).await;
            }
            outcome => return outcome,
        }
    }
}

/// `SQLITE_BUSY`, of which the extended codes keep the lowest byte.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| code & 0xff == 5)
}

async fn try_open(path: &Path) -> Result<SqlitePool, GrantsError> {
    // FULL: a grant that was answered, and still more a revocation, survives a loss of power.
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY);
    let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).connect_with(options).await?;
    match migrate(&pool).await {
        Ok(()) => Ok(pool),
        Err(error) => {
            pool.close().await;
            Err(error)
        }
    }
}

/// Makes the file before the database does, which would let everybody read it and gives its other files the same mode.
fn private_file(path: &Path) -> Result<(), GrantsError> {
    let failed = |source| GrantsError::File { path: path.to_owned(), source };
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 { Err(GrantsError::Open { path: path.to_owned(), mode }) } else { Ok(()) }
}

/// All that is missing in one transaction, so that two programs may open a new database at once.
async fn migrate(pool: &SqlitePool) -> Result<(), GrantsError> {
    let mut change = pool.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS migrations (version INTEGER NOT NULL PRIMARY KEY) STRICT")
        .execute(&mut *change)
        .await?;
    let done: i64 =
        sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM migrations").fetch_one(&mut *change).await?;
    if done > MIGRATIONS.len() as i64 {
        return Err(GrantsError::Newer(done));
    }
    for (version, sql) in (1_i64..).zip(MIGRATIONS).filter(|(version, _)| *version > done) {
        sqlx::raw_sql(*sql).execute(&mut *change).await?;
        sqlx::query("INSERT INTO migrations (version) VALUES ($1)").bind(version).execute(&mut *change).await?;
    }
    Ok(change.commit().await?)
}
