//! `coda-hub request`

use clap::{Args, ValueEnum};
use coda_model::Identity;
use coda_program::NewKey;

#[derive(Debug, Args)]
pub(crate) struct Request {
    /// Which of the hub's services the certificate is for.
    #[arg(long)]
    role: Role,
    #[command(flatten)]
    key: NewKey,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Role {
    Auth,
    Coordinator,
}

impl Request {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        self.key.request(&match self.role {
            Role::Auth => Identity::Auth,
            Role::Coordinator => Identity::Coordinator,
        })
    }
}
