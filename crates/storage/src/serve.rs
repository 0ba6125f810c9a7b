//! The service on its port.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use coda_audit::{AuditError, AuditLog};
use coda_builds::{Builds, BuildsError};
use coda_model::Identity;
use coda_pki::tls::{TlsError, server_config};
use coda_pki::{Credentials, Now, accept};
use coda_runtime::{Clock, Stop};
use coda_wire::v1::storage_server::StorageServer;
use tokio::net::TcpListener;
use tonic::transport::Server;

use crate::config::StorageConfig;
use crate::service::StorageService;

/// A request is a few names.
const LARGEST_REQUEST: usize = 4 * 1024;
const LARGEST_HEADERS: u32 = 16 * 1024;
/// For the reading of a column, before its first byte goes out.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);
/// Each column that is on its way stays in memory until it is out.
const COLUMNS_PER_CONNECTION: u32 = 8;
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// How long requests under way may take when the node is asked to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Why the storage node does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The certificate is another party's.
    #[error("the certificate is that of {found}, and this is {expected}")]
    Identity {
        /// Whose it is.
        found: Identity,
        /// Whose it should be.
        expected: Identity,
    },
    /// The folder of builds.
    #[error("the builds cannot be used")]
    Builds(#[from] BuildsError),
    /// The audit log.
    #[error("the audit log cannot be used")]
    Audit(#[from] AuditError),
    /// TLS.
    #[error("TLS cannot be set up")]
    Tls(#[from] TlsError),
    /// The transport.
    #[error("serving failed")]
    Transport(#[from] tonic::transport::Error),
}

/// Serves on `listener` until `stop`; then requests under way have ten seconds to end.
///
/// # Errors
/// [`ServeError`]: certificate, builds or audit log cannot be used, or the transport fails.
pub async fn serve(
    config: StorageConfig,
    clock: Arc<dyn Clock>,
    listener: TcpListener,
    credentials: Credentials,
    stop: Stop,
) -> Result<(), ServeError> {
    let StorageConfig { site, builds, audit } = config;
    let expected = Identity::Storage(site.clone());
    if *credentials.identity() != expected {
        return Err(ServeError::Identity { found: credentials.identity().clone(), expected });
    }
    let (builds, audit) = (Builds::open(builds)?, Arc::new(AuditLog::open(&audit)?));
    let now: Now = {
        let clock = clock.clone();
        Arc::new(move || clock.now())
    };
    let incoming = accept::incoming(listener, Arc::new(ArcSwap::from(server_config(&credentials, now)?)));
    let service = StorageService { site, builds, roots: credentials.roots().clone(), audit, clock };
    let serving = Server::builder()
        .timeout(REQUEST_TIMEOUT)
        .concurrency_limit_per_connection(COLUMNS_PER_CONNECTION as usize)
        .max_concurrent_streams(COLUMNS_PER_CONNECTION)
        .http2_max_header_list_size(LARGEST_HEADERS)
        .http2_keepalive_interval(Some(KEEP_ALIVE))
        .add_service(StorageServer::new(service).max_decoding_message_size(LARGEST_REQUEST))
        .serve_with_incoming_shutdown(incoming, stop.clone().into_requested());
    let outcome = tokio::select! {
        outcome = serving => outcome,
        () = async { stop.requested().await; tokio::time::sleep(DRAIN).await } => Ok(()),
    };
    Ok(outcome?)
}
