//! `coda-node ledger`

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use coda_ledger::{Ledger, LineageStatus, Options};
use coda_model::UserId;
use coda_runtime::{Clock as _, SystemClock};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say what was released of each lineage of builds, and to whom.
    Status(File),
    /// Add to the budget of a person, or of everybody together: a decision of the site's privacy auditor.
    Grant(Grant),
    /// Look over the whole ledger: that nothing in it was changed, cut off or put in.
    Check(File),
    /// Take the time as it is now, after a clock that was ahead has made the ledger refuse every later release.
    AcceptClock(Accept),
}

#[derive(Debug, Args)]
pub(crate) struct File {
    /// The ledger; its key is beside it.
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Grant {
    /// The ledger; its key is beside it.
    file: PathBuf,
    /// The data set, as `ledger status` names it.
    #[arg(long)]
    dataset: String,
    /// Whose budget; that of everybody together when absent.
    #[arg(long)]
    user: Option<String>,
    /// The person has had no answer yet. Otherwise a name that nobody has who had one is taken for a mistake.
    #[arg(long, requires = "user")]
    new: bool,
    /// How many figures more. A grant is kept for good.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    figures: u64,
    /// Who decided it.
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    by: String,
}

#[derive(Debug, Args)]
pub(crate) struct Accept {
    /// The ledger; its key is beside it.
    file: PathBuf,
    /// Who has looked at the clock.
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    by: String,
}

impl Command {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let text = runtime.block_on(self.said())?;
        io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")
    }

    async fn said(self) -> anyhow::Result<String> {
        let ledger = open(self.file()).await?;
        let said = self.said_of(&ledger).await;
        ledger.close().await;
        said
    }

    fn file(&self) -> &Path {
        match self {
            Self::Status(File { file })
            | Self::Check(File { file })
            | Self::Grant(Grant { file, .. })
            | Self::AcceptClock(Accept { file, .. }) => file,
        }
    }

    async fn said_of(self, ledger: &Ledger) -> anyhow::Result<String> {
        let now = SystemClock.now().unix_timestamp();
        Ok(match self {
            Self::Status(_) => status(&ledger.status().await?),
            Self::Check(_) => {
                let checked = ledger.check().await?;
                format!("whole: {} releases, {} sets, {} builds\n", checked.releases, checked.entries, checked.builds)
            }
            Self::AcceptClock(Accept { by, .. }) => {
                ledger.accept_clock(now, &by).await?;
                "the time is taken as it is now\n".to_owned()
            }
            Self::Grant(Grant { dataset, user, new, figures, by, .. }) => {
                let lineages = ledger.status().await?;
                let own: Vec<&LineageStatus> =
                    lineages.iter().filter(|lineage| lineage.dataset.as_str() == dataset).collect();
                // Of several lineages the last is that of the builds made now.
                let Some(lineage) = own.last() else { bail!("nothing was asked of a data set {dataset:?} yet") };
                let user = user.map(|user| UserId::new(&user)).transpose()?;
                if let Some(name) =
                    user.as_ref().filter(|name| !new && lineage.users.iter().all(|user| user.user != **name))
                {
                    bail!("{name} had no answer of {dataset} yet; if the name is right, say so with --new");
                }
                let whom = user.as_ref().map_or("everybody together".to_owned(), ToString::to_string);
                let but = if user.is_some() { "; what everybody has together stays as it was" } else { "" };
                ledger.grant(lineage.lineage, user, figures, &by, now).await?;
                format!("granted {figures} figures more of {dataset} to {whom}{but}\n")
            }
        })
    }
}

/// An existing ledger: a command does not make one.
async fn open(file: &Path) -> anyhow::Result<Ledger> {
    if !file.exists() {
        bail!("there is no ledger {}", file.display());
    }
    Ok(Ledger::open(file, Options::default()).await?)
}

fn status(lineages: &[LineageStatus]) -> String {
    if lineages.is_empty() {
        return "nothing was released yet\n".to_owned();
    }
    let mut text = String::new();
    for LineageStatus { lineage, dataset, builds, entries, users, grants } in lineages {
        let _ = writeln!(text, "{dataset} (lineage {lineage}): {entries} sets released on {builds} builds");
        for user in users {
            let _ = writeln!(text, "  {}: {} answers, {} figures", user.user, user.releases, user.charge);
        }
        for grant in grants {
            let whom = grant.user.as_ref().map_or("everybody together".to_owned(), ToString::to_string);
            let _ = writeln!(text, "  granted to {whom}: {} figures more, by {}", grant.amount, grant.by);
        }
    }
    text
}
