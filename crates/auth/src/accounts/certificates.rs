//! Certificates of people: issued to who has logged in, revoked by them or an administrator, on a list that renews itself.

use coda_model::UserId;
use coda_pki::certificate;
use coda_service::causes;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use time::{Duration, OffsetDateTime};

use super::account::Issued;
use super::{AccountError, Accounts, By, Change, sessions};
use crate::database::{Change as Transaction, DatabaseError};
use crate::post::Letter;

/// How long the list of revoked certificates is good; it is signed anew when half of that is over.
const LIST: Duration = Duration::days(7);
/// Certificates that one person has at a time: a few machines, and old ones that run out.
const MOST: i64 = 10;

impl Accounts {
    /// Issues a certificate for the key of a request (PKCS #10, PEM) to a person who has logged in, and ends their sessions.
    /// Returns the chain in PEM.
    ///
    /// # Errors
    /// [`AccountError::Request`], [`AccountError::Unknown`], …
    pub async fn enrol(&self, user: &UserId, request: String, by: &By) -> Result<String, AccountError> {
        let (this, of, now) = (self.clone(), user.clone(), by.now);
        let issue = move || {
            let issued = this.0.people.issue(&request, &of, this.0.limits.certificate, now);
            issued.map_err(|error| AccountError::Request(error.into()))
        };
        // Signing with RSA takes milliseconds.
        let chain = tokio::task::spawn_blocking(issue).await.map_err(|_| AccountError::Interrupted)??;
        let details = certificate::details(&chain).map_err(|error| {
            let error = coda_pki::AuthorityError::Certificate { path: "issued".into(), source: error };
            AccountError::Authority(error.into())
        })?;
        let thumbprint = hex::encode(details.thumbprint);
        let mut change = self.0.database.change().await?;
        let is_open = super::row::find(&mut change, user).await?.is_some_and(|kept| kept.account.closed_at.is_none());
        if !is_open {
            return Err(AccountError::Unknown);
        }
        let sql = "SELECT count(*) FROM certificates WHERE person = $1 AND revoked_at IS NULL AND until > $2";
        let query = sqlx::query_scalar(sql).bind(user.as_str()).bind(by.seconds());
        let standing: i64 = query.fetch_one(&mut *change).await?;
        if standing >= MOST {
            return Err(AccountError::Certificates);
        }
        let sql = "INSERT INTO certificates (thumbprint, serial, person, issued_at, until, revoked_at, revoked_by) \
             VALUES ($1, $2, $3, $4, $5, NULL, NULL)";
        sqlx::query(sql)
            .bind(&thumbprint)
            .bind(hex::encode(details.serial))
            .bind(user.as_str())
            .bind(by.seconds())
            .bind(details.until.unix_timestamp())
            .execute(&mut *change)
            .await?;
        sessions::end_all(&mut change, user, by.seconds()).await?;
        self.record(user, Change { what: "certificate", old: None, new: Some(thumbprint) }, by)?;
        change.commit().await?;
        let text = format!(
            "A certificate was issued to {user}, asked for from {}. If that was not you, tell an administrator at once.",
            Self::shown(by.address)
        );
        self.0.post.warn(vec![user.clone()], &Letter { subject: "Coda: a new certificate".to_owned(), text }, by.now);
        Ok(chain)
    }

    /// Revokes a certificate: one's own, or of an account that one administers.
    ///
    /// # Errors
    /// [`AccountError::NoCertificate`], [`AccountError::NotYours`], …
    pub async fn revoke_certificate(&self, thumbprint: &str, by: &By) -> Result<(), AccountError> {
        let mut change = self.0.database.change().await?;
        let sql = "SELECT * FROM certificates WHERE thumbprint = $1 AND revoked_at IS NULL";
        let found = sqlx::query(sql).bind(thumbprint).fetch_optional(&mut *change).await?;
        let user = read(&found.ok_or(AccountError::NoCertificate)?)?.user;
        if by.user.as_ref() != Some(&user) {
            self.theirs(&mut change, &user, by).await?;
        }
        let sql = "UPDATE certificates SET revoked_at = $2, revoked_by = $3 WHERE thumbprint = $1";
        let query = sqlx::query(sql).bind(thumbprint).bind(by.seconds());
        query.bind(by.user.as_ref().map(UserId::as_str)).execute(&mut *change).await?;
        sessions::end_all(&mut change, &user, by.seconds()).await?;
        self.record(&user, Change { what: "certificate", old: Some(thumbprint.to_owned()), new: None }, by)?;
        change.commit().await?;
        self.renew_list_soon(by.now).await;
        Ok(())
    }

    /// Signs the list anew after a change that stands: where that fails, it is tried again every 20 seconds.
    pub(super) async fn renew_list_soon(&self, now: OffsetDateTime) {
        if let Err(error) = self.renew_list(now).await {
            tracing::error!(cause = causes(&error), "the list of revoked certificates is not renewed yet");
        }
    }

    /// The certificates of a person, the newest first.
    ///
    /// # Errors
    /// [`AccountError::Database`].
    pub async fn certificates(&self, user: &UserId) -> Result<Vec<Issued>, AccountError> {
        let sql = "SELECT * FROM certificates WHERE person = $1 ORDER BY issued_at DESC, thumbprint";
        let rows = sqlx::query(sql).bind(user.as_str()).fetch_all(&mut *self.0.database.read().await?).await?;
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    }

    /// Signs the list of revoked certificates of people anew where one is missing on it, or it is half over.
    ///
    /// # Errors
    /// [`AccountError::Authority`]; then what was revoked is not refused yet.
    pub async fn renew_list(&self, now: OffsetDateTime) -> Result<(), AccountError> {
        // Those of expired certificates too: running services refuse a list that lacks what an earlier one had.
        let sql = "SELECT serial FROM certificates WHERE revoked_at IS NOT NULL ORDER BY serial";
        let mut connection = self.0.database.read().await?;
        let serials: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *connection).await?;
        drop(connection);
        let serials: Result<Vec<_>, _> = serials.iter().map(hex::decode).collect();
        let serials = serials.map_err(|_| DatabaseError::Row { table: "certificates", field: "serial" })?;
        let this = self.clone();
        let renew = move || {
            let renewed = this.0.people.renew_list(&this.0.lists, &serials, LIST, now);
            renewed.map_err(|error| AccountError::Authority(error.into()))
        };
        tokio::task::spawn_blocking(renew).await.map_err(|_| AccountError::Interrupted)?
    }
}

/// Revokes every certificate of a person. The list is for the caller to renew.
pub(super) async fn revoke_all(change: &mut Transaction, user: &UserId, by: &By) -> Result<(), DatabaseError> {
    let sql = "UPDATE certificates SET revoked_at = $2, revoked_by = $3 WHERE person = $1 AND revoked_at IS NULL";
    let query = sqlx::query(sql).bind(user.as_str()).bind(by.seconds());
    query.bind(by.user.as_ref().map(UserId::as_str)).execute(&mut **change).await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<Issued, DatabaseError> {
    let user: String = row.try_get("person")?;
    Ok(Issued {
        thumbprint: row.try_get("thumbprint")?,
        user: UserId::new(&user).map_err(|_| DatabaseError::Row { table: "certificates", field: "person" })?,
        issued_at: row.try_get("issued_at")?,
        until: row.try_get("until")?,
        revoked_at: row.try_get("revoked_at")?,
    })
}
