//! The service on its port.

use std::{sync::Arc, time::Duration};

use coda_audit::{AuditError, AuditLog};
use coda_builds::{Builds, BuildsError};
use coda_model::Identity;
use coda_pki::{
    Credentials,
    connect::ConnectError,
    serve::{Limits, expect_identity},
};
use coda_runtime::{Clock, Lifecycle};
use coda_service::{Guard, Intrusions, intrusions, renewing, revocation::follow};
use coda_wire::v1::storage_server::StorageServer;
use tokio::net::TcpListener;
use tonic::service::Routes;

use crate::config::StorageConfig;
use crate::service::StorageService;

/// A request is a few names.
const LARGEST_REQUEST: usize = 4 * 1024;
/// The time is for the reading of a column, before its first byte goes out. Each column that is on its way stays in memory
/// until it is out, hence few at a time.
const LIMITS: Limits = Limits { request: Duration::from_mins(1), requests_per_connection: 8 };

/// Why the storage node does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The folder of builds.
    #[error("the builds cannot be used")]
    Builds(#[from] BuildsError),
    /// The audit log.
    #[error("the audit log cannot be used")]
    Audit(#[from] AuditError),
    /// The auth server, for revoked certificates.
    #[error(transparent)]
    Revocation(#[from] coda_service::revocation::RevocationError),
    /// The auth server, for alarms.
    #[error("alarms cannot be told to the auth server")]
    Alarms(#[source] ConnectError),
    /// The port.
    #[error("the storage node cannot serve")]
    Serve(#[from] coda_pki::serve::ServeError),
}

/// Serves on `listener` until the stop of `lifecycle`; then requests under way have ten seconds to end.
///
/// # Errors
/// [`ServeError`]: certificate, builds or audit log cannot be used, or the transport fails.
pub async fn serve(
    config: StorageConfig,
    clock: Arc<dyn Clock>,
    listener: TcpListener,
    credentials: Credentials,
    lifecycle: impl Into<Lifecycle>,
) -> Result<(), ServeError> {
    let StorageConfig { site, builds, audit: path, audit_years, auth } = config;
    expect_identity(&credentials, Identity::Storage(site.clone()))?;
    let builds = Builds::open(builds)?;
    let audit = Arc::new(AuditLog::open_keeping(&path, audit_years)?);
    let (intrusions, alarms) = Intrusions::open(&path, audit_years)?;
    let lifecycle = lifecycle.into();
    let credentials = follow(&auth, &credentials, &clock, lifecycle.stop()).await?;
    let party = renewing(&credentials, &clock, lifecycle.stop())?;
    intrusions::tell(alarms, &auth, &party, &clock, lifecycle.stop()).map_err(ServeError::Alarms)?;
    let guard = Guard::new(env!("CARGO_CRATE_NAME"), &credentials, audit, intrusions, clock.clone());
    let service = StorageServer::new(StorageService { guard, site, builds });
    let routes = Routes::new(service.max_decoding_message_size(LARGEST_REQUEST));
    Ok(coda_service::serve(routes, listener, &party, &clock, LIMITS, lifecycle).await?)
}
