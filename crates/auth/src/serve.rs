//! The services on their ports, and the stores behind them.

use std::{sync::Arc, time::Duration};

use coda_audit::{AuditError, AuditLog};
use coda_model::{Identity, UserId};
use coda_pki::{
    Credentials,
    authority::People,
    serve::{Limits, expect_identity, serve_with},
};
use coda_runtime::{Clock, Lifecycle, Stop};
use coda_service::{Guard, Intrusions, Keeper, LogService, causes, intrusions::Alarms, log::LogError, now, renewing};
use coda_wire::v1::{
    accounts_server::AccountsServer, auth_server::AuthServer, log_in_server::LogInServer, log_server::LogServer,
};
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tonic::service::Routes;

use crate::accounts::{AccountError, Accounts, By, Parts, Providers};
use crate::config::{AccountsConfig, AuthConfig};
use crate::database::{Database, DatabaseError};
use crate::grants::{Grants, GrantsError};
use crate::ocsp::{self, OcspError};
use crate::password::{Breached, BreachedError, HashError, Hasher, Rules};
use crate::post::{Gateway, Mail, Post, PostError};
use crate::projects::Projects;
use crate::provider::ProviderError;
use crate::revoked::Revoked;
use crate::service::{AccountsService, AuthService, Door, LogInService, Visitors};

/// A request is a name and a few words.
const LARGEST_REQUEST: usize = 64 * 1024;
/// A list of grants of a large network.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;
const LIMITS: Limits = Limits { request: Duration::from_secs(15), requests_per_connection: 16 };

/// Log-ins wait for their turn to be hashed, and for the mail server.
const OPEN_LIMITS: Limits = Limits { request: Duration::from_mins(1), requests_per_connection: 16 };

/// Why the auth server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The audit log.
    #[error("the audit log cannot be used")]
    Audit(#[from] AuditError),
    /// What others need to check the audit log.
    #[error("the audit log cannot be shown to witnesses")]
    Log(#[from] LogError),
    /// The database.
    #[error("the database cannot be used")]
    Database(#[from] DatabaseError),
    /// The grants.
    #[error("the grants cannot be used")]
    Grants(#[from] GrantsError),
    /// The accounts.
    #[error("the accounts cannot be used")]
    Accounts(#[from] AccountError),
    /// The authority for people.
    #[error("the authority for people cannot be used")]
    Authority(#[from] Box<coda_pki::AuthorityError>),
    /// The mail server or the gateway.
    #[error("codes cannot be sent")]
    Post(#[from] PostError),
    /// The provider of an institution.
    #[error("the provider of an [[institution]] cannot be used")]
    Provider(#[from] ProviderError),
    /// Passwords.
    #[error("passwords cannot be hashed")]
    Hash(#[from] HashError),
    /// The file of breached passwords.
    #[error("the breached passwords cannot be used")]
    Breached(#[from] BreachedError),
    /// The OCSP responder.
    #[error("the OCSP responder does not start")]
    Ocsp(#[from] Box<OcspError>),
    /// The revocation lists.
    #[error("the revocation lists cannot be used")]
    Revoked(#[from] coda_pki::RevocationError),
    /// The port.
    #[error("the auth server cannot serve")]
    Serve(#[from] coda_pki::serve::ServeError),
    /// TLS.
    #[error("TLS cannot be set up")]
    Tls(#[from] coda_pki::tls::TlsError),
}

/// The ports.
#[derive(Debug)]
pub struct Ports {
    /// For callers with a certificate.
    pub certificates: TcpListener,
    /// For people without one, who log in.
    pub open: TcpListener,
    /// For OCSP, where it is configured.
    pub ocsp: Option<TcpListener>,
}

/// The stores, without the services around them: for commands on the hub itself.
#[derive(Clone)]
pub struct Stores {
    /// Who has which role.
    pub grants: Grants,
    /// For what.
    pub projects: Projects,
    /// Who may log in.
    pub accounts: Accounts,
    audit: Arc<AuditLog>,
    people: Arc<People>,
}

impl Stores {
    /// Opens what the configuration names; a server may be running on the same.
    ///
    /// # Errors
    /// [`ServeError`].
    pub async fn open(config: &AuthConfig) -> Result<Self, ServeError> {
        let AccountsConfig { issuing, limits, breached, institutions, mail, sms, cost, coordinator: _, auth: _ } =
            &config.accounts;
        let audit = Arc::new(AuditLog::open_keeping(&config.audit, config.audit_years)?);
        let people = Arc::new(People::open(issuing).map_err(Box::new)?);
        let post = Post { mail: Mail::new(mail)?, gateway: sms.as_ref().map(Gateway::new).transpose()? };
        let breached = breached.as_deref().map(Breached::open).transpose()?;
        let database = Database::open(&config.database).await?;
        let accounts = Accounts::new(Parts {
            database: database.clone(),
            audit: audit.clone(),
            hasher: Hasher::new(*cost)?,
            rules: Rules { words: institutions.words(), breached },
            institutions: institutions.clone(),
            providers: Providers::new(institutions)?,
            post,
            limits: *limits,
            people: people.clone(),
            lists: config.revoked.clone(),
        });
        let projects = Projects::new(database.clone(), audit.clone());
        Ok(Self { grants: Grants::new(database, audit.clone()), projects, accounts, audit, people })
    }

    /// Names a master administrator, and opens an account where there is none. Returns its first password then.
    ///
    /// # Errors
    /// [`ServeError::Grants`], [`ServeError::Accounts`].
    pub async fn name_master(&self, user: &UserId, now: OffsetDateTime) -> Result<Option<String>, ServeError> {
        let opened = match self.accounts.open(user, None, &By::hub(now)).await {
            Ok(password) => Some(password),
            Err(AccountError::Exists) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(self.grants.bootstrap_master(user, now).await.map(|_| opened)?)
    }

    /// Ends with the last connection to the database closed.
    pub async fn close(&self) {
        self.grants.close().await;
    }
}

/// Serves on the ports until the stop of `lifecycle`; then requests under way have ten seconds to end.
///
/// # Errors
/// [`ServeError`]: certificate, audit log or database cannot be used, or the transport fails.
pub async fn serve(
    config: AuthConfig,
    clock: Arc<dyn Clock>,
    ports: Ports,
    credentials: Credentials,
    lifecycle: impl Into<Lifecycle>,
) -> Result<(), ServeError> {
    expect_identity(&credentials, Identity::Auth)?;
    let stores = Stores::open(&config).await?;
    let Stores { accounts, audit, .. } = stores.clone();
    let lifecycle = lifecycle.into();
    let party = renewing(&credentials, &clock, lifecycle.stop())?;
    let keeper = Arc::new(Keeper::open(&config.audit, audit.clone(), &party, clock.clone())?);
    accounts.renew_list(clock.now()).await?;
    let revoked = Arc::new(Revoked::new(config.revoked.clone(), credentials.roots().clone(), clock.clone()));
    revoked.take()?;
    let (intrusions, alarms) = Intrusions::open(&config.audit, config.audit_years)?;
    let guard = Guard::new(env!("CARGO_CRATE_NAME"), &credentials, audit, intrusions, clock.clone());
    let routes = |door: Door| {
        let auth = AuthService {
            door: door.clone(),
            grants: stores.grants.clone(),
            projects: stores.projects.clone(),
            accounts: accounts.clone(),
            party: party.clone(),
            token_life: config.token_life,
            revoked: revoked.clone(),
        };
        let AccountsConfig { coordinator, auth: address, .. } = config.accounts.clone();
        let service = AccountsService { door, accounts: accounts.clone(), coordinator, auth: address };
        let auth =
            AuthServer::new(auth).max_decoding_message_size(LARGEST_REQUEST).max_encoding_message_size(LARGEST_ANSWER);
        let service = AccountsServer::new(service);
        let service = service.max_decoding_message_size(LARGEST_REQUEST).max_encoding_message_size(LARGEST_ANSWER);
        Routes::new(auth).add_service(service)
    };
    let log_in = LogInService { guard: guard.clone(), accounts: accounts.clone(), visitors: Visitors::default() };
    let log_in = LogInServer::new(log_in).max_decoding_message_size(LARGEST_REQUEST);
    let open = routes(Door::sessions(guard.clone(), accounts.clone())).add_service(log_in);
    let stop = lifecycle.stop().clone();
    mail_alarms(alarms, accounts.clone(), clock.clone(), &stop);
    revoked.follow(&stop, &accounts);
    if let (Some(listener), Some(ocsp)) = (ports.ocsp, config.ocsp.clone()) {
        ocsp::follow(listener, ocsp, stores.people.clone(), credentials.clone(), now(&clock), &stop)
            .map_err(Box::new)?;
    }
    let config = party.open_server_config(now(&clock))?;
    let opened =
        serve_with(open, ports.open, config, credentials.roots(), OPEN_LIMITS, || stop.clone().into_requested());
    let log = LogServer::new(LogService::new(guard.clone(), keeper)).max_decoding_message_size(LARGEST_REQUEST);
    let closed = routes(Door::certificates(guard)).add_service(log);
    let served = coda_service::serve(closed, ports.certificates, &party, &clock, LIMITS, lifecycle);
    let outcome = tokio::try_join!(opened, served);
    stores.close().await;
    Ok(outcome.map(|_| ())?)
}

/// Mails the auth server's own alarms until `stop`.
fn mail_alarms(mut alarms: Alarms, accounts: Accounts, clock: Arc<dyn Clock>, stop: &Stop) {
    let stop = stop.clone();
    let mailing = async move {
        while let Some(alarm) = alarms.recv().await {
            if let Err(error) = accounts.tell_of(&Identity::Auth, alarm, clock.now()).await {
                tracing::error!(cause = causes(&error), "nobody was told of an alarm");
            }
        }
    };
    tokio::spawn(async move {
        tokio::select! {
            () = mailing => {}
            () = stop.requested() => {}
        }
    });
}
