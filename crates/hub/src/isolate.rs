//! `coda-hub isolate` and `coda-hub rejoin`: a site or a person is cut off while an incident is looked into.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use coda_auth::{
    DatabaseAt, Stores,
    accounts::{AccountError, By},
};
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
        let read = settings("coordinator", &at, coda_coordinator::config::File::settings)?;
        let (config, own) = (read.coordinator, read.tls.load(SystemClock.now())?);
        let isolation = Isolation::beside(&config.audit, Some(&id));
        let [hashes, cosigned] = ["hashes", "cosigned"].map(|end| config.audit.with_added_extension(end));
        let files = [config.audit.as_path(), &hashes, &cosigned, &config.dictionary, &at];
        isolate(&isolation, &format!("the site {id}"), &config.audit, &incident, &files, &own)
    }
}

impl User {
    fn run(self) -> anyhow::Result<()> {
        let Self { id, auth: at, incident } = self;
        let read = settings("auth server", &at, coda_auth::config::File::settings)?;
        let (config, own) = (read.auth, read.tls.load(SystemClock.now())?);
        let runtime = Runtime::new().context("cannot start the threads of the database")?;
        runtime.block_on(async {
            let stores = Stores::open(&config).await?;
            let outcome = stores.accounts.close(&id, &By::hub(SystemClock.now())).await;
            stores.close().await;
            match outcome {
                Err(AccountError::Unknown) => eprintln!("the account {id} is closed already, or was never open"),
                outcome => {
                    outcome?;
                    eprintln!("the account {id} is closed; every service refuses its certificates within a minute");
                }
            }
            anyhow::Ok(())
        })?;
        coda_program::record_isolation(&config.audit, &format!("the account {id}"), &incident)?;
        let [hashes, cosigned] = ["hashes", "cosigned"].map(|end| config.audit.with_added_extension(end));
        let mut files = vec![config.audit.as_path(), &hashes, &cosigned, &at];
        let waiting = match &config.database {
            DatabaseAt::File(path) => Some((path, PathBuf::from(format!("{}-wal", path.display())))),
            DatabaseAt::Postgres(_) => None,
        };
        if let Some((path, waiting)) = &waiting {
            files.extend([path.as_path(), waiting]);
        }
        keep(&incident.evidence, &files, &own)
    }
}

impl Rejoin {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self { id, coordinator: at, why } = self;
        let config = settings("coordinator", &at, coda_coordinator::config::File::settings)?.coordinator;
        rejoin(&Isolation::beside(&config.audit, Some(&id)), &format!("the site {id}"), &config.audit, &why)
    }
}
