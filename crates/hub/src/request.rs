//! `coda-hub request`

use clap::{Args, ValueEnum};
use coda_model::Identity;
use coda_pki::{Issuer, ocsp};
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
    /// The OCSP responder for nodes, which is part of the auth server.
    Ocsp,
}

impl Request {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.role {
            Role::Auth => self.key.request(&Identity::Auth),
            Role::Coordinator => self.key.request(&Identity::Coordinator),
            Role::Ocsp => {
                self.key.request_with("the OCSP responder for nodes", |key| ocsp::request(key, Issuer::Nodes))
            }
        }
    }
}
