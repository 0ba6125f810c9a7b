//! Log-ins that were sent to a provider, in SQL.

use std::net::SocketAddr;

use coda_model::UserId;
use sqlx::{AnyConnection, Row as _};

use super::super::account::{Secret, place};
use crate::database::DatabaseError;
use crate::provider::Authentication;

/// For how many seconds one is kept that nobody came back from.
const KEPT: i64 = 86_400;

/// A log-in for which a browser is at a provider.
pub(super) struct Begun {
    /// The institution, by its name.
    pub(super) institution: String,
    /// The issuer that was configured then.
    pub(super) issuer: String,
    /// Who wants to log in, where that was said.
    pub(super) person: Option<UserId>,
    /// When it was begun.
    pub(super) made_at: i64,
    redirect: String,
    seed: String,
}

impl Begun {
    pub(super) fn new(
        institution: String,
        issuer: String,
        person: Option<UserId>,
        redirect: String,
        made_at: i64,
    ) -> Self {
        Self { institution, issuer, person, made_at, redirect, seed: Secret::new().text() }
    }

    /// What it goes by. Nonce and verifier follow from the state, which the database does not have, and the seed, which the browser
    /// does not have.
    pub(super) fn authentication(&self, state: &Secret) -> Authentication {
        let derived = |what| state.code_hash(&format!("{what} {}", self.seed));
        Authentication {
            redirect: self.redirect.clone(),
            state: state.text(),
            nonce: derived("nonce"),
            // 64 characters; RFC 7636, 4.1 wants 43 to 128.
            verifier: derived("verifier"),
        }
    }

    pub(super) async fn insert(
        &self,
        connection: &mut AnyConnection,
        state: &Secret,
        address: Option<SocketAddr>,
    ) -> Result<(), DatabaseError> {
        let sql = "INSERT INTO provider_log_ins \
             (state, seed, institution, issuer, person, redirect, made_at, used_at, address) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8)";
        sqlx::query(sql)
            .bind(state.hash())
            .bind(&self.seed)
            .bind(&self.institution)
            .bind(&self.issuer)
            .bind(self.person.as_ref().map(UserId::as_str))
            .bind(&self.redirect)
            .bind(self.made_at)
            .bind(place(address.map(|address| address.ip())))
            .execute(connection)
            .await?;
        Ok(())
    }

    /// The log-in of a state, which is used by this.
    pub(super) async fn take(
        connection: &mut AnyConnection,
        state: &Secret,
        now: i64,
    ) -> Result<Option<Self>, DatabaseError> {
        let sql = "SELECT * FROM provider_log_ins WHERE state = $1 AND used_at IS NULL";
        let found = sqlx::query(sql).bind(state.hash()).fetch_optional(&mut *connection).await?;
        let Some(row) = found else { return Ok(None) };
        let sql = "UPDATE provider_log_ins SET used_at = $2 WHERE state = $1";
        sqlx::query(sql).bind(state.hash()).bind(now).execute(connection).await?;
        let person: Option<String> = row.try_get("person")?;
        let invalid = |_| DatabaseError::Row { table: "provider_log_ins", field: "person" };
        Ok(Some(Self {
            institution: row.try_get("institution")?,
            issuer: row.try_get("issuer")?,
            person: person.map(|person| UserId::new(&person)).transpose().map_err(invalid)?,
            made_at: row.try_get("made_at")?,
            redirect: row.try_get("redirect")?,
            seed: row.try_get("seed")?,
        }))
    }
}

/// How many were begun from an address after a moment.
pub(super) async fn count(
    connection: &mut AnyConnection,
    address: Option<SocketAddr>,
    after: i64,
) -> Result<i64, DatabaseError> {
    let sql = "SELECT count(*) FROM provider_log_ins WHERE address = $1 AND made_at > $2";
    let query = sqlx::query_scalar(sql).bind(place(address.map(|address| address.ip()))).bind(after);
    Ok(query.fetch_one(connection).await?)
}

/// Removes those that are over for long.
pub(super) async fn forget(connection: &mut AnyConnection, now: i64) -> Result<(), DatabaseError> {
    let sql = "DELETE FROM provider_log_ins WHERE made_at < $1";
    sqlx::query(sql).bind(now - KEPT).execute(connection).await?;
    Ok(())
}
