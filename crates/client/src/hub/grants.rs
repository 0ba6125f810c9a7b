//! Grants, as administrators make and end them and everybody reads their own.

use coda_wire::v1;

use super::Hub;
use crate::ClientError;

/// A grant to be made. Words are checked by the auth server.
#[derive(Debug, Clone, Default)]
pub struct NewGrant {
    /// Who gets it.
    pub user: String,
    /// The role.
    pub role: String,
    /// The site; empty for roles over the whole network.
    pub site: String,
    /// Permissions added to the role.
    pub extra: Vec<String>,
    /// The approved project; empty for roles that administer.
    pub project: String,
    /// First second without the role, since 1970; 0 for the end of the project, or of a year.
    pub until: i64,
    /// Why it is given.
    pub reason: String,
}

/// A grant with its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its name.
    pub id: String,
    /// Who has it.
    pub user: String,
    /// The role.
    pub role: String,
    /// The site; empty for roles over the whole network.
    pub site: String,
    /// Permissions added to the role.
    pub extra: Vec<String>,
    /// The approved project.
    pub project: String,
    /// Who made it.
    pub granted_by: String,
    /// When, in seconds since 1970.
    pub granted_at: i64,
    /// Until when; 0 for no end.
    pub until: i64,
    /// When it was revoked; 0 while it stands.
    pub revoked_at: i64,
    /// By whom.
    pub revoked_by: String,
    /// Why it was made.
    pub reason: String,
}

/// An approved project. Times are seconds since 1970, 0 for never.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// What it is called in queries and grants.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// The number or name of the approval.
    pub approval: String,
    /// The sites that it is approved for.
    pub sites: Vec<String>,
    /// The first second without it.
    pub until: i64,
    /// When it was closed.
    pub closed_at: i64,
}

/// The grants that the caller administers or has.
pub type Grants = Vec<Grant>;

impl Hub {
    /// Gives a person a role.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn grant(&self, new: NewGrant) -> Result<Grant, ClientError> {
        let NewGrant { user, role, site, extra, project, until, reason } = new;
        let request = v1::GrantRequest { user, role, site, extra, project, until, reason };
        let reply = self.auth().grant(request).await;
        Ok(read(reply.map_err(|status| self.auth.error(status))?.into_inner().grant.unwrap_or_default()))
    }

    /// The projects of the caller's grants, and of the sites that the caller administers.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn projects(&self) -> Result<Vec<Project>, ClientError> {
        let reply = self.auth().list_projects(v1::ListProjectsRequest {}).await;
        let v1::ListProjectsReply { projects } = reply.map_err(|status| self.auth.error(status))?.into_inner();
        let read = |v1::ProjectRecord { id, title, approval, sites, until, closed_at }| Project {
            id,
            title,
            approval,
            sites,
            until,
            closed_at,
        };
        Ok(projects.into_iter().map(read).collect())
    }

    /// Ends a grant.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn revoke(&self, id: String) -> Result<(), ClientError> {
        let reply = self.auth().revoke(v1::RevokeRequest { id }).await;
        reply.map_err(|status| self.auth.error(status)).map(|_| ())
    }

    /// The grants that the caller administers or has.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn grants(&self) -> Result<Grants, ClientError> {
        let reply = self.auth().list_grants(v1::ListGrantsRequest {}).await;
        let v1::ListGrantsReply { grants } = reply.map_err(|status| self.auth.error(status))?.into_inner();
        Ok(grants.into_iter().map(read).collect())
    }
}

fn read(record: v1::GrantRecord) -> Grant {
    let v1::GrantRecord {
        id,
        user,
        role,
        site,
        extra,
        project,
        granted_by,
        granted_at,
        until,
        revoked_at,
        revoked_by,
        reason,
    } = record;
    Grant { id, user, role, site, extra, project, granted_by, granted_at, until, revoked_at, revoked_by, reason }
}
