//! Sessions: what a person holds between log-in and log-out.

use std::net::SocketAddr;

use coda_model::UserId;
use sqlx::{AnyConnection, Row as _};
use time::OffsetDateTime;

use super::account::{Secret, place};
use super::{AccountError, Accounts, By, Change, row};
use crate::database::DatabaseError;

/// How long a session is used before that is written down again.
const NOTED: i64 = 30;

/// A session that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub user: UserId,
    /// Whether nothing may be done but change the password.
    pub must_change: bool,
    /// The last second of it, whatever happens.
    pub until: i64,
}

impl Accounts {
    /// The session of a token, which is used by this: it goes on for another while.
    ///
    /// # Errors
    /// [`AccountError::Session`].
    pub async fn session(&self, token: &str, now: OffsetDateTime) -> Result<Session, AccountError> {
        let hash = Secret::read(token).ok_or(AccountError::Session)?.hash();
        let mut connection = self.0.database.read().await?;
        let sql = "SELECT person, made_at, seen_at FROM sessions WHERE token = $1 AND ended_at IS NULL";
        let found = sqlx::query(sql).bind(&hash).fetch_optional(&mut *connection).await?;
        let found = found.ok_or(AccountError::Session)?;
        let (person, made, seen): (String, i64, i64) =
            (found.try_get("person")?, found.try_get("made_at")?, found.try_get("seen_at")?);
        let (now, limits) = (now.unix_timestamp(), &self.0.limits);
        let until = made + limits.session.whole_seconds();
        // A clock that went back ends a session too.
        if now > until || now < made || now - seen > limits.idle.whole_seconds() {
            return Err(AccountError::Session);
        }
        let user = UserId::new(&person).map_err(|_| DatabaseError::Row { table: "sessions", field: "person" })?;
        let kept = row::find(&mut connection, &user).await?.filter(|kept| kept.account.closed_at.is_none());
        let must_change = self.must_change(&mut connection, &kept.ok_or(AccountError::Session)?.account, now).await?;
        if now - seen >= NOTED {
            let sql = "UPDATE sessions SET seen_at = $2 WHERE token = $1 AND ended_at IS NULL AND seen_at < $2";
            sqlx::query(sql).bind(&hash).bind(now).execute(&mut *connection).await?;
        }
        Ok(Session { user, must_change, until })
    }

    /// Ends the session of a token.
    ///
    /// # Errors
    /// [`AccountError::Session`] when it is over already.
    pub async fn log_out(&self, token: &str, by: &By) -> Result<(), AccountError> {
        let user = self.session(token, by.now).await?.user;
        let hash = Secret::read(token).ok_or(AccountError::Session)?.hash();
        let mut change = self.0.database.change().await?;
        let sql = "UPDATE sessions SET ended_at = $2 WHERE token = $1 AND ended_at IS NULL";
        sqlx::query(sql).bind(hash).bind(by.seconds()).execute(&mut *change).await?;
        self.record(&user, Change::new("session", "open", "over"), by)?;
        Ok(change.commit().await?)
    }

    /// Ends every session of a person.
    ///
    /// # Errors
    /// [`AccountError::Database`], [`AccountError::Audit`].
    pub async fn log_out_everywhere(&self, user: &UserId, by: &By) -> Result<(), AccountError> {
        let mut change = self.0.database.change().await?;
        end_all(&mut change, user, by.seconds()).await?;
        self.record(user, Change::new("all sessions", "open", "over"), by)?;
        Ok(change.commit().await?)
    }
}

/// A new session; its token is known to nobody else.
pub(super) async fn begin(
    connection: &mut AnyConnection,
    user: &UserId,
    address: Option<SocketAddr>,
    now: i64,
) -> Result<Secret, DatabaseError> {
    let token = Secret::new();
    let sql =
        "INSERT INTO sessions (token, person, made_at, seen_at, ended_at, address) VALUES ($1, $2, $3, $3, NULL, $4)";
    let query = sqlx::query(sql).bind(token.hash()).bind(user.as_str()).bind(now);
    query.bind(place(address.map(|address| address.ip()))).execute(connection).await?;
    Ok(token)
}

/// Ends every session of a person: after a change of password, role or certificate.
pub(crate) async fn end_all(connection: &mut AnyConnection, user: &UserId, now: i64) -> Result<(), DatabaseError> {
    let sql = "UPDATE sessions SET ended_at = $2 WHERE person = $1 AND ended_at IS NULL";
    sqlx::query(sql).bind(user.as_str()).bind(now).execute(connection).await?;
    Ok(())
}
