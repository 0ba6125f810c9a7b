//! `coda-hub name-master` and `coda-hub remove-master`: the one role that nobody in the network can grant.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use coda_auth::{Stores, config::File};
use coda_model::UserId;
use coda_program::print;
use coda_runtime::{Clock as _, SystemClock};
use tokio::runtime::Runtime;

#[derive(Debug, Args)]
pub(crate) struct Master {
    /// The auth server's configuration, which names its database and its audit log.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The person, as in `coda://user/ID`.
    #[arg(long, value_name = "ID", value_parser = UserId::new)]
    user: UserId,
}

impl Master {
    pub(crate) fn name(self) -> anyhow::Result<()> {
        let first = self.with(async |stores, user| Ok(stores.name_master(user, SystemClock.now()).await?))?;
        eprintln!("{} is a master administrator now", self.user);
        if let Some(password) = first {
            eprintln!("an account was opened; its first password, to be changed at the first log-in (coda init), is");
            print(&format!("{password}\n"))?;
        }
        Ok(())
    }

    pub(crate) fn remove(self) -> anyhow::Result<()> {
        self.with(async |stores, user| Ok(stores.grants.remove_master(user, SystemClock.now()).await?))?;
        eprintln!("{} is no master administrator any more; tokens that stand end within ten minutes", self.user);
        Ok(())
    }

    fn with<T>(&self, work: impl AsyncFnOnce(&Stores, &UserId) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let config = coda_program::settings("auth server", &self.config, File::settings)?.auth;
        runtime()?.block_on(async {
            let stores = Stores::open(&config).await?;
            let outcome = work(&stores, &self.user).await;
            stores.close().await;
            outcome
        })
    }
}

fn runtime() -> anyhow::Result<Runtime> {
    Runtime::new().context("cannot start the threads of the database")
}
