//! A folder with a ledger, and things to write into it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use coda_disclosure::watch::{SetKind, WatchedSet};
use coda_ledger::{
    Counted, Digest, Ledger, LedgerError, LineageId, NewAsk, NewAsks, Nonce, NotCounted, Options, Watched,
};
use coda_model::{DatasetId, UserId, estimate::Limits};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};
use tempfile::TempDir;

/// Noon of a day in 2026.
pub(crate) const NOON: i64 = 1_790_000_000 / 86_400 * 86_400 + 43_200;
/// Limits that no test reaches by accident.
pub(crate) const AMPLE: Limits = Limits { asks_left: 1_000_000, cohorts_left: 1_000_000, asks_left_today: 1_000_000 };

pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.path().join("ledger.sqlite")
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.0.path().join("ledger.sqlite.key")
    }

    pub(crate) async fn open(&self) -> Result<Ledger, LedgerError> {
        Ledger::open(&self.database(), Options::default()).await
    }

    /// Past all that the program checks.
    pub(crate) async fn raw(&self) -> SqliteConnection {
        SqliteConnectOptions::new().filename(self.database()).connect().await.unwrap()
    }

    /// A database that the program did not make.
    pub(crate) async fn raw_new(&self) -> SqliteConnection {
        SqliteConnectOptions::new().filename(self.database()).create_if_missing(true).connect().await.unwrap()
    }

    /// Does what the triggers forbid.
    pub(crate) async fn tamper(&self, statements: &str) {
        let mut raw = self.raw().await;
        let triggers: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
            .fetch_all(&mut raw)
            .await
            .unwrap();
        for trigger in triggers {
            sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP TRIGGER {trigger}"))).execute(&mut raw).await.unwrap();
        }
        sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned())).execute(&mut raw).await.unwrap();
        sqlx::Connection::close(raw).await.unwrap();
    }
}

pub(crate) fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

/// A digest that is known again by its number.
pub(crate) fn digest(number: u64) -> Digest {
    let mut digest = [0x5a; 32];
    digest[..8].copy_from_slice(&number.to_le_bytes());
    digest
}

pub(crate) async fn lineage(ledger: &Ledger) -> LineageId {
    ledger.lineage(&DatasetId::new("diabetes").unwrap(), [1; 16]).await.unwrap()
}

/// A nonce that no other envelope has, of this program or of one that it starts.
pub(crate) fn new_nonce() -> Nonce {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let mut bytes = [9; 16];
    bytes[..8].copy_from_slice(&LAST.fetch_add(1, Relaxed).to_le_bytes());
    bytes[8..12].copy_from_slice(&std::process::id().to_le_bytes());
    Nonce { bytes, until: NOON + 300 }
}

/// New asks of ana for a project, each of a cohort.
pub(crate) fn asks(lineage: LineageId, project: &str, asks: &[(u64, u64)]) -> NewAsks {
    let ask = |(ask, cohort): &(u64, u64)| NewAsk { ask: digest(*ask), cohort: digest(*cohort) };
    NewAsks {
        lineage,
        user: user("ana"),
        project: project.to_owned(),
        time: NOON,
        nonce: new_nonce(),
        asks: asks.iter().map(ask).collect(),
    }
}

pub(crate) async fn count(ledger: &Ledger, new: &NewAsks, limits: &Limits) -> Result<Counted, NotCounted> {
    ledger.count(new, limits).await.unwrap()
}

/// A set with these record keys, said to be `statement`.
pub(crate) fn set(keys: &[u64], statement: u8) -> WatchedSet {
    let mut buckets = [0u64; 64];
    for key in keys {
        let bucket = coda_disclosure::bucket(*key);
        buckets[bucket] = buckets[bucket].wrapping_add(*key);
    }
    WatchedSet {
        buckets,
        told: keys.len() as u64,
        statement: [statement; 32],
        complement: [statement ^ 0x80; 32],
        cohort: [statement; 32],
        levels: [0; 32],
        kind: SetKind::Cell,
    }
}

/// Record keys that look as random as real ones.
pub(crate) fn record_keys(people: u64) -> Vec<u64> {
    (1..=people).map(|person| person.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17) ^ (person << 40)).collect()
}

/// Ask `number` of ana, with a set of its own: counted and watched.
pub(crate) async fn ask(ledger: &Ledger, lineage: LineageId, number: u64) -> Result<(), LedgerError> {
    let new = asks(lineage, "p", &[(number, number)]);
    let counted = ledger.count(&new, &AMPLE).await?.unwrap();
    let keys: Vec<u64> = record_keys(40).iter().map(|key| key.wrapping_mul(2 * number + 3)).collect();
    watch(ledger, &new, &counted, vec![set(&keys, number as u8)]).await
}

/// Lets the watch look at the sets of the first of these asks.
pub(crate) async fn watch(
    ledger: &Ledger,
    new: &NewAsks,
    counted: &Counted,
    sets: Vec<WatchedSet>,
) -> Result<(), LedgerError> {
    sightings(ledger, new, counted, sets).await.map(|_| ())
}

pub(crate) async fn sightings(
    ledger: &Ledger,
    new: &NewAsks,
    counted: &Counted,
    sets: Vec<WatchedSet>,
) -> Result<Vec<coda_ledger::Sighting>, LedgerError> {
    let NewAsks { lineage, user, project, time, .. } = new.clone();
    let Some(Some(id)) = counted.new.first() else { return Ok(Vec::new()) };
    let everybody = set(&record_keys(400), 0).buckets;
    let sets = sets.into_iter().map(|set| (*id, set)).collect();
    ledger.watch(&Watched { lineage, user, project, time, sets, everybody: &everybody }).await
}

/// Every error with its causes, as an administrator reads it.
pub(crate) fn said(error: &LedgerError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
