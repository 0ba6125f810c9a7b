//! `coda-hub isolate` and `coda-hub rejoin`: a site or a person is cut off while an incident is looked into.

use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use clap::{Args, Subcommand};
use coda_auth::{
    DatabaseAt, Stores,
    accounts::{AccountError, By},
};
use coda_coordinator::CoordinatorConfig;
use coda_model::{SiteId, UserId};
use coda_program::{Incident, Rejoining, isolate, keep, rejoin, settings};
use coda_runtime::{Clock as _, SystemClock};
use coda_service::Isolation;
use tokio::runtime::Runtime;

#[derive(Debug, Subcommand)]
pub(crate) enum Isolate {
    /// No query goes to the site from the next one on.
    Site(Site),
    /// The account is closed: no log-in, no token, its sessions over and its certificates revoked.
    User(User),
}

#[derive(Debug, Args)]
pub(crate) struct Site {
    /// The site.
    #[arg(value_parser = SiteId::new)]
    id: SiteId,
    /// The coordinator's configuration.
    #[arg(long, value_name = "FILE")]
    coordinator: PathBuf,
    #[command(flatten)]
    incident: Incident,
}

#[derive(Debug, Args)]
pub(crate) struct User {
    /// The account.
    #[arg(value_parser = UserId::new)]
    id: UserId,
    /// The auth server's configuration.
    #[arg(long, value_name = "FILE")]
    auth: PathBuf,
    #[command(flatten)]
    incident: Incident,
}

#[derive(Debug, Args)]
pub(crate) struct Rejoin {
    /// The site.
    #[arg(value_parser = SiteId::new)]
    id: SiteId,
    /// The coordinator's configuration.
    #[arg(long, value_name = "FILE")]
    coordinator: PathBuf,
    #[command(flatten)]
    why: Rejoining,
}

impl Isolate {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Site(site) => site.run(),
            Self::User(user) => user.run(),
        }
    }
}

impl Site {
    fn run(self) -> anyhow::Result<()> {
        let Self { id, coordinator: at, incident } = self;
        let coda_coordinator::config::Settings { listen: _, tls, coordinator: config } =
            settings("coordinator", &at, coda_coordinator::config::File::settings)?;
        known(&id, &config)?;
        let isolation = Isolation::beside(&config.audit, Some(&id));
        let files = [config.dictionary.as_path(), &at];
        isolate(&isolation, &format!("the site {id}"), &config.audit, &incident, &files, &tls)
    }
}

impl User {
    fn run(self) -> anyhow::Result<()> {
        let Self { id, auth: at, incident } = self;
        let read = settings("auth server", &at, coda_auth::config::File::settings)?;
        let (config, tls) = (read.auth, read.tls);
        let runtime = Runtime::new().context("cannot start the threads of the database")?;
        let closed = runtime.block_on(async {
            let stores = Stores::open(&config).await?;
            let outcome = stores.accounts.close(&id, &By::hub(SystemClock.now())).await;
            stores.close().await;
            match outcome {
                Err(AccountError::Unknown) => eprintln!("the account {id} is closed already, or was never open"),
                outcome => {
                    outcome?;
                    eprintln!(
                        "the account {id} is closed; every service refuses the certificates that it got here within a minute, and one that \
                         was signed by hand has no role"
                    );
                }
            }
            anyhow::Ok(())
        });
        coda_program::record_isolation(&config.audit, &format!("the account {id}"), &incident)?;
        let mut files = vec![at.as_path()];
        let waiting = match &config.database {
            DatabaseAt::File(path) => Some((path, PathBuf::from(format!("{}-wal", path.display())))),
            DatabaseAt::Postgres(_) => None,
        };
        if let Some((path, waiting)) = &waiting {
            files.extend([path.as_path(), waiting]);
        }
        keep(&incident.evidence, &config.audit, &files, &tls)?;
        // Told last: also where it failed, what was tried is on record and the evidence kept.
        closed
    }
}

/// A name with a slip in it would cut off nobody, and say that it did.
fn known(site: &SiteId, config: &CoordinatorConfig) -> anyhow::Result<()> {
    let names: Vec<_> = config.sites.iter().map(|(site, _)| site.as_str()).collect();
    ensure!(names.contains(&site.as_str()), "the coordinator has no site {site}; its sites are {}", names.join(", "));
    Ok(())
}

impl Rejoin {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self { id, coordinator: at, why } = self;
        let config = settings("coordinator", &at, coda_coordinator::config::File::settings)?.coordinator;
        known(&id, &config)?;
        rejoin(&Isolation::beside(&config.audit, Some(&id)), &format!("the site {id}"), &config.audit, &why)
    }
}
