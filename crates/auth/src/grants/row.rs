//! Grants in SQL: every statement of this crate about them.

use coda_model::{SiteId, UserId};
use coda_policy::{Claim, Permission, Project, Role};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};
use time::OffsetDateTime;

use super::grant::{Ended, Grant, GrantId};
use crate::database::DatabaseError;

const STANDING: &str = "SELECT * FROM grants \
     WHERE person = $1 AND revoked_at IS NULL AND (until IS NULL OR until > $2) \
     AND EXISTS (SELECT 1 FROM accounts WHERE accounts.person = grants.person AND closed_at IS NULL) \
     ORDER BY granted_at, id";
const ONE: &str = "SELECT * FROM grants WHERE id = $1";
const ALL: &str = "SELECT * FROM grants ORDER BY granted_at, id";
const INSERT: &str = "INSERT INTO grants \
     (id, person, role, site, extra, project, granted_by, granted_at, until, reason) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const END: &str = "UPDATE grants SET revoked_at = $2, revoked_by = $3 WHERE id = $1";

/// Of an open account alone: who has a certificate that this server did not issue has no role for that.
pub(super) async fn standing(
    connection: &mut AnyConnection,
    user: &UserId,
    now: OffsetDateTime,
) -> Result<Vec<Grant>, DatabaseError> {
    let query = sqlx::query(STANDING).bind(user.as_str()).bind(now.unix_timestamp());
    query.fetch_all(connection).await?.iter().map(read).collect()
}

pub(super) async fn find(connection: &mut AnyConnection, id: &GrantId) -> Result<Option<Grant>, DatabaseError> {
    let row = sqlx::query(ONE).bind(id.to_string()).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn all(connection: &mut AnyConnection) -> Result<Vec<Grant>, DatabaseError> {
    sqlx::query(ALL).fetch_all(connection).await?.iter().map(read).collect()
}

pub(super) async fn insert(connection: &mut AnyConnection, grant: &Grant) -> Result<(), DatabaseError> {
    let Grant { id, user, claim, reason, granted_by, granted_at, until, ended: _ } = grant;
    let Claim { role, site, extra, project } = claim;
    let extra: Vec<_> = extra.iter().map(|permission| permission.word()).collect();
    sqlx::query(INSERT)
        .bind(id.to_string())
        .bind(user.as_str())
        .bind(role.word())
        .bind(site.as_ref().map(SiteId::as_str))
        .bind(extra.join(" "))
        .bind(project.as_ref().map(Project::as_str))
        .bind(granted_by.as_ref().map(UserId::as_str))
        .bind(granted_at)
        .bind(until)
        .bind(reason.as_deref())
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn has_account(connection: &mut AnyConnection, user: &UserId) -> Result<bool, DatabaseError> {
    let sql = "SELECT count(*) FROM accounts WHERE person = $1 AND closed_at IS NULL";
    let found: i64 = sqlx::query_scalar(sql).bind(user.as_str()).fetch_one(connection).await?;
    Ok(found > 0)
}

pub(super) async fn end(
    connection: &mut AnyConnection,
    id: &GrantId,
    by: Option<&UserId>,
    at: i64,
) -> Result<(), DatabaseError> {
    let query = sqlx::query(END).bind(id.to_string()).bind(at).bind(by.map(UserId::as_str));
    query.execute(connection).await?;
    Ok(())
}

/// A row is read as strictly as a message: the file lies on a disk that others administer.
fn read(row: &AnyRow) -> Result<Grant, DatabaseError> {
    let id: String = row.try_get("id")?;
    let invalid = |field| DatabaseError::Row { table: "grants", field };
    let user = |field: &'static str| -> Result<Option<UserId>, DatabaseError> {
        let text: Option<String> = row.try_get(field)?;
        text.map(|text| UserId::new(&text).map_err(|_| invalid(field))).transpose()
    };
    let revoked_at: Option<i64> = row.try_get("revoked_at")?;
    let revoked_by = user("revoked_by")?;
    Ok(Grant {
        id: GrantId::parse(&id).map_err(|_| invalid("id"))?,
        user: user("person")?.ok_or_else(|| invalid("person"))?,
        claim: claim(row, invalid)?,
        reason: row.try_get("reason")?,
        granted_by: user("granted_by")?,
        granted_at: row.try_get("granted_at")?,
        until: row.try_get("until")?,
        ended: revoked_at.map(|at| Ended { at, by: revoked_by }),
    })
}

fn claim(row: &AnyRow, invalid: impl Fn(&'static str) -> DatabaseError) -> Result<Claim, DatabaseError> {
    let (role, extra): (String, String) = (row.try_get("role")?, row.try_get("extra")?);
    let (site, project): (Option<String>, Option<String>) = (row.try_get("site")?, row.try_get("project")?);
    let project = project.map(|text| Project::new(&text).map_err(|_| invalid("project"))).transpose()?;
    let site = site.map(|text| SiteId::new(&text).map_err(|_| invalid("site"))).transpose()?;
    let extra = extra.split_ascii_whitespace().map(|word| Permission::parse(word).map_err(|_| invalid("extra")));
    let role = Role::parse(&role).map_err(|_| invalid("role"))?;
    let claim = Claim::new(role, site, extra.collect::<Result<_, _>>()?);
    Ok(claim.map_err(|_| invalid("role with this site and extra"))?.within(project))
}
