//! Why the storage node does not answer, and what it says then.

use coda_audit::AuditError;
use coda_builds::BuildsError;
use coda_model::{BuildId, Identity, NameError, SiteId};
use coda_pki::PeerError;
use tokio::task::JoinError;
use tonic::{Code, Status};

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StorageError {
    #[error("the caller has no identity")]
    Peer(#[from] PeerError),
    /// The certificate was valid when the connection was made, and is no longer.
    #[error("the caller's certificate is not valid now")]
    Certificate(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("{0} is not the site's own computation node")]
    NotOurs(Identity),
    #[error("the request has an unlawful name")]
    Name(#[from] NameError),
    #[error("the request has an unlawful column")]
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

/// What is said when it is the node's own fault.
const UNAVAILABLE: &str = "the storage node cannot do this now; its log says why";

/// What the caller is told. The only place where an error of this service becomes an answer.
pub(crate) fn told(error: &StorageError) -> (Code, &'static str) {
    match error {
        StorageError::Peer(_) => (Code::Unauthenticated, "the connection does not say who you are"),
        StorageError::Certificate(_) => (Code::Unauthenticated, "your certificate is no longer valid; renew it"),
        StorageError::NotOurs(_) => {
            (Code::PermissionDenied, "only the site's own computation node is served by its storage node")
        }
        StorageError::Name(_) | StorageError::Column => {
            (Code::InvalidArgument, "the name of the data set, build, table or column is not lawful")
        }
        StorageError::NoBuild => (Code::NotFound, "the site has no such build"),
        StorageError::Builds(BuildsError::NoColumn { .. }) => (Code::NotFound, "the build has no such column"),
        StorageError::Builds(BuildsError::Tampered { .. } | BuildsError::Changed { .. }) => {
            (Code::DataLoss, "the build is not as it was published; build again")
        }
        StorageError::Builds(BuildsError::Format { .. }) => {
            (Code::FailedPrecondition, "the build is of another format; build again")
        }
        StorageError::Foreign(..) | StorageError::Builds(_) | StorageError::Audit(_) | StorageError::Interrupted(_) => {
            (Code::Unavailable, UNAVAILABLE)
        }
    }
}

pub(crate) fn unavailable() -> Status {
    Status::new(Code::Unavailable, UNAVAILABLE)
}
