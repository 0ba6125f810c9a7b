//! `coda-hub name-master` and `coda-hub remove-master`: the one role that nobody in the network can grant.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use coda_auth::{AuthConfig, config::File};
use coda_model::UserId;
use coda_runtime::{Clock as _, SystemClock, config::load};
use tokio::runtime::Runtime;

use crate::failure::Setup;

#[derive(Debug, Args)]
pub(crate) struct Master {
    /// The auth server's configuration, which names its database and its audit log.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The person, as in coda://user/ID.
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
        let settings = load::<File>(&self.config).map_err(anyhow::Error::from).and_then(|file| {
            let settings = file.settings(&self.config)?;
            Ok(settings.auth)
        });
        settings.context(Setup("cannot read the settings of the auth server".to_owned()))
    }
}

fn runtime() -> anyhow::Result<Runtime> {
    Runtime::new().context("cannot start the threads of the database")
}
