//! `coda-node policy`

use std::{
    fmt::Display,
    fs,
    io::{self, Write as _},
    path::PathBuf,
};

use anyhow::Context as _;
use clap::Subcommand;
use coda_policy::{SitePolicy, site::Queries};

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Say whether a policy can be taken, and what it means.
    Check {
        /// The site's policy.
        file: PathBuf,
    },
}

impl Policy {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self::Check { file } = self;
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let policy =
            SitePolicy::parse(&text).with_context(|| format!("the policy {} cannot be taken", file.display()))?;
        let text = format!("The policy can be taken.\n{}", words(&policy));
        io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")
    }
}

/// The policy, one sentence a line.
fn words(policy: &SitePolicy) -> String {
    let SitePolicy { threshold, queries, refused_users, refused_datasets } = policy;
    let answered = match queries {
        Queries::Answered => "Queries are answered.",
        Queries::Refused => "No query is answered.",
    };
    format!(
        "A result leaves this site only with at least {} people behind it, and at least as many rows.\n{answered}\n{}\n{}\n",
        threshold.least(),
        refused("user", refused_users),
        refused("data set", refused_datasets),
    )
}

fn refused<Name: Display>(kind: &str, names: impl IntoIterator<Item = Name>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
    if names.is_empty() { format!("No {kind} is refused.") } else { format!("Refused {kind}s: {}.", names.join(", ")) }
}
