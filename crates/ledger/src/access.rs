//! A transaction on the ledger, and what every table needs of it.

use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Decode, Row as _, Sqlite, Transaction, Type};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::seal::Place;

/// A transaction. Dropped without [`Access::commit`], it has changed nothing.
pub(crate) struct Access<'l> {
    ledger: &'l Ledger,
    transaction: Transaction<'static, Sqlite>,
}

pub(crate) type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

impl Ledger {
    /// A transaction that holds the right to write from its beginning: what it reads cannot change under it.
    pub(crate) async fn begin(&self) -> Result<Access<'_>, LedgerError> {
        let transaction = self.pool.begin_with("BEGIN IMMEDIATE").await;
        Ok(Access { ledger: self, transaction: transaction.map_err(|error| self.failed(error))? })
    }

    /// A transaction that only reads, all of it at one moment.
    pub(crate) async fn read(&self) -> Result<Access<'_>, LedgerError> {
        let transaction = self.pool.begin().await;
        Ok(Access { ledger: self, transaction: transaction.map_err(|error| self.failed(error))? })
    }

    pub(crate) fn failed(&self, source: sqlx::Error) -> LedgerError {
        LedgerError::from_database(&self.path, source)
    }

    pub(crate) fn corrupt(&self, place: &Place) -> LedgerError {
        LedgerError::Corrupt { path: self.path.to_path_buf(), table: place.table, row: place.row.clone() }
    }
}

impl Access<'_> {
    /// Makes the changes last: when this returns they are on the disk.
    pub(crate) async fn commit(self) -> Result<(), LedgerError> {
        self.transaction.commit().await.map_err(|error| self.ledger.failed(error))
    }

    /// How many rows a statement changed.
    pub(crate) async fn run(&mut self, statement: Statement<'_>) -> Result<u64, LedgerError> {
        let outcome = statement.execute(&mut *self.transaction).await;
        outcome.map(|outcome| outcome.rows_affected()).map_err(|error| self.ledger.failed(error))
    }

    pub(crate) async fn rows(&mut self, statement: Statement<'_>) -> Result<Vec<SqliteRow>, LedgerError> {
        statement.fetch_all(&mut *self.transaction).await.map_err(|error| self.ledger.failed(error))
    }

    pub(crate) async fn row(&mut self, statement: Statement<'_>) -> Result<Option<SqliteRow>, LedgerError> {
        statement.fetch_optional(&mut *self.transaction).await.map_err(|error| self.ledger.failed(error))
    }

    /// The one number a statement gives, such as a count.
    pub(crate) async fn number(&mut self, statement: Statement<'_>) -> Result<i64, LedgerError> {
        self.numbers(statement).await.map(|[number]| number)
    }

    /// The numbers of the one row that a statement gives.
    pub(crate) async fn numbers<const N: usize>(&mut self, statement: Statement<'_>) -> Result<[i64; N], LedgerError> {
        let row = statement.fetch_one(&mut *self.transaction).await.map_err(|error| self.ledger.failed(error))?;
        let mut numbers = [0; N];
        for (at, number) in numbers.iter_mut().enumerate() {
            *number = row.try_get(at).map_err(|error| self.ledger.failed(error))?;
        }
        Ok(numbers)
    }

    /// A column of a row of `table`, which is named by `row` where the column is not as it should be.
    pub(crate) fn column<'r, T>(&self, row: &'r SqliteRow, column: &str, place: &Place) -> Result<T, LedgerError>
    where
        T: Decode<'r, Sqlite> + Type<Sqlite>,
    {
        row.try_get(column).map_err(|_| self.corrupt(place))
    }

    pub(crate) fn seal(&self, place: &Place, plain: &[u8]) -> Result<Vec<u8>, LedgerError> {
        self.ledger.vault.seal(place, plain)
    }

    /// Opens the column `sealed` of a row.
    pub(crate) fn decrypt(&self, row: &SqliteRow, place: &Place) -> Result<Vec<u8>, LedgerError> {
        let sealed: &[u8] = self.column(row, "sealed", place)?;
        self.ledger.vault.decrypt(place, sealed).ok_or_else(|| self.corrupt(place))
    }

    pub(crate) fn corrupt(&self, place: &Place) -> LedgerError {
        self.ledger.corrupt(place)
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        self.ledger
    }
}
