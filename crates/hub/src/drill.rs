//! `coda-hub revoke-drill`: how long each service still takes a certificate after it was revoked.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use coda_model::{Identity, UserId};
use coda_pki::{Algorithm, Credentials, Now, PrivateKey, authority::People, certificate, connect, tls};
use coda_program::settings;
use coda_runtime::{Clock as _, SystemClock};
use coda_wire::v1::{
    self, auth_client::AuthClient, compute_client::ComputeClient, coordinator_client::CoordinatorClient,
};
use tokio::runtime::Runtime;
use tonic::{Code, Status, transport::Channel};

/// Whom the throw-away certificate names. There is no such account.
const NOBODY: &str = "revoke-drill";
/// How long the revocation list is good, as the auth server signs it.
const LIST: time::Duration = time::Duration::days(7);
/// A revoked certificate must be refused within this.
const LIMIT: Duration = Duration::from_mins(1);

#[derive(Debug, Args)]
pub(crate) struct Drill {
    /// The auth server's configuration.
    #[arg(long, value_name = "FILE")]
    auth: PathBuf,
    /// The coordinator's configuration, for the sites.
    #[arg(long, value_name = "FILE")]
    coordinator: PathBuf,
}

/// A service that is tried.
struct Target {
    peer: Identity,
    channel: Channel,
}

impl Drill {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        Runtime::new().context("cannot start threads")?.block_on(self.go())
    }

    async fn go(self) -> anyhow::Result<()> {
        let auth = settings("auth server", &self.auth, coda_auth::config::File::settings)?;
        let coordinator = settings("coordinator", &self.coordinator, coda_coordinator::config::File::settings)?;
        let now: Now = Arc::new(|| SystemClock.now());
        let roots = auth.tls.load(now())?.roots().clone();
        let people = People::open(&auth.auth.accounts.issuing)?;
        let (user, key) = (UserId::new(NOBODY)?, PrivateKey::generate(Algorithm::P256)?);
        let request = key.request(&Identity::User(user.clone()))?;
        let chain = people.issue(&request, &user, time::Duration::hours(1), now())?;
        let own = Credentials::from_pem(&chain, key, roots, now())?;

        let accounts = &auth.auth.accounts;
        let mut places =
            vec![(Identity::Auth, accounts.auth.clone()), (Identity::Coordinator, accounts.coordinator.clone())];
        places.extend(coordinator.coordinator.sites.into_iter().map(|(site, at)| (Identity::Compute(site), at)));
        let mut targets = Vec::new();
        for (peer, address) in places {
            let config = tls::client_config(&own, peer.clone(), now.clone())?;
            let target = Target { peer, channel: connect::channel(&address, config, connect::Timeouts::default())? };
            match target.refused().await {
                Ok(false) => targets.push(target),
                Ok(true) => bail!("{} refuses the certificate before it is revoked", target.peer),
                Err(status) => bail!("{} is not reached ({:?})", target.peer, status.code()),
            }
        }
        let serial = certificate::details(&chain)?.serial;
        people.renew_list(&auth.auth.revoked, &[serial], LIST, now())?;
        eprintln!("a throw-away certificate is revoked; each service is tried every second");
        let revoked = Instant::now();
        let tried = futures::future::join_all(targets.into_iter().map(|target| target.watched(revoked))).await;
        let late = tried.iter().filter(|took| took.is_none_or(|took| took > LIMIT)).count();
        ensure!(late == 0, "{late} services still took it after {} seconds", LIMIT.as_secs());
        Ok(())
    }
}

impl Target {
    /// How long it took until the certificate was refused; none after twice the limit.
    async fn watched(self, revoked: Instant) -> Option<Duration> {
        while revoked.elapsed() < 2 * LIMIT {
            if matches!(self.refused().await, Ok(true)) {
                let took = revoked.elapsed();
                println!("{}: refused after {:.0} s", self.peer, took.as_secs_f64());
                return Some(took);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        println!("{}: still taken", self.peer);
        None
    }

    /// Whether the certificate is refused. A person may not do what is asked here; that is another refusal.
    async fn refused(&self) -> Result<bool, Status> {
        let channel = self.channel.clone();
        let outcome = match &self.peer {
            Identity::Auth => AuthClient::new(channel).list_grants(v1::ListGrantsRequest {}).await.map(drop),
            Identity::Coordinator => {
                CoordinatorClient::new(channel).describe(v1::DescribeRequest::default()).await.map(drop)
            }
            _ => ComputeClient::new(channel).answer(v1::Request::default()).await.map(drop),
        };
        match outcome {
            Err(status) if status.code() == Code::Unauthenticated => Ok(true),
            // Over a new connection it is the handshake that is refused, which looks like any that fails; this one stays open.
            Err(status) if matches!(status.code(), Code::Unavailable | Code::Unknown | Code::Cancelled) => Err(status),
            Ok(()) | Err(_) => Ok(false),
        }
    }
}
