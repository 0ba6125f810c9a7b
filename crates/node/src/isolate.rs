//! `coda-node isolate` and `coda-node rejoin`: this site answers nobody while an incident is looked into.

use std::path::PathBuf;

use clap::Args;
use coda_compute::config::File;
use coda_program::{Incident, Rejoining, isolate, rejoin, settings};
use coda_service::Isolation;

#[derive(Debug, Args)]
pub(crate) struct Isolate {
    /// The computation node's configuration.
    #[arg(long, value_name = "FILE")]
    compute: PathBuf,
    #[command(flatten)]
    incident: Incident,
}

#[derive(Debug, Args)]
pub(crate) struct Rejoin {
    /// The computation node's configuration.
    #[arg(long, value_name = "FILE")]
    compute: PathBuf,
    #[command(flatten)]
    why: Rejoining,
}

impl Isolate {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let coda_compute::config::Settings { listen: _, tls, compute: config } =
            settings("computation node", &self.compute, File::settings)?;
        let isolation = Isolation::beside(&config.audit, None);
        let mut files = vec![config.dictionary.as_path(), &self.compute];
        files.extend(config.policy.as_deref());
        isolate(&isolation, &format!("the site {}", config.site), &config.audit, &self.incident, &files, &tls)
    }
}

impl Rejoin {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let config = settings("computation node", &self.compute, File::settings)?.compute;
        let isolation = Isolation::beside(&config.audit, None);
        rejoin(&isolation, &format!("the site {}", config.site), &config.audit, &self.why)
    }
}
