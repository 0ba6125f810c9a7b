//! The store of grants: who has which role, since when, until when and by whom.

mod error;
mod grant;
mod row;

use std::sync::Arc;

use coda_audit::{AuditLog, Event};
use coda_model::UserId;
use coda_policy::{Claim, Granter, Role, check_grant};
use sqlx::AnyConnection;
use time::{Duration, OffsetDateTime};

use crate::accounts::{AccountError, end_all};
use crate::database::{Change, Database, DatabaseError};
use crate::projects;

pub use error::GrantsError;
pub use grant::{Ended, Grant, GrantId, GrantIdError, NewGrant};

/// How long a role that administers is given for, unless it is said.
const ADMINISTRATING: Duration = Duration::days(365);

/// The grants of the network. Copies share the database and the audit log.
#[derive(Debug, Clone)]
pub struct Grants {
    database: Database,
    audit: Arc<AuditLog>,
}

impl Grants {
    /// The grants in this database. Every change goes to `audit` first.
    pub fn new(database: Database, audit: Arc<AuditLog>) -> Self {
        Self { database, audit }
    }

    /// Names a master administrator. Only for use on the hub itself: nobody is asked whether they may.
    ///
    /// # Errors
    /// [`GrantsError::Standing`] when the person is one, [`GrantsError::Audit`], [`GrantsError::Database`].
    pub async fn bootstrap_master(&self, user: &UserId, now: OffsetDateTime) -> Result<Grant, GrantsError> {
        let claim = Claim::new(Role::MasterAdministrator, None, Vec::new())?;
        let new = NewGrant { user: user.clone(), claim, reason: None, until: None };
        let mut change = self.database.change().await?;
        let grant = self.insert(&mut change, new, None, now).await?;
        change.commit().await?;
        Ok(grant)
    }

    /// Ends a master administrator's role. Only for use on the hub itself.
    ///
    /// # Errors
    /// [`GrantsError::Unknown`] when the person is none, [`GrantsError::Audit`], [`GrantsError::Database`].
    pub async fn remove_master(&self, user: &UserId, now: OffsetDateTime) -> Result<(), GrantsError> {
        let mut change = self.database.change().await?;
        let standing = row::standing(&mut change, user, now).await?;
        let grant = standing.into_iter().find(|grant| grant.claim.role == Role::MasterAdministrator);
        self.end(&mut change, grant.ok_or(GrantsError::Unknown)?, None, now).await?;
        Ok(change.commit().await?)
    }

    /// Gives a person a role, when `by` may. What `by` may is looked up in the same transaction.
    ///
    /// # Errors
    /// [`GrantsError::Refused`], [`GrantsError::Standing`], [`GrantsError::Over`], [`GrantsError::Audit`],
    /// [`GrantsError::Database`].
    pub async fn grant(&self, new: NewGrant, by: &UserId, now: OffsetDateTime) -> Result<Grant, GrantsError> {
        let mut change = self.database.change().await?;
        may(&mut change, by, &new.user, &new.claim, now).await?;
        let new = for_a_time(&mut change, new, now).await?;
        let grant = self.insert(&mut change, new, Some(by.clone()), now).await?;
        change.commit().await?;
        Ok(grant)
    }

    /// Ends a grant, when `by` may. It is gone from every token issued from then on.
    ///
    /// # Errors
    /// [`GrantsError::Unknown`], [`GrantsError::Refused`], [`GrantsError::Audit`], [`GrantsError::Database`].
    pub async fn revoke(&self, id: &GrantId, by: &UserId, now: OffsetDateTime) -> Result<(), GrantsError> {
        let mut change = self.database.change().await?;
        let grant = row::find(&mut change, id).await?.filter(|grant| grant.ended.is_none());
        let grant = grant.ok_or(GrantsError::Unknown)?;
        may(&mut change, by, &grant.user, &grant.claim, now).await?;
        self.end(&mut change, grant, Some(by.clone()), now).await?;
        Ok(change.commit().await?)
    }

    /// What a person may do at `now`.
    ///
    /// # Errors
    /// [`GrantsError::Database`].
    pub async fn of(&self, user: &UserId, now: OffsetDateTime) -> Result<Vec<Claim>, GrantsError> {
        Ok(self.standing(user, now).await?.into_iter().map(|grant| grant.claim).collect())
    }

    /// The grants of a person that stand at `now`, the oldest first.
    ///
    /// # Errors
    /// [`GrantsError::Database`].
    pub async fn standing(&self, user: &UserId, now: OffsetDateTime) -> Result<Vec<Grant>, GrantsError> {
        Ok(row::standing(&mut *self.database.read().await?, user, now).await?)
    }

    /// All grants, ended ones too, that `user` may see: their own, and those of the roles they administer.
    ///
    /// # Errors
    /// [`GrantsError::Database`].
    pub async fn list(&self, user: &UserId, now: OffsetDateTime) -> Result<Vec<Grant>, GrantsError> {
        let mut connection = self.database.read().await?;
        let standing = row::standing(&mut connection, user, now).await?;
        let all = row::all(&mut connection).await?;
        let visible = |grant: &Grant| grant.user == *user || standing.iter().any(|own| sees(&own.claim, &grant.claim));
        Ok(all.into_iter().filter(visible).collect())
    }

    /// Ends with the last connection closed, so that a file may be moved.
    pub async fn close(&self) {
        self.database.close().await;
    }

    async fn insert(
        &self,
        change: &mut Change,
        new: NewGrant,
        by: Option<UserId>,
        now: OffsetDateTime,
    ) -> Result<Grant, GrantsError> {
        if new.until.is_some_and(|until| until <= now.unix_timestamp()) {
            return Err(GrantsError::Over);
        }
        let same = |grant: &Grant| {
            let (old, new) = (&grant.claim, &new.claim);
            (old.role, &old.site, &old.project) == (new.role, &new.site, &new.project)
        };
        if row::standing(change, &new.user, now).await?.iter().any(same) {
            return Err(GrantsError::Standing);
        }
        if !row::has_account(change, &new.user).await? {
            return Err(GrantsError::NoAccount);
        }
        let grant = Grant::made(new, by, now.unix_timestamp());
        row::insert(change, &grant).await?;
        end_all(change, &grant.user, now.unix_timestamp()).await?;
        self.audit.record(&made(&grant), now)?;
        Ok(grant)
    }

    async fn end(
        &self,
        change: &mut Change,
        grant: Grant,
        by: Option<UserId>,
        now: OffsetDateTime,
    ) -> Result<(), GrantsError> {
        row::end(change, &grant.id, by.as_ref(), now.unix_timestamp()).await?;
        end_all(change, &grant.user, now.unix_timestamp()).await?;
        self.audit.record(&revoked(grant, by), now)?;
        Ok(())
    }
}

/// The grants of a person that stand at `now`, the oldest first.
pub(crate) async fn standing(
    connection: &mut AnyConnection,
    user: &UserId,
    now: OffsetDateTime,
) -> Result<Vec<Grant>, DatabaseError> {
    row::standing(connection, user, now).await
}

/// Ends every grant of a person that stands: the account is about to be closed.
pub(crate) async fn end_standing(
    change: &mut Change,
    audit: &AuditLog,
    user: &UserId,
    (by, now): (Option<&UserId>, OffsetDateTime),
) -> Result<(), AccountError> {
    for grant in row::standing(change, user, now).await? {
        row::end(change, &grant.id, by, now.unix_timestamp()).await?;
        audit.record(&revoked(grant, by.cloned()), now)?;
    }
    Ok(())
}

async fn may(
    change: &mut Change,
    by: &UserId,
    user: &UserId,
    claim: &Claim,
    now: OffsetDateTime,
) -> Result<(), GrantsError> {
    let claims: Vec<_> = row::standing(change, by, now).await?.into_iter().map(|grant| grant.claim).collect();
    Ok(check_grant(&Granter { user: by, claims: &claims }, user, claim)?)
}

/// A grant of a role with access to data is for an approved project that has its site, and ends with it; one that administers ends
/// after a year.
async fn for_a_time(change: &mut Change, new: NewGrant, now: OffsetDateTime) -> Result<NewGrant, GrantsError> {
    let Some(project) = &new.claim.project else {
        if !new.claim.role.administers() {
            return Err(GrantsError::NoProject);
        }
        let until = new.until.unwrap_or((now + ADMINISTRATING).unix_timestamp());
        return Ok(NewGrant { until: Some(until), ..new });
    };
    if new.claim.role.administers() {
        return Err(GrantsError::ProjectOfAdministrator);
    }
    let record = projects::find(change, project).await?.filter(|record| record.is_open(now));
    let record = record.ok_or(GrantsError::UnknownProject)?;
    if new.claim.site.as_ref().is_some_and(|site| !record.sites.contains(site)) {
        return Err(GrantsError::OtherSites);
    }
    let until = new.until.unwrap_or(record.until);
    if until > record.until {
        return Err(GrantsError::BeyondProject);
    }
    Ok(NewGrant { until: Some(until), ..new })
}

/// Whether somebody with the claim `own` sees the grant of another.
fn sees(own: &Claim, other: &Claim) -> bool {
    match own.role {
        Role::MasterAdministrator => other.role.administers() || other.role == Role::PrincipalInvestigator,
        Role::SiteAdministrator => own.site == other.site,
        _ => false,
    }
}

fn made(grant: &Grant) -> Event {
    Event::GrantMade {
        grant: grant.id.to_string(),
        user: grant.user.clone(),
        role: grant.claim.role.word(),
        site: grant.claim.site.clone(),
        extra: grant.claim.extra.iter().map(|permission| permission.word()).collect(),
        project: grant.claim.project.as_ref().map(ToString::to_string),
        reason: grant.reason.clone(),
        until: grant.until,
        by: grant.granted_by.clone(),
    }
}

fn revoked(grant: Grant, by: Option<UserId>) -> Event {
    let (id, role) = (grant.id.to_string(), grant.claim.role.word());
    Event::GrantRevoked { grant: id, user: grant.user, role, site: grant.claim.site, by }
}
