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
    /// The approved project; may be empty.
    pub project: String,
    /// First second without the role, since 1970; 0 for no end.
    pub until: i64,
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
}

/// The grants that the caller administers or has.
pub type Grants = Vec<Grant>;

impl Hub {
    /// Gives a person a role; returns the grant's name.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn grant(&self, new: NewGrant) -> Result<String, ClientError> {
        let NewGrant { user, role, site, extra, project, until } = new;
        let request = v1::GrantRequest { user, role, site, extra, project, until };
        let reply = self.auth().grant(request).await;
        Ok(reply.map_err(|status| self.auth.error(status))?.into_inner().id)
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
    let v1::GrantRecord { id, user, role, site, extra, project, granted_by, granted_at, until, revoked_at, revoked_by } =
        record;
    Grant { id, user, role, site, extra, project, granted_by, granted_at, until, revoked_at, revoked_by }
}
