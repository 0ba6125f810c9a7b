//! The ledger, opened and closed.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use coda_disclosure::SiteSecret;
use coda_model::DatasetId;
use sqlx::SqlitePool;

use crate::database;
use crate::error::LedgerError;
use crate::head::Head;
use crate::key::{self, FirstUse, Key};
use crate::lineage::LineageId;
use crate::seal::{Secret, Vault};

/// What a site was asked. Copies share the database. `Debug` is silent.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) pool: SqlitePool,
    pub(crate) vault: Arc<Vault>,
    perturbation: Arc<Secret>,
    pub(crate) path: Arc<Path>,
    /// Those that were looked up: a lineage never changes its number.
    pub(crate) lineages: Lineages,
}

/// The numbers of lineages, by data set and source.
type Lineages = Arc<RwLock<HashMap<(DatasetId, [u8; 16]), LineageId>>>;

/// What the file of the perturbation key has after the name of the database.
const PERTURBATION: &str = ".perturbation-key";

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ledger(…)")
    }
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
    /// made with mode 0600, and so is the perturbation key unless it is there already.
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
        let pool = database::open(path, max_pages).await?;
        let perturbation = key::perturbation(path, &key::with_suffix(path, PERTURBATION), first.is_some());
        let perturbation = match perturbation {
            Ok(perturbation) => Arc::new(perturbation),
            Err(error) => {
                pool.close().await;
                return Err(error);
            }
        };
        let ledger = Self { pool, vault, perturbation, path: path.into(), lineages: Arc::default() };
        match ledger.take_up(&key, first).await {
            Ok(()) => Ok(ledger),
            Err(error) => {
                ledger.close().await;
                Err(error)
            }
        }
    }

    /// The site's secret on which the perturbation of every figure hangs (docs/disclosure.md, R1). Kept in a file of its own, and
    /// never changed.
    pub fn site_secret(&self) -> SiteSecret {
        SiteSecret::new(**self.perturbation)
    }

    /// A secret of this site for another purpose: HMAC-SHA256 (RFC 2104) of the key file and `purpose`. It stays the same as
    /// long as the key file.
    pub fn secret(&self, purpose: &str) -> [u8; 32] {
        self.vault.secret(purpose)
    }

    /// Ends with the last connection closed, so that the files may be moved.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn take_up(&self, key: &Path, first: Option<FirstUse>) -> Result<(), LedgerError> {
        if first.is_some() {
            self.first_head().await?;
        }
        self.prove(key).await?;
        first.map_or(Ok(()), FirstUse::settle)
    }

    /// Writes the first head, unless an interrupted first use has done so.
    async fn first_head(&self) -> Result<(), LedgerError> {
        let mut change = self.begin().await?;
        if change.has_head().await? {
            return Ok(());
        }
        change.write_head(&Head { perturbation: self.check_value(), ..Head::default() }).await?;
        change.commit().await
    }

    /// By which a perturbation key is known again.
    fn check_value(&self) -> [u8; 32] {
        self.vault.check_value(&self.perturbation)
    }

    /// The head opens with this key, and the tables have the rows it says.
    async fn prove(&self, key: &Path) -> Result<(), LedgerError> {
        let mut look = self.read().await?;
        if !look.has_head().await? {
            return Err(LedgerError::Lost { database: self.path.to_path_buf(), key: key.to_owned() });
        }
        let head = look.head().await.map_err(|error| match error {
            LedgerError::Corrupt { path, .. } => LedgerError::KeyWrong { database: path, key: key.to_owned() },
            other => other,
        })?;
        if head.perturbation != self.check_value() {
            let (database, key) = (self.path.to_path_buf(), key::with_suffix(&self.path, PERTURBATION));
            return Err(LedgerError::KeyWrong { database, key });
        }
        look.verify(&head).await
    }
}
