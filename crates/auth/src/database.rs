//! The database: SQLite in a file, or PostgreSQL. The statements are the same on both; their tables are made by each engine's own
//! migrations.

use std::fmt;
use std::fs::OpenOptions;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Once;
use std::time::{Duration, Instant};

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyConnection, AnyPool, Connection as _, Executor as _, Transaction};

mod error;

pub use error::DatabaseError;

/// In order; one that was released is never changed, the next one is added below.
const SQLITE: &[&str] = &[
    include_str!("../migrations/sqlite/0001_grants.sql"),
    include_str!("../migrations/sqlite/0002_accounts.sql"),
    include_str!("../migrations/sqlite/0003_providers.sql"),
];
const POSTGRES: &[&str] = &[
    include_str!("../migrations/postgres/0001_grants.sql"),
    include_str!("../migrations/postgres/0002_accounts.sql"),
    include_str!("../migrations/postgres/0003_providers.sql"),
];

/// There is one writer at a time, and reading a few rows is quick.
const CONNECTIONS: u32 = 8;
const BUSY: Duration = Duration::from_secs(5);
/// How long to wait before a new database, which somebody else makes at this moment, is tried again.
const AGAIN: Duration = Duration::from_millis(10);
/// PostgreSQL: a server that hangs in a change stops the others for as long.
const PATIENCE: &str = "SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '30s'";
/// FULL: a change that was answered, and still more a revocation, survives a loss of power.
const PRAGMAS: &str =
    "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";

/// In PostgreSQL; SQLite has one writer anyway.
const LOCK: &str = "LOCK TABLE migrations IN EXCLUSIVE MODE";

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseAt {
    /// A file of SQLite.
    File(PathBuf),
    /// The URL of a database of PostgreSQL: `postgres://user@host/name?sslmode=verify-full&sslrootcert=FILE`.
    Postgres(String),
}

/// An open database. Copies share its connections.
#[derive(Clone)]
pub struct Database {
    pool: AnyPool,
    is_file: bool,
}

/// A change that holds the right to write from its beginning: what it reads cannot change under it.
pub(crate) type Change = Transaction<'static, Any>;

impl DatabaseAt {
    /// Reads the value of a configuration file: a URL of PostgreSQL, or a path.
    pub fn new(text: &str, resolved: impl FnOnce(&Path) -> PathBuf) -> Self {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Self::Postgres(text.to_owned())
        } else {
            Self::File(resolved(Path::new(text)))
        }
    }

    /// The URL, for the library alone: it may have a password in it.
    pub fn url(&self) -> String {
        match self {
            Self::File(path) => format!("sqlite://{}", encoded(path)),
            Self::Postgres(url) => url.clone(),
        }
    }
}

/// The URL may have a password in it.
impl fmt::Debug for DatabaseAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Postgres(_) => f.write_str("Postgres"),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Database")
    }
}

impl Database {
    /// Opens the database, a file with mode 0600 when there is none, and brings its tables up to date.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn open(at: &DatabaseAt) -> Result<Self, DatabaseError> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        if let DatabaseAt::File(path) = at {
            private_file(path)?;
        }
        let options = AnyConnectOptions::from_str(&at.url()).map_err(|_| DatabaseError::Url)?;
        let is_file = matches!(at, DatabaseAt::File(_));
        // While another program makes the tables of a new database, SQLite says that it is locked and PostgreSQL that they are there.
        let begun = Instant::now();
        loop {
            match migrate(&options, is_file).await {
                Err(DatabaseError::Sql(error)) if is_race(&error) && begun.elapsed() < BUSY => {
                    tokio::time::sleep(AGAIN).await;
                }
                outcome => break outcome?,
            }
        }
        let pool = AnyPoolOptions::new().max_connections(CONNECTIONS).after_connect(move |connection, _| {
            Box::pin(async move { connection.execute(if is_file { PRAGMAS } else { PATIENCE }).await.map(drop) })
        });
        Ok(Self { pool: pool.connect_with(options).await?, is_file })
    }

    /// Begins a change. There is one at a time, also where two servers share a database.
    pub(crate) async fn change(&self) -> Result<Change, DatabaseError> {
        if self.is_file {
            return Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?);
        }
        let mut change = self.pool.begin().await?;
        change.execute(LOCK).await?;
        Ok(change)
    }

    /// A connection to read by.
    pub(crate) async fn read(&self) -> Result<sqlx::pool::PoolConnection<Any>, DatabaseError> {
        Ok(self.pool.acquire().await?)
    }

    /// Ends with the last connection closed, so that a file may be moved.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// All that is missing in one transaction, so that two programs may open a new database at once.
async fn migrate(options: &AnyConnectOptions, is_file: bool) -> Result<(), DatabaseError> {
    let mut connection = AnyConnection::connect_with(options).await?;
    if is_file {
        connection.execute(PRAGMAS).await?;
    }
    connection.execute("CREATE TABLE IF NOT EXISTS migrations (version BIGINT NOT NULL PRIMARY KEY)").await?;
    let mut change = if is_file { connection.begin_with("BEGIN IMMEDIATE").await? } else { connection.begin().await? };
    if !is_file {
        change.execute(LOCK).await?;
    }
    let done: i64 =
        sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM migrations").fetch_one(&mut *change).await?;
    let migrations = if is_file { SQLITE } else { POSTGRES };
    if done > migrations.len() as i64 {
        return Err(DatabaseError::Newer(done));
    }
    for (version, sql) in (1_i64..).zip(migrations).filter(|(version, _)| *version > done) {
        sqlx::raw_sql(*sql).execute(&mut *change).await?;
        sqlx::query("INSERT INTO migrations (version) VALUES ($1)").bind(version).execute(&mut *change).await?;
    }
    change.commit().await?;
    Ok(connection.close().await?)
}

/// `SQLITE_BUSY`, of which the extended codes keep the lowest byte; or in PostgreSQL a table, or its type, that is there already.
fn is_race(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| {
        matches!(&*code, "23505" | "42P07") || code.parse::<u32>().is_ok_and(|code| code & 0xff == 5)
    })
}

/// Makes the file before the database does, which would let everybody read it and gives its other files the same mode.
fn private_file(path: &Path) -> Result<(), DatabaseError> {
    let failed = |source| DatabaseError::File { path: path.to_owned(), source };
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 { Err(DatabaseError::Open { path: path.to_owned(), mode }) } else { Ok(()) }
}

/// A path as a URL has it (RFC 3986, 2.1).
fn encoded(path: &Path) -> String {
    let mut text = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(byte) {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}
