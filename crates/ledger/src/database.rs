//! The database file and its tables.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, Sqlite, SqlitePool, Transaction};

use crate::error::LedgerError;
use crate::key;

/// In order; one that was released is never changed, the next one is added below.
const MIGRATIONS: &[&str] = &[include_str!("../migrations/0001_ledger.sql")];

/// A table of the ledgers of versions before this one, which kept what was released and not what was asked.
const FORMER: &str = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'releases'";

/// There is one writer at a time, and readers do not wait for it.
const CONNECTIONS: u32 = 4;
const BUSY: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_millis(20);

/// Opens the database, as soon as no other program keeps it from that. `SQLite` does not wait by itself where another makes a
/// new database one with a write-ahead log, or closes it as the last
/// (<https://www.sqlite.org/wal.html#sometimes_queries_return_sqlite_busy_in_wal_mode>).
pub(crate) async fn open(path: &Path, max_pages: Option<u32>) -> Result<SqlitePool, LedgerError> {
    private_file(path)?;
    let begun = Instant::now();
    loop {
        match try_open(path, max_pages).await {
            Err(error) if error.is_busy() && begun.elapsed() < BUSY => tokio::time::sleep(AGAIN).await,
            outcome => return outcome,
        }
    }
}

async fn try_open(path: &Path, max_pages: Option<u32>) -> Result<SqlitePool, LedgerError> {
    // FULL: what was committed survives a loss of power. No pages in memory: every transaction reads the file as it is, so that
    // a ledger that somebody damages stops the site at its next question and not when it happens to need another page.
    let mut options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("cache_size", "0")
        .busy_timeout(BUSY);
    if let Some(pages) = max_pages {
        options = options.pragma("max_page_count", pages.to_string());
    }
    // When the disk is full SQLite ends the transaction by itself, and the connection still believes to be in one. Such a
    // connection is closed, so that the ledger works again as soon as there is room.
    let pool = SqlitePoolOptions::new()
        .max_connections(CONNECTIONS)
        .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
        .connect_with(options);
    let pool = pool.await.map_err(|source| LedgerError::from_database(path, source))?;
    match ready(&pool, path).await {
        Ok(()) => Ok(pool),
        Err(error) => {
            pool.close().await;
            Err(error)
        }
    }
}

async fn ready(pool: &SqlitePool, path: &Path) -> Result<(), LedgerError> {
    sound(pool, path).await?;
    let former: i64 =
        sqlx::query_scalar(FORMER).fetch_one(pool).await.map_err(|source| LedgerError::from_database(path, source))?;
    if former > 0 {
        return Err(LedgerError::Former(path.to_owned()));
    }
    migrate(pool, path).await
}

/// Looks over all pages of the file, so that a damaged one is known before anything rests on it.
async fn sound(pool: &SqlitePool, path: &Path) -> Result<(), LedgerError> {
    let found: String = sqlx::query_scalar("PRAGMA quick_check(1)")
        .fetch_one(pool)
        .await
        .map_err(|source| LedgerError::from_database(path, source))?;
    if found == "ok" { Ok(()) } else { Err(LedgerError::Damaged { path: path.to_owned(), found }) }
}

/// Makes the file before the database does, which would let everybody read it and gives its other files the same mode.
///
/// A file that is there is not opened: to close it would end the locks that this program may hold on it
/// (<https://www.sqlite.org/howtocorrupt.html>, 2.2).
fn private_file(path: &Path) -> Result<(), LedgerError> {
    let failed = |source| LedgerError::File { path: path.to_owned(), source };
    match OpenOptions::new().append(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        outcome => outcome.map(drop).map_err(failed)?,
    }
    key::private(path, &fs::metadata(path).map_err(failed)?, 0o600)
}

/// All that is missing in one transaction, so that two programs may open a new database at once.
async fn migrate(pool: &SqlitePool, path: &Path) -> Result<(), LedgerError> {
    let failed = |source| LedgerError::from_database(path, source);
    let mut change = pool.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    let done = done(&mut change).await.map_err(failed)?;
    if done > MIGRATIONS.len() as i64 {
        return Err(LedgerError::Newer { path: path.to_owned(), version: done });
    }
    for (version, sql) in (1_i64..).zip(MIGRATIONS).filter(|(version, _)| *version > done) {
        sqlx::raw_sql(*sql).execute(&mut *change).await.map_err(failed)?;
        let note = sqlx::query("INSERT INTO migrations (version) VALUES ($1)").bind(version);
        note.execute(&mut *change).await.map_err(failed)?;
    }
    change.commit().await.map_err(failed)
}

async fn done(change: &mut Transaction<'static, Sqlite>) -> Result<i64, sqlx::Error> {
    let table = "CREATE TABLE IF NOT EXISTS migrations (version INTEGER NOT NULL PRIMARY KEY) STRICT";
    sqlx::raw_sql(table).execute(&mut **change).await?;
    sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM migrations").fetch_one(&mut **change).await
}
