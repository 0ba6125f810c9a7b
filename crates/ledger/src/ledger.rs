//! The ledger, opened and closed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::SqlitePool;

use crate::database;
use crate::error::LedgerError;
use crate::head::Head;
use crate::key::{self, FirstUse, Key};
use crate::seal::Vault;

/// What a site has released. Copies share the database.
#[derive(Debug, Clone)]
pub struct Ledger {
    pub(crate) pool: SqlitePool,
    pub(crate) vault: Arc<Vault>,
    pub(crate) path: Arc<Path>,
}

/// How a ledger is opened.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The key file; without it the database's path with `.key` after it.
    pub key: Option<PathBuf>,
    /// At most so many pages of the database. For tests of a full disk.
    pub max_pages: Option<u32>,
}

impl Ledger {
    /// Opens the database at `path` and brings its tables up to date. Where there is neither a database nor a key, both are
    /// made with mode 0600.
    ///
    /// # Errors
    /// [`LedgerError::KeyMissing`] for a database without its key, [`LedgerError::Lost`] for a key without its database,
    /// [`LedgerError::KeyWrong`], [`LedgerError::KeyText`], [`LedgerError::Open`], [`LedgerError::File`],
    /// [`LedgerError::Newer`], [`LedgerError::Damaged`], [`LedgerError::Rows`] and those of the disk.
    pub async fn open(path: &Path, options: Options) -> Result<Self, LedgerError> {
        let Options { key, max_pages } = options;
        let key = key.unwrap_or_else(|| key::with_suffix(path, ".key"));
        let (secret, first) = match key::find(path, &key)? {
            Key::Settled(secret) => (secret, None),
            Key::First(secret, first) => (secret, Some(first)),
        };
        let vault = Arc::new(Vault::new(&secret)?);
        let ledger = Self { pool: database::open(path, max_pages).await?, vault, path: path.into() };
        match ledger.take_up(&key, first).await {
            Ok(()) => Ok(ledger),
            Err(error) => {
                ledger.close().await;
                Err(error)
            }
        }
    }

    /// A secret of this site for one purpose, such as a keyed order or a seed: HMAC-SHA256 (RFC 2104) of the key file and
    /// `purpose`. It stays the same as long as the key file.
    pub fn secret(&self, purpose: &str) -> [u8; 32] {
        self.vault.secret(purpose)
    }

    /// Ends with the last connection closed, so that the files may be moved.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn take_up(&self, key: &Path, first: Option<FirstUse>) -> Result<(), LedgerError> {
        if first.is_some() {
            self.begin().await?;
        }
        self.prove(key).await?;
        first.map_or(Ok(()), FirstUse::settle)
    }

    /// Writes the first head, unless an interrupted first use has done so.
    async fn begin(&self) -> Result<(), LedgerError> {
        let mut change = self.change().await?;
        if change.has_head().await? {
            return Ok(());
        }
        change.write_head(&Head::default()).await?;
        change.done().await
    }

    /// The head opens with this key, and the tables have the rows it says.
    async fn prove(&self, key: &Path) -> Result<(), LedgerError> {
        let mut look = self.look().await?;
        if !look.has_head().await? {
            return Err(LedgerError::Lost { database: self.path.to_path_buf(), key: key.to_owned() });
        }
        let head = look.head().await.map_err(|error| match error {
            LedgerError::Corrupt { path, .. } => LedgerError::KeyWrong { database: path, key: key.to_owned() },
            other => other,
        })?;
        look.verify(&head).await
    }
}
