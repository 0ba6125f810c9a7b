//! The service on its port.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use coda_audit::{AuditError, AuditLog};
use coda_client::{ClientError, Storage, link};
use coda_ledger::{Ledger, LedgerError};
use coda_model::{
    Identity,
    dictionary::{Dictionary, DictionaryError, ReleaseMode},
};
use coda_pki::{
    Credentials,
    connect::ConnectError,
    serve::{Limits, expect_identity},
};
use coda_runtime::{Clock, Lifecycle};
use coda_service::{
    Guard, Intrusions, Isolation, Keeper, LogService, intrusions, log::LogError, now, renewing, revocation::follow,
};
use coda_wire::v1::{compute_server::ComputeServer, log_server::LogServer};
use tokio::net::TcpListener;
use tonic::service::Routes;

use crate::{
    ComputeConfig,
    columns::Columns,
    policies::{Policies, PoliciesError},
    service::{ComputeService, Detached},
};

/// A signed query with its token.
const LARGEST_REQUEST: usize = 256 * 1024;
const LIMITS: Limits = Limits { request: Duration::from_mins(10), requests_per_connection: 64 };

/// What is left of requests whose callers have gone has so long to end.
const ENDING: Duration = Duration::from_secs(10);

/// Why the computation node does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A file cannot be read.
    #[error("cannot read {}", .0.display())]
    Read(PathBuf, #[source] std::io::Error),
    /// The dictionary is wrong.
    #[error("the dictionary {} is wrong", .0.display())]
    Dictionary(PathBuf, #[source] DictionaryError),
    /// The policy is wrong.
    #[error("the site's policy cannot be used")]
    Policy(#[from] PoliciesError),
    /// The ledger.
    #[error("the ledger cannot be used")]
    Ledger(#[from] LedgerError),
    /// The audit log.
    #[error("the audit log cannot be used")]
    Audit(#[from] AuditError),
    /// What others need to check the audit log.
    #[error("the audit log cannot be shown to witnesses")]
    Log(#[from] LogError),
    /// The connection to the storage node.
    #[error("the storage node cannot be called")]
    Storage(#[source] ClientError),
    /// The auth server, for revoked certificates.
    #[error(transparent)]
    Revocation(#[from] coda_service::revocation::RevocationError),
    /// The auth server, for alarms.
    #[error("alarms cannot be told to the auth server")]
    Alarms(#[source] ConnectError),
    /// The port.
    #[error("the computation node cannot serve")]
    Serve(#[from] coda_pki::serve::ServeError),
}

/// Serves on `listener` until the stop of `lifecycle`; then requests under way have ten seconds to end.
///
/// # Errors
/// [`ServeError`]: a file cannot be used, the certificate is another party's, or the transport fails.
pub async fn serve(
    config: ComputeConfig,
    clock: Arc<dyn Clock>,
    listener: TcpListener,
    credentials: Credentials,
    lifecycle: impl Into<Lifecycle>,
) -> Result<(), ServeError> {
    let ComputeConfig { site, storage, dictionary, policy, audit, audit_years, ledger, auth } = config;
    expect_identity(&credentials, Identity::Compute(site.clone()))?;
    let text = read(&dictionary)?;
    let digest = coda_pki::sha256(text.as_bytes());
    let dictionary = Dictionary::parse(&text).map_err(|error| ServeError::Dictionary(dictionary, error))?;
    for dataset in dictionary.datasets.iter().filter(|dataset| dataset.release == ReleaseMode::Exact) {
        tracing::warn!(dataset = %dataset.id, "the dictionary declares the data set public or synthetic: it is released exactly");
    }
    let policies = Policies::open(policy)?;
    let lifecycle = lifecycle.into();
    let credentials = follow(&auth, &credentials, &clock, lifecycle.stop()).await?;
    let party = renewing(&credentials, &clock, lifecycle.stop())?;
    let storage = link(&storage, Identity::Storage(site.clone()), &party, now(&clock)).map_err(ServeError::Storage)?;
    let path = audit;
    let audit = Arc::new(AuditLog::open_keeping(&path, audit_years)?);
    let keeper = Arc::new(Keeper::open(&path, audit.clone(), &party, clock.clone())?);
    let (intrusions, alarms) = Intrusions::open(&path, audit_years)?;
    intrusions::tell(alarms, &auth, &party, &clock, lifecycle.stop()).map_err(ServeError::Alarms)?;
    let guard = Guard::new(env!("CARGO_CRATE_NAME"), &credentials, audit, intrusions, clock.clone());
    let ledger = Ledger::open(&ledger, coda_ledger::Options::default()).await?;
    let service = Detached::new(ComputeService {
        guard: guard.clone(),
        isolation: Isolation::beside(&path, None),
        site,
        dictionary: Arc::new(dictionary),
        digest,
        party: party.clone(),
        policies,
        columns: Columns::new(Storage::new(storage), ledger.site_secret()),
        policy_secret: ledger.secret("policy"),
        secret: ledger.site_secret(),
        ledger: ledger.clone(),
        clock: clock.clone(),
    });
    let log = LogServer::new(LogService::new(guard, keeper)).max_decoding_message_size(LARGEST_REQUEST);
    let compute = ComputeServer::new(service.clone()).max_decoding_message_size(LARGEST_REQUEST);
    let routes = Routes::new(compute).add_service(log);
    let outcome = coda_service::serve(routes, listener, &party, &clock, LIMITS, lifecycle).await;
    service.end(ENDING).await;
    // All of it is then in the database file, which is what an administrator would copy.
    ledger.close().await;
    Ok(outcome?)
}

fn read(path: &Path) -> Result<String, ServeError> {
    std::fs::read_to_string(path).map_err(|error| ServeError::Read(path.to_owned(), error))
}
