//! Accounts in SQL.

use coda_model::UserId;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};

use super::account::{Account, Phone};
use crate::database::DatabaseError;

const COLUMNS: &str = "person, phone, password, must_change, wrong, locked_at, closed_at, opened_at, opened_by";

/// An account with the hash of its password.
pub(super) struct Kept {
    pub(super) account: Account,
    pub(super) password: String,
}

pub(super) async fn find(connection: &mut AnyConnection, user: &UserId) -> Result<Option<Kept>, DatabaseError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM accounts WHERE person = $1"));
    let row = sqlx::query(sql).bind(user.as_str()).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn all(connection: &mut AnyConnection) -> Result<Vec<Account>, DatabaseError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM accounts ORDER BY person"));
    let rows = sqlx::query(sql).fetch_all(connection).await?;
    rows.iter().map(|row| Ok(read(row)?.account)).collect()
}

/// Opens an account, or one anew that was closed.
pub(super) async fn insert(
    connection: &mut AnyConnection,
    account: &Account,
    password: &str,
) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO accounts \
         (person, phone, password, password_at, must_change, wrong, locked_at, closed_at, opened_at, opened_by) \
         VALUES ($1, $2, $3, $4, 1, 0, NULL, NULL, $4, $5) \
         ON CONFLICT (person) DO UPDATE SET phone = $2, password = $3, password_at = $4, must_change = 1, wrong = 0, \
         locked_at = NULL, closed_at = NULL, opened_at = $4, opened_by = $5";
    sqlx::query(sql)
        .bind(account.user.as_str())
        .bind(account.phone.as_ref().map(Phone::as_str))
        .bind(password)
        .bind(account.opened_at)
        .bind(account.opened_by.as_ref().map(UserId::as_str))
        .execute(connection)
        .await?;
    Ok(())
}

/// The former password is kept: nobody takes it again.
pub(super) async fn set_password(
    connection: &mut AnyConnection,
    user: &UserId,
    (old, new): (&str, &str),
    must_change: bool,
    now: i64,
) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO former_passwords (person, password) VALUES ($1, $2)";
    sqlx::query(sql).bind(user.as_str()).bind(old).execute(&mut *connection).await?;
    let sql = "UPDATE accounts SET password = $2, password_at = $3, must_change = $4, wrong = 0, locked_at = NULL \
         WHERE person = $1";
    let query = sqlx::query(sql).bind(user.as_str()).bind(new).bind(now).bind(i64::from(must_change));
    query.execute(&mut *connection).await?;
    end_codes(connection, user, now).await
}

/// No code that was sent before opens anything: it came after a password that is none any more, or to another place.
pub(super) async fn end_codes(connection: &mut AnyConnection, user: &UserId, now: i64) -> Result<(), DatabaseError> {
    let sql = "UPDATE codes SET used_at = $2 WHERE person = $1 AND used_at IS NULL";
    sqlx::query(sql).bind(user.as_str()).bind(now).execute(connection).await?;
    Ok(())
}

pub(super) async fn former(connection: &mut AnyConnection, user: &UserId) -> Result<Vec<String>, DatabaseError> {
    let sql = "SELECT password FROM former_passwords WHERE person = $1";
    Ok(sqlx::query_scalar(sql).bind(user.as_str()).fetch_all(connection).await?)
}

/// What was wrong once more, or right at last.
pub(super) async fn set_wrong(
    connection: &mut AnyConnection,
    user: &UserId,
    wrong: i64,
    locked_at: Option<i64>,
) -> Result<(), DatabaseError> {
    let sql = "UPDATE accounts SET wrong = $2, locked_at = $3 WHERE person = $1";
    sqlx::query(sql).bind(user.as_str()).bind(wrong).bind(locked_at).execute(connection).await?;
    Ok(())
}

pub(super) async fn close(connection: &mut AnyConnection, user: &UserId, now: i64) -> Result<(), DatabaseError> {
    let sql = "UPDATE accounts SET closed_at = $2 WHERE person = $1";
    sqlx::query(sql).bind(user.as_str()).bind(now).execute(&mut *connection).await?;
    end_codes(connection, user, now).await
}

fn read(row: &AnyRow) -> Result<Kept, DatabaseError> {
    let invalid = |field| DatabaseError::Row { table: "accounts", field };
    let (user, phone): (String, Option<String>) = (row.try_get("person")?, row.try_get("phone")?);
    let must_change: i64 = row.try_get("must_change")?;
    let opened_by: Option<String> = row.try_get("opened_by")?;
    let account = Account {
        user: UserId::new(&user).map_err(|_| invalid("person"))?,
        phone: phone.map(|phone| Phone::new(&phone).map_err(|_| invalid("phone"))).transpose()?,
        must_change: must_change != 0,
        wrong: row.try_get("wrong")?,
        locked_at: row.try_get("locked_at")?,
        closed_at: row.try_get("closed_at")?,
        opened_at: row.try_get("opened_at")?,
        opened_by: opened_by.map(|by| UserId::new(&by).map_err(|_| invalid("opened_by"))).transpose()?,
    };
    Ok(Kept { account, password: row.try_get("password")? })
}
