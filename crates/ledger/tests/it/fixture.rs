//! A folder with a ledger, and things to write into it.

use std::path::{Path, PathBuf};

use coda_ledger::{
    Digest, FigureStored, Ledger, LedgerError, LineageId, NewEntry, NewFigure, NewRelease, NewSeries, Options, Person,
    Subject, UniverseName,
};
use coda_model::{BuildId, DatasetId, UserId, plan::Words};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};
use tempfile::TempDir;

/// Noon of a day in 2026.
pub(crate) const NOON: i64 = 1_790_000_000 / 86_400 * 86_400 + 43_200;
pub(crate) const TODAY: i64 = NOON / 86_400;

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

pub(crate) fn build(name: &str) -> BuildId {
    BuildId::new(name).unwrap()
}

/// A digest that is known again by its number.
pub(crate) fn digest(number: u64) -> Digest {
    let mut digest = [0x5a; 32];
    digest[..8].copy_from_slice(&number.to_le_bytes());
    digest
}

pub(crate) fn person(number: u32, version: u8) -> Person {
    let mut key = *b"key of a person!";
    key[12..].copy_from_slice(&number.to_le_bytes());
    Person { key, digest: [0xd0 | version; 8] }
}

/// A lineage with the build `b1` of `people` people.
pub(crate) async fn lineage(ledger: &Ledger, people: u32) -> LineageId {
    let lineage = ledger.lineage(&DatasetId::new("diabetes").unwrap(), [1; 16]).await.unwrap();
    let people: Vec<_> = (0..people).map(|number| person(number, 1)).collect();
    ledger.people(lineage, &build("b1"), &people).await.unwrap();
    lineage
}

pub(crate) fn entry(number: u64, members: impl IntoIterator<Item = u32>) -> NewEntry {
    NewEntry {
        universe: UniverseName::People,
        text: digest(number),
        set: members.into_iter().collect(),
        words: Some(Words::named("said of somebody")),
    }
}

pub(crate) fn figure(subject: Subject, column: u64, powers: &[i128]) -> NewFigure {
    NewFigure { subject, figure: FigureStored { column: digest(column), powers: powers.to_vec() } }
}

/// Release `number` of ana, with two entries, a figure, a series and a charge, on the history as it is now.
pub(crate) async fn release(ledger: &Ledger, lineage: LineageId, number: u64) -> NewRelease {
    NewRelease {
        user: user("ana"),
        time: NOON,
        lineage,
        build: build("b1"),
        seen: ledger.newest(lineage).await.unwrap(),
        policy: digest(1),
        query: digest(number),
        cohort: digest(number),
        envelope: digest(number),
        entries: vec![entry(2 * number, 0..20), entry(2 * number + 1, (0..40).step_by(3))],
        figures: vec![figure(Subject::New(1), 7, &[i128::MAX, i128::MIN, 0, -5])],
        series: vec![NewSeries { cohort: digest(number), column: digest(7), bucket: "month".into() }],
        charge: 3,
        reply: format!("the reply number {number}").into_bytes(),
    }
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
