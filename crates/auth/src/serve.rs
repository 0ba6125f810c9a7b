//! The service on its port, and the two commands that work on the hub itself.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use coda_audit::{AuditError, AuditLog};
use coda_model::{Identity, UserId};
use coda_pki::tls::{TlsError, server_config};
use coda_pki::{Credentials, Now, accept};
use coda_runtime::{Clock, Stop};
use coda_wire::v1::auth_server::AuthServer;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tonic::transport::Server;

use crate::config::AuthConfig;
use crate::grants::{Grant, Grants, GrantsError};
use crate::service::AuthService;

/// A request is a name and a few words.
const LARGEST_REQUEST: usize = 64 * 1024;
/// A list of grants of a large network.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;
const LARGEST_HEADERS: u32 = 16 * 1024;
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
const REQUESTS_PER_CONNECTION: u32 = 16;
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// How long requests under way may take when the server is asked to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Why the auth server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The certificate is another party's.
    #[error("the certificate is that of {0}, and the auth server is {auth}", auth = Identity::Auth)]
    Identity(Identity),
    /// The audit log.
    #[error("the audit log cannot be used")]
    Audit(#[from] AuditError),
    /// The grants.
    #[error("the grants cannot be used")]
    Grants(#[from] GrantsError),
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
/// [`ServeError`]: certificate, audit log or database cannot be used, or the transport fails.
pub async fn serve(
    config: AuthConfig,
    clock: Arc<dyn Clock>,
    listener: TcpListener,
    credentials: Credentials,
    stop: Stop,
) -> Result<(), ServeError> {
    if *credentials.identity() != Identity::Auth {
        return Err(ServeError::Identity(credentials.identity().clone()));
    }
    let AuthConfig { database, audit, token_life } = config;
    let audit = Arc::new(AuditLog::open(&audit)?);
    let grants = Grants::open(&database, audit.clone()).await?;
    let now: Now = {
        let clock = clock.clone();
        Arc::new(move || clock.now())
    };
    let incoming = accept::incoming(listener, Arc::new(ArcSwap::from(server_config(&credentials, now)?)));
    let service = AuthService { grants: grants.clone(), audit, credentials, clock, token_life };
    let service =
        AuthServer::new(service).max_decoding_message_size(LARGEST_REQUEST).max_encoding_message_size(LARGEST_ANSWER);
    let serving = Server::builder()
        .timeout(REQUEST_TIMEOUT)
        .concurrency_limit_per_connection(REQUESTS_PER_CONNECTION as usize)
        .max_concurrent_streams(REQUESTS_PER_CONNECTION)
        .http2_max_header_list_size(LARGEST_HEADERS)
        .http2_keepalive_interval(Some(KEEP_ALIVE))
        .add_service(service)
        .serve_with_incoming_shutdown(incoming, stop.clone().into_requested());
    let outcome = tokio::select! {
        outcome = serving => outcome,
        () = async { stop.requested().await; tokio::time::sleep(DRAIN).await } => Ok(()),
    };
    grants.close().await;
    Ok(outcome?)
}

/// Names a master administrator, on the hub itself; the server may be running.
///
/// # Errors
/// [`ServeError::Audit`], [`ServeError::Grants`].
pub async fn name_master(config: &AuthConfig, user: &UserId, now: OffsetDateTime) -> Result<Grant, ServeError> {
    let grants = local(config).await?;
    let outcome = grants.bootstrap_master(user, now).await;
    grants.close().await;
    Ok(outcome?)
}

/// Ends a master administrator's role, on the hub itself; the server may be running.
///
/// # Errors
/// [`ServeError::Audit`], [`ServeError::Grants`].
pub async fn remove_master(config: &AuthConfig, user: &UserId, now: OffsetDateTime) -> Result<(), ServeError> {
    let grants = local(config).await?;
    let outcome = grants.remove_master(user, now).await;
    grants.close().await;
    Ok(outcome?)
}

async fn local(config: &AuthConfig) -> Result<Grants, ServeError> {
    let audit = Arc::new(AuditLog::open(&config.audit)?);
    Ok(Grants::open(&config.database, audit).await?)
}
