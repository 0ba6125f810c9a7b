//! The service on its port, and the two commands that work on the hub itself.

use std::{sync::Arc, time::Duration};

use coda_audit::{AuditError, AuditLog};
use coda_model::{Identity, UserId};
use coda_pki::{
    Credentials,
    serve::{Limits, expect_identity},
};
use coda_runtime::{Clock, Lifecycle};
use coda_service::Guard;
use coda_wire::v1::auth_server::AuthServer;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tonic::service::Routes;

use crate::config::AuthConfig;
use crate::grants::{Grant, Grants, GrantsError};
use crate::revoked::Revoked;
use crate::service::AuthService;

/// A request is a name and a few words.
const LARGEST_REQUEST: usize = 64 * 1024;
/// A list of grants of a large network.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;
const LIMITS: Limits = Limits { request: Duration::from_secs(15), requests_per_connection: 16 };

/// Why the auth server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The audit log.
    #[error("the audit log cannot be used")]
    Audit(#[from] AuditError),
    /// The grants.
    #[error("the grants cannot be used")]
    Grants(#[from] GrantsError),
    /// The revocation lists.
    #[error("the revocation lists cannot be used")]
    Revoked(#[from] coda_pki::RevocationError),
    /// The port.
    #[error("the auth server cannot serve")]
    Serve(#[from] coda_pki::serve::ServeError),
}

/// Serves on `listener` until the stop of `lifecycle`; then requests under way have ten seconds to end.
///
/// # Errors
/// [`ServeError`]: certificate, audit log or database cannot be used, or the transport fails.
pub async fn serve(
    config: AuthConfig,
    clock: Arc<dyn Clock>,
    listener: TcpListener,
    credentials: Credentials,
    lifecycle: impl Into<Lifecycle>,
) -> Result<(), ServeError> {
    expect_identity(&credentials, Identity::Auth)?;
    let AuthConfig { database, audit, revoked, token_life } = config;
    let revoked = Arc::new(Revoked::new(revoked, credentials.roots().clone(), clock.clone()));
    revoked.take()?;
    let audit = Arc::new(AuditLog::open(&audit)?);
    let grants = Grants::open(&database, audit.clone()).await?;
    let guard = Guard::new(env!("CARGO_CRATE_NAME"), &credentials, audit, clock.clone());
    let service = AuthService {
        guard,
        grants: grants.clone(),
        credentials: credentials.clone(),
        token_life,
        revoked: revoked.clone(),
    };
    let service =
        AuthServer::new(service).max_decoding_message_size(LARGEST_REQUEST).max_encoding_message_size(LARGEST_ANSWER);
    let (routes, lifecycle) = (Routes::new(service), lifecycle.into());
    revoked.follow(lifecycle.stop());
    let outcome = coda_service::serve(routes, listener, &credentials, &clock, LIMITS, lifecycle).await;
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
