//! What can go wrong with grants.

use coda_audit::AuditError;
use coda_policy::GrantRefusal;

use crate::database::DatabaseError;

/// Why a grant was not made, ended or read.
#[derive(Debug, thiserror::Error)]
pub enum GrantsError {
    /// The database.
    #[error("the database of grants cannot be used")]
    Database(#[from] DatabaseError),
    /// The change was not recorded, so it was not made.
    #[error("the change was not made because it could not be recorded")]
    Audit(#[from] AuditError),
    /// Who asks may not do this.
    #[error("the rules for granting refuse this")]
    Refused(#[from] GrantRefusal),
    /// The person has this role here for this project already.
    #[error("the person has this role already")]
    Standing,
    /// The person has no account.
    #[error("the person has no account")]
    NoAccount,
    /// A role with access to data, and no project.
    #[error("a role with access to data is given for a project")]
    NoProject,
    /// A role that administers, and a project.
    #[error("a role that administers is given for no project")]
    ProjectOfAdministrator,
    /// There is no such project, or it is over.
    #[error("there is no such project, or it is over")]
    UnknownProject,
    /// The project has not this site.
    #[error("the project has not this site")]
    OtherSites,
    /// The grant would outlive the project.
    #[error("the grant would outlive its project")]
    BeyondProject,
    /// It ends before it begins.
    #[error("the grant would be over before it begins")]
    Over,
    /// There is no such grant, or it was ended before.
    #[error("no standing grant has this id")]
    Unknown,
}

impl From<sqlx::Error> for GrantsError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}
