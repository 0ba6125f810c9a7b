//! `coda-hub name-master` and `coda-hub remove-master`: the one role that nobody in the network can grant.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use coda_auth::{AuthConfig, config::File};
use coda_model::UserId;
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
        let (config, runtime) = (self.auth()?, runtime()?);
        runtime.block_on(coda_auth::name_master(&config, &self.user, SystemClock.now()))?;
        eprintln!("{} is a master administrator now", self.user);
        Ok(())
    }

    pub(crate) fn remove(self) -> anyhow::Result<()> {
        let (config, runtime) = (self.auth()?, runtime()?);
        runtime.block_on(coda_auth::remove_master(&config, &self.user, SystemClock.now()))?;
        eprintln!("{} is no master administrator any more; tokens that stand end within ten minutes", self.user);
        Ok(())
    }

    fn auth(&self) -> anyhow::Result<AuthConfig> {
        Ok(coda_program::settings("auth server", &self.config, File::settings)?.auth)
    }
}

fn runtime() -> anyhow::Result<Runtime> {
    Runtime::new().context("cannot start the threads of the database")
}
