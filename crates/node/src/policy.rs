//! `coda-node policy`

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Subcommand;
use coda_policy::SitePolicy;

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Say whether a policy can be taken, and what it means.
    Check {
        /// The site's policy.
        file: PathBuf,
    },
    /// Print all values in effect, as a policy with comments.
    Show {
        /// The site's policy; the network's values without it.
        file: Option<PathBuf>,
    },
    /// Say for each rule, in words for a privacy auditor, what it protects against and how it could be tightened.
    Explain {
        /// The site's policy; the network's values without it.
        file: Option<PathBuf>,
    },
}

impl Policy {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let text = match self {
            Self::Check { file } => read(&file)?.check(),
            Self::Show { file } => read_or_network(file.as_deref())?.show(),
            Self::Explain { file } => read_or_network(file.as_deref())?.explain(),
        };
        io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")
    }
}

fn read_or_network(file: Option<&Path>) -> anyhow::Result<SitePolicy> {
    file.map_or_else(|| Ok(SitePolicy::default()), read)
}

fn read(file: &Path) -> anyhow::Result<SitePolicy> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    SitePolicy::parse(&text).with_context(|| format!("the policy {} cannot be taken", file.display()))
}
