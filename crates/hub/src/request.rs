//! `coda-hub request`

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use coda_model::Identity;
use coda_pki::{Algorithm, PrivateKey};

#[derive(Debug, Args)]
pub(crate) struct Request {
    /// Which of the hub's services the certificate is for.
    #[arg(long)]
    role: Role,
    /// Where the key is written, readable by its owner alone; a file that is there is never overwritten.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The kind of key: rsa4096 or p256.
    #[arg(long, value_name = "ALGORITHM", default_value = "rsa4096")]
    algorithm: Algorithm,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Role {
    Auth,
    Coordinator,
}

impl Request {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self { role, key: path, algorithm } = self;
        let identity = match role {
            Role::Auth => Identity::Auth,
            Role::Coordinator => Identity::Coordinator,
        };
        let key = PrivateKey::generate(algorithm)?;
        let request = key.request(&identity)?;
        key.save(&path)?;
        io::stdout().write_all(request.as_bytes()).context("cannot write to standard output")?;
        eprintln!("the key is {}; have the request signed for {identity}", path.display());
        Ok(())
    }
}
