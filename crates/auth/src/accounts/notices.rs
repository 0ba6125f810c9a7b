//! What administrators are told without asking: lock-outs, bursts of failures, log-ins from an address that is new for the person.

use std::net::SocketAddr;

use coda_audit::Event;
use coda_model::{Identity, SiteId, UserId};
use coda_service::intrusions::Alarm;
use time::OffsetDateTime;

use super::account::place;
use super::{AccountError, Accounts};
use crate::database::{Change, DatabaseError};
use crate::post::Letter;

/// Failures of so many accounts or places
const BURST: i64 = 10;
/// in so many seconds are a burst,
const BURST_TIME: i64 = 600;
/// which is told once in as long.
const TOLD: i64 = 3_600;
/// So many letters about alarms of one service in as long.
const LETTERS: i64 = 10;

impl Accounts {
    /// Whether failures come in a burst that nobody was told of in the last hour.
    pub(super) async fn note_burst(&self, change: &mut Change, now: OffsetDateTime) -> Result<bool, DatabaseError> {
        let at = now.unix_timestamp();
        let sql = "DELETE FROM attempts WHERE at < $1";
        sqlx::query(sql).bind(at - 86_400).execute(&mut **change).await?;
        let sql = "SELECT count(DISTINCT coalesce(person, address)) FROM attempts WHERE at > $1";
        let failed: i64 = sqlx::query_scalar(sql).bind(at - BURST_TIME).fetch_one(&mut **change).await?;
        if failed < BURST {
            return Ok(false);
        }
        is_due(change, "burst", at).await
    }

    /// Whether the person has logged in before, and never from here.
    pub(super) async fn note_address(
        &self,
        change: &mut Change,
        user: &UserId,
        address: Option<SocketAddr>,
    ) -> Result<bool, DatabaseError> {
        let place = place(address.map(|address| address.ip()));
        let sql = "SELECT count(*) FROM addresses WHERE person = $1";
        let known: i64 = sqlx::query_scalar(sql).bind(user.as_str()).fetch_one(&mut **change).await?;
        let sql = "INSERT INTO addresses (person, address) VALUES ($1, $2) ON CONFLICT (person, address) DO NOTHING";
        let added = sqlx::query(sql).bind(user.as_str()).bind(place).execute(&mut **change).await?;
        Ok(known > 0 && added.rows_affected() > 0)
    }

    pub(super) async fn warn_of_lock(
        &self,
        user: &UserId,
        address: Option<SocketAddr>,
        now: OffsetDateTime,
    ) -> Result<(), AccountError> {
        let from = Self::shown(address);
        let text = format!(
            "The account {user} is locked after ten wrong passwords or codes, the last from {from}. An administrator unlocks it \
             (coda account unlock --user {user}), after asking its owner by another way than e-mail who tried."
        );
        self.warn(Some(user), &Letter { subject: format!("Coda: the account {user} is locked"), text }, now).await
    }

    pub(super) async fn warn_of_address(
        &self,
        user: &UserId,
        address: Option<SocketAddr>,
        now: OffsetDateTime,
    ) -> Result<(), AccountError> {
        let from = Self::shown(address);
        let text = format!(
            "{user} has logged in from {from}, for the first time from there. If that was not you, tell an administrator at once, \
             who closes the account or gives it another password."
        );
        self.warn(Some(user), &Letter { subject: format!("Coda: {user} logged in from a new address"), text }, now)
            .await
    }

    pub(super) async fn warn_of_burst(&self, now: OffsetDateTime) -> Result<(), AccountError> {
        let text = "Log-ins of ten or more accounts failed within ten minutes. The audit log of the auth server says which, and from \
                    where. This is told once an hour while it goes on.";
        let letter = Letter { subject: "Coda: many log-ins fail".to_owned(), text: text.to_owned() };
        self.warn(None, &letter, now).await
    }

    /// Tells of unlikely requests that a service had: of each party once an hour, and of ten parties at most.
    pub(crate) async fn tell_of(
        &self,
        service: &Identity,
        alarm: Alarm,
        now: OffsetDateTime,
    ) -> Result<(), AccountError> {
        let Alarm { kind, by } = alarm;
        let at = now.unix_timestamp();
        let mut change = self.0.database.change().await?;
        let about = format!("alarm {service}");
        let sql = "SELECT count(*) FROM notices WHERE what LIKE $1 AND at > $2";
        let letters = sqlx::query_scalar(sql).bind(format!("{about} %")).bind(at - TOLD);
        let letters: i64 = letters.fetch_one(&mut *change).await.map_err(DatabaseError::from)?;
        let told = letters < LETTERS && is_due(&mut change, &format!("{about} {by}"), at).await?;
        let reason = kind.word();
        self.0.audit.record(&Event::AlarmRaised { service: service.clone(), reason, by: by.clone(), told }, now)?;
        if told {
            let text = format!(
                "{service} raised an alarm: {reason}, by {by}. Its intrusion log, beside its audit log, has each request. Further \
                 alarms about {by} are not mailed for an hour. What to do: docs/identity.md, \"An alarm\"."
            );
            let letter = Letter { subject: format!("Coda: an alarm at {service}"), text };
            let site = match service {
                Identity::Compute(site) | Identity::Storage(site) => Some(site),
                Identity::Coordinator | Identity::Auth | Identity::User(_) => None,
            };
            // Before it is noted: who is not told that it was is told again.
            self.warn_administrators(site, None, &letter, now).await?;
        }
        change.commit().await.map_err(DatabaseError::from)?;
        Ok(())
    }

    /// Tells the person, the master administrators, and the administrators of the person's site.
    async fn warn(&self, user: Option<&UserId>, letter: &Letter, now: OffsetDateTime) -> Result<(), AccountError> {
        let institution = user.and_then(|user| self.0.institutions.of(user));
        let site = institution.and_then(|institution| institution.site.as_ref());
        self.warn_administrators(site, user, letter, now).await
    }

    async fn warn_administrators(
        &self,
        site: Option<&SiteId>,
        user: Option<&UserId>,
        letter: &Letter,
        now: OffsetDateTime,
    ) -> Result<(), AccountError> {
        let sql = "SELECT DISTINCT person FROM grants WHERE revoked_at IS NULL AND (until IS NULL OR until > $1) \
             AND (role = 'master-administrator' OR (role = 'site-administrator' AND site = $2))";
        let query = sqlx::query_scalar(sql).bind(now.unix_timestamp()).bind(site.map(SiteId::as_str));
        let people: Vec<String> = query.fetch_all(&mut *self.0.database.read().await?).await?;
        let mut people: Vec<_> = people.iter().filter_map(|person| UserId::new(person).ok()).collect();
        people.extend(user.filter(|user| !people.contains(user)).cloned());
        self.0.post.warn(people, letter, now);
        Ok(())
    }
}

/// Whether nobody was told of this in the last hour. Notes that they are now, and forgets what is older than a day.
async fn is_due(change: &mut Change, what: &str, at: i64) -> Result<bool, DatabaseError> {
    let sql = "SELECT coalesce(max(at), 0) FROM notices WHERE what = $1";
    let told: i64 = sqlx::query_scalar(sql).bind(what).fetch_one(&mut **change).await?;
    let is_new = at - told > TOLD;
    if is_new {
        sqlx::query("DELETE FROM notices WHERE at < $1").bind(at - 86_400).execute(&mut **change).await?;
        let sql = "INSERT INTO notices (what, at) VALUES ($1, $2) ON CONFLICT (what) DO UPDATE SET at = $2";
        sqlx::query(sql).bind(what).bind(at).execute(&mut **change).await?;
    }
    Ok(is_new)
}
