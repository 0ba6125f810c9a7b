//! Approved projects: records of the hub. A role with access to data is given for one, and a query is asked for one.

use std::collections::BTreeSet;
use std::sync::Arc;

use coda_audit::{AuditLog, Event};
use coda_model::{SiteId, UserId, plain::is_plain};
use coda_policy::{Project, Role};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};
use time::OffsetDateTime;

use crate::database::{Database, DatabaseError};
use crate::grants::{self, GrantsError};

/// The longest title or approval, in characters.
const LONGEST: usize = 300;

/// A project. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRecord {
    /// What it is called in queries and grants.
    pub id: Project,
    /// What it is about.
    pub title: String,
    /// The number or name of the approval, as the ethics committee writes it.
    pub approval: String,
    /// The sites that it is approved for.
    pub sites: BTreeSet<SiteId>,
    /// The first second without it.
    pub until: i64,
    /// When it was closed before its time.
    pub closed_at: Option<i64>,
}

/// Why a project was not opened or closed.
#[derive(Debug, thiserror::Error)]
pub enum ProjectsError {
    /// A title or an approval that is none.
    #[error("a title and an approval have 1 to {LONGEST} characters, none of them a control character")]
    Text,
    /// No site, or an end that is past.
    #[error("a project has a site, and an end that is to come")]
    Empty,
    /// There is one of this name, open or closed.
    #[error("there is a project of this name already, or there was; take another name")]
    Exists,
    /// There is no open project of this name.
    #[error("there is no open project of this name")]
    Unknown,
    /// The database.
    #[error("the projects cannot be used")]
    Database(#[from] DatabaseError),
    /// The change was not recorded, so it was not made.
    #[error("the change was not made because it could not be recorded")]
    Audit(#[from] coda_audit::AuditError),
}

/// The projects of the network. Copies share the database and the audit log.
#[derive(Debug, Clone)]
pub struct Projects {
    database: Database,
    audit: Arc<AuditLog>,
}

impl ProjectRecord {
    /// Whether it stands at `now`.
    pub fn is_open(&self, now: OffsetDateTime) -> bool {
        self.closed_at.is_none() && now.unix_timestamp() < self.until
    }
}

impl Projects {
    /// The projects in this database. Every change goes to `audit` first.
    pub fn new(database: Database, audit: Arc<AuditLog>) -> Self {
        Self { database, audit }
    }

    /// Opens a project. Only for use on the hub itself: nobody is asked whether they may.
    ///
    /// # Errors
    /// [`ProjectsError`].
    pub async fn open(&self, new: &ProjectRecord, now: OffsetDateTime) -> Result<(), ProjectsError> {
        let ProjectRecord { id, title, approval, sites, until, closed_at: _ } = new;
        let is_text = |text: &String| (1..=LONGEST).contains(&text.chars().count()) && is_plain(text);
        if !is_text(title) || !is_text(approval) {
            return Err(ProjectsError::Text);
        }
        if sites.is_empty() || *until <= now.unix_timestamp() {
            return Err(ProjectsError::Empty);
        }
        let mut change = self.database.change().await?;
        if find(&mut change, id).await?.is_some() {
            return Err(ProjectsError::Exists);
        }
        let words: Vec<_> = sites.iter().map(SiteId::as_str).collect();
        let sql = "INSERT INTO projects (id, title, approval, sites, opened_at, until, closed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, NULL)";
        sqlx::query(sql)
            .bind(id.as_str())
            .bind(title)
            .bind(approval)
            .bind(words.join(" "))
            .bind(now.unix_timestamp())
            .bind(until)
            .execute(&mut *change)
            .await
            .map_err(DatabaseError::from)?;
        let said = format!("{title}; approval {approval}; sites {}; until {until}", words.join(" "));
        self.record(id, "project", None, Some(said), now)?;
        Ok(change.commit().await.map_err(DatabaseError::from)?)
    }

    /// Closes a project: no token is issued for it any more. Only for use on the hub itself.
    ///
    /// # Errors
    /// [`ProjectsError::Unknown`], [`ProjectsError::Database`], [`ProjectsError::Audit`].
    pub async fn close(&self, id: &Project, now: OffsetDateTime) -> Result<(), ProjectsError> {
        let mut change = self.database.change().await?;
        let found = find(&mut change, id).await?.filter(|project| project.closed_at.is_none());
        found.ok_or(ProjectsError::Unknown)?;
        let sql = "UPDATE projects SET closed_at = $2 WHERE id = $1";
        let query = sqlx::query(sql).bind(id.as_str()).bind(now.unix_timestamp());
        query.execute(&mut *change).await.map_err(DatabaseError::from)?;
        self.record(id, "project", Some("open".to_owned()), Some("closed".to_owned()), now)?;
        Ok(change.commit().await.map_err(DatabaseError::from)?)
    }

    /// All of them, closed ones too, by name.
    ///
    /// # Errors
    /// [`ProjectsError::Database`].
    pub async fn all(&self) -> Result<Vec<ProjectRecord>, ProjectsError> {
        Ok(all(&mut *self.database.read().await?).await?)
    }

    /// Those that somebody has grants for, or whose sites they administer; all of them for master administrators.
    ///
    /// # Errors
    /// [`GrantsError::Database`].
    pub async fn of(&self, user: &UserId, now: OffsetDateTime) -> Result<Vec<ProjectRecord>, GrantsError> {
        let mut connection = self.database.read().await?;
        let standing = grants::standing(&mut connection, user, now).await?;
        let sees = |project: &ProjectRecord| {
            standing.iter().any(|grant| match grant.claim.role {
                Role::MasterAdministrator => true,
                Role::SiteAdministrator => grant.claim.site.as_ref().is_some_and(|site| project.sites.contains(site)),
                _ => grant.claim.project.as_ref() == Some(&project.id),
            })
        };
        Ok(all(&mut connection).await?.into_iter().filter(sees).collect())
    }

    fn record(
        &self,
        project: &Project,
        what: &'static str,
        old: Option<String>,
        new: Option<String>,
        now: OffsetDateTime,
    ) -> Result<(), ProjectsError> {
        let event = Event::ProjectChanged { project: project.to_string(), what, old, new };
        Ok(self.audit.record(&event, now)?)
    }
}

/// The project of this name, closed or not.
pub(crate) async fn find(connection: &mut AnyConnection, id: &Project) -> Result<Option<ProjectRecord>, DatabaseError> {
    let sql = "SELECT * FROM projects WHERE id = $1";
    let row = sqlx::query(sql).bind(id.as_str()).fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

async fn all(connection: &mut AnyConnection) -> Result<Vec<ProjectRecord>, DatabaseError> {
    let rows = sqlx::query("SELECT * FROM projects ORDER BY id").fetch_all(connection).await?;
    rows.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<ProjectRecord, DatabaseError> {
    let invalid = |field| DatabaseError::Row { table: "projects", field };
    let (id, sites): (String, String) = (row.try_get("id")?, row.try_get("sites")?);
    let sites = sites.split_whitespace().map(|site| SiteId::new(site).map_err(|_| invalid("sites")));
    Ok(ProjectRecord {
        id: Project::new(&id).map_err(|_| invalid("id"))?,
        title: row.try_get("title")?,
        approval: row.try_get("approval")?,
        sites: sites.collect::<Result<_, _>>()?,
        until: row.try_get("until")?,
        closed_at: row.try_get("closed_at")?,
    })
}
