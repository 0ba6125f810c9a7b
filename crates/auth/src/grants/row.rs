//! Grants in SQL: every statement of this crate about them.

use coda_model::{SiteId, UserId};
use coda_policy::{Claim, Permission, Role};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};
use time::OffsetDateTime;

use super::error::GrantsError;
use super::grant::{Ended, Grant, GrantId, Project};

const STANDING: &str = "SELECT * FROM grants \
     WHERE person = $1 AND revoked_at IS NULL AND (until IS NULL OR until > $2) ORDER BY granted_at, id";
const ONE: &str = "SELECT * FROM grants WHERE id = $1";
const ALL: &str = "SELECT * FROM grants ORDER BY granted_at, id";
const INSERT: &str = "INSERT INTO grants \
     (id, person, role, site, extra, project, granted_by, granted_at, until) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const END: &str = "UPDATE grants SET revoked_at = $2, revoked_by = $3 WHERE id = $1";

pub(super) async fn standing(
    connection: &mut SqliteConnection,
    user: &UserId,
    now: OffsetDateTime,
) -> Result<Vec<Grant>, GrantsError> {
    let query = sqlx::query(STANDING).bind(user.as_str()).bind(now.unix_timestamp());
    query.fetch_all(connection).await?.iter().map(read).collect()
}

pub(super) async fn find(connection: &mut SqliteConnection, id: &GrantId) -> Result<Option<Grant>, GrantsError> {
    let row = sqlx::query(ONE).bind(id.to_string()).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn all(connection: &mut SqliteConnection) -> Result<Vec<Grant>, GrantsError> {
    sqlx::query(ALL).fetch_all(connection).await?.iter().map(read).collect()
}

pub(super) async fn insert(connection: &mut SqliteConnection, grant: &Grant) -> Result<(), GrantsError> {
    let Grant { id, user, claim: Claim { role, site, extra }, project, granted_by, granted_at, until, ended: _ } =
        grant;
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
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn end(
    connection: &mut SqliteConnection,
    id: &GrantId,
    by: Option<&UserId>,
    at: i64,
) -> Result<(), GrantsError> {
    let query = sqlx::query(END).bind(id.to_string()).bind(at).bind(by.map(UserId::as_str));
    query.execute(connection).await?;
    Ok(())
}

/// A row is read as strictly as a message: the file lies on a disk that others administer.
fn read(row: &SqliteRow) -> Result<Grant, GrantsError> {
    let id: String = row.try_get("id")?;
    let invalid = |field| GrantsError::Row { grant: id.clone(), field };
    let user = |field: &'static str| -> Result<Option<UserId>, GrantsError> {
        let text: Option<String> = row.try_get(field)?;
        text.map(|text| UserId::new(&text).map_err(|_| invalid(field))).transpose()
    };
    let revoked_at: Option<i64> = row.try_get("revoked_at")?;
    let revoked_by = user("revoked_by")?;
    let project: Option<String> = row.try_get("project")?;
    Ok(Grant {
        id: GrantId::parse(&id).map_err(|_| invalid("id"))?,
        user: user("person")?.ok_or_else(|| invalid("person"))?,
        claim: claim(row, invalid)?,
        project: project.map(|text| Project::new(&text).map_err(|_| invalid("project"))).transpose()?,
        granted_by: user("granted_by")?,
        granted_at: row.try_get("granted_at")?,
        until: row.try_get("until")?,
        ended: revoked_at.map(|at| Ended { at, by: revoked_by }),
    })
}

fn claim(row: &SqliteRow, invalid: impl Fn(&'static str) -> GrantsError) -> Result<Claim, GrantsError> {
    let (role, extra): (String, String) = (row.try_get("role")?, row.try_get("extra")?);
    let site: Option<String> = row.try_get("site")?;
    let site = site.map(|text| SiteId::new(&text).map_err(|_| invalid("site"))).transpose()?;
    let extra = extra.split_ascii_whitespace().map(|word| Permission::parse(word).map_err(|_| invalid("extra")));
    let role = Role::parse(&role).map_err(|_| invalid("role"))?;
    Claim::new(role, site, extra.collect::<Result<_, _>>()?).map_err(|_| invalid("role with this site and extra"))
}
