//! Why the storage node does not answer, and what it says then.

use coda_audit::AuditError;
use coda_builds::BuildsError;
use coda_model::{BuildId, Identity, NameError, SiteId};
use coda_service::{CallerError, Failure, Reply, Unlikely};
use tokio::task::JoinError;
use tonic::Code;

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StorageError {
    #[error(transparent)]
    Caller(#[from] CallerError),
    #[error("{0} is not the site's own computation node")]
    NotOurs(Identity),
    #[error("the request has an invalid name")]
    Name(#[from] NameError),
    #[error("the request has an invalid column")]
    Column,
    #[error("there is no such build")]
    NoBuild,
    /// A folder of builds that was mixed up with another site's.
    #[error("the build {0} is one of the site {1}")]
    Foreign(BuildId, SiteId),
    #[error("the builds did not give it")]
    Builds(#[from] BuildsError),
    #[error("the answer was not given because it could not be recorded")]
    Audit(#[from] AuditError),
    #[error("the reading was interrupted")]
    Interrupted(#[from] JoinError),
}

impl Failure for StorageError {
    fn reply(&self) -> Reply {
        match self {
            Self::Caller(error) => error.reply(),
            Self::NotOurs(_) => Reply::unlikely(
                Code::PermissionDenied,
                Unlikely::NotOurs,
                "only the site's own computation node is served by its storage node",
            ),
            Self::Name(_) | Self::Column => Reply::refused(
                Code::InvalidArgument,
                "name",
                "the name of the data set, build, table or column is invalid",
            ),
            Self::NoBuild => Reply::refused(Code::NotFound, "no build", "the site has no such build"),
            Self::Builds(BuildsError::NoColumn { .. }) => {
                Reply::refused(Code::NotFound, "no column", "the build has no such column")
            }
            Self::Builds(BuildsError::Tampered { .. } | BuildsError::Changed { .. }) => {
                Reply::failed(Code::DataLoss, "build changed", "the build is not as it was published; build again")
            }
            Self::Builds(BuildsError::Format { .. }) => {
                Reply::failed(Code::FailedPrecondition, "build format", "the build is of another format; build again")
            }
            Self::Foreign(..) => unavailable("foreign build"),
            Self::Builds(_) => unavailable("builds"),
            Self::Audit(_) => unavailable("audit"),
            Self::Interrupted(_) => unavailable("stopping"),
        }
    }
}

fn unavailable(reason: &'static str) -> Reply {
    Reply::failed(Code::Unavailable, reason, "the storage node cannot do this now; its log says why")
}
