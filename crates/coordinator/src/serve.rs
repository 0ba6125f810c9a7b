//! The service on its port.

use std::{path::PathBuf, sync::Arc, time::Duration};

use coda_audit::{AuditError, AuditLog};
use coda_client::{ClientError, Compute, Link, Log, link};
use coda_model::{
    Identity,
    dictionary::{Dictionary, DictionaryError},
};
use coda_pki::{
    Credentials,
    connect::ConnectError,
    serve::{Limits, expect_identity},
};
use coda_runtime::{Clock, Lifecycle};
use coda_service::{Guard, Intrusions, Keeper, intrusions, log::LogError, now, renewing, revocation::follow};
use coda_wire::v1::coordinator_server::CoordinatorServer;
use tokio::net::TcpListener;
use tonic::service::Routes;

use crate::{
    CoordinatorConfig,
    service::{Coordinator, CoordinatorService},
    witnessing::Witnessing,
};

/// A signed query with its token.
const LARGEST_REQUEST: usize = 256 * 1024;
const LIMITS: Limits = Limits { request: Duration::from_mins(10), requests_per_connection: 16 };

/// Why the coordinator does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The dictionary cannot be read.
    #[error("cannot read {}", .0.display())]
    Read(PathBuf, #[source] std::io::Error),
    /// The dictionary is wrong.
    #[error("the dictionary {} is wrong", .0.display())]
    Dictionary(PathBuf, #[source] DictionaryError),
    /// The audit log.
    #[error("the audit log cannot be used")]
    Audit(#[from] AuditError),
    /// What others need to check the audit log.
    #[error("the audit log cannot be shown to witnesses")]
    Log(#[from] LogError),
    /// The connection to a site.
    #[error("a site cannot be called")]
    Site(#[source] ClientError),
    /// The auth server, for revoked certificates.
    #[error(transparent)]
    Revocation(#[from] coda_service::revocation::RevocationError),
    /// The auth server, for alarms.
    #[error("alarms cannot be told to the auth server")]
    Alarms(#[source] ConnectError),
    /// The port.
    #[error("the coordinator cannot serve")]
    Serve(#[from] coda_pki::serve::ServeError),
}

/// Serves on `listener` until the stop of `lifecycle`; queries under way are then refused cleanly.
///
/// # Errors
/// [`ServeError`]: a file cannot be used, the certificate is another party's, or the transport fails.
pub async fn serve(
    config: CoordinatorConfig,
    clock: Arc<dyn Clock>,
    listener: TcpListener,
    credentials: Credentials,
    lifecycle: impl Into<Lifecycle>,
) -> Result<(), ServeError> {
    let CoordinatorConfig { dictionary: path, audit: log, audit_years, deadline, auth, sites, checkpoints } = config;
    expect_identity(&credentials, Identity::Coordinator)?;
    let text = std::fs::read_to_string(&path).map_err(|error| ServeError::Read(path.clone(), error))?;
    let dictionary = Dictionary::parse(&text).map_err(|error| ServeError::Dictionary(path, error))?;
    let lifecycle = lifecycle.into();
    let credentials = follow(&auth, &credentials, &clock, lifecycle.stop()).await?;
    let party = renewing(&credentials, &clock, lifecycle.stop())?;
    let now = now(&clock);
    let order = sites.iter().map(|(site, _)| site.clone()).collect();
    let connect = |(site, address): (coda_model::SiteId, String)| {
        let link = link(&address, Identity::Compute(site.clone()), &party, now.clone())?;
        Ok((site, link))
    };
    let links = sites.into_iter().map(connect).collect::<Result<Vec<_>, _>>().map_err(ServeError::Site)?;
    let audit = Arc::new(AuditLog::open_keeping(&log, audit_years)?);
    let (intrusions, alarms) = Intrusions::open(&log, audit_years)?;
    let keeper = Arc::new(Keeper::open(&log, audit.clone(), &party, clock.clone())?);
    intrusions::tell(alarms, &auth, &party, &clock, lifecycle.stop()).map_err(ServeError::Alarms)?;
    let to_auth = link(&auth.address, Identity::Auth, &party, now.clone()).map_err(ServeError::Site)?;
    let logs = links.iter().map(|(site, link)| (site.clone(), Log::new(link.clone()))).collect();
    Witnessing::new(keeper.clone(), Log::new(to_auth), logs).follow(checkpoints, lifecycle.stop());
    let compute = |(site, link): (coda_model::SiteId, Link)| {
        (site.clone(), Compute::new(link, site, credentials.roots().clone(), now.clone()))
    };
    let coordinator = Coordinator {
        dictionary,
        digest: coda_pki::sha256(text.as_bytes()),
        text,
        order,
        sites: links.into_iter().map(compute).collect(),
        deadline,
        guard: Guard::new(env!("CARGO_CRATE_NAME"), &credentials, audit, intrusions, clock.clone()),
        keeper,
        audit: log,
        stop: lifecycle.stop().clone(),
    };
    let service = CoordinatorServer::new(CoordinatorService(Arc::new(coordinator)));
    let routes = Routes::new(service.max_decoding_message_size(LARGEST_REQUEST));
    Ok(coda_service::serve(routes, listener, &party, &clock, LIMITS, lifecycle).await?)
}
