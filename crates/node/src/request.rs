//! `coda-node request`

use clap::{Args, ValueEnum};
use coda_model::{Identity, SiteId};
use coda_program::NewKey;

#[derive(Debug, Args)]
pub(crate) struct Request {
    /// Which of the site's services the certificate is for.
    #[arg(long)]
    role: Role,
    /// The site.
    #[arg(long, value_name = "ID", value_parser = SiteId::new)]
    site: SiteId,
    #[command(flatten)]
    key: NewKey,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Role {
    Storage,
    Compute,
}

impl Request {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self { role, site, key } = self;
        key.request(&match role {
            Role::Storage => Identity::Storage(site),
            Role::Compute => Identity::Compute(site),
        })
    }
}
