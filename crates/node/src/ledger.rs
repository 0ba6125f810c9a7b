//! `coda-node ledger`

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use anyhow::bail;
use clap::{ArgGroup, Args, Subcommand};
use coda_ledger::{Ledger, LineageStatus, Options, Party, PartyStatus};
use coda_model::UserId;
use coda_runtime::{Clock as _, SystemClock};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say what each project and person asked of each data set since they were last renewed.
    Status(File),
    /// Let the asks of a project or a person count anew: a decision of the site's privacy auditor.
    Renew(Renew),
    /// Look over the whole ledger: that nothing in it was changed, cut off or put in.
    Check(File),
    /// Take the time as it is now, after a clock that was ahead has made the ledger refuse every later request.
    AcceptClock(Accept),
}

#[derive(Debug, Args)]
pub(crate) struct File {
    /// The ledger; its keys are beside it.
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("party").required(true)))]
pub(crate) struct Renew {
    /// The ledger; its keys are beside it.
    file: PathBuf,
    /// The data set, as `ledger status` names it.
    #[arg(long)]
    dataset: String,
    /// The project, as `ledger status` names it.
    #[arg(long, group = "party")]
    project: Option<String>,
    /// The person, over all projects.
    #[arg(long, group = "party")]
    user: Option<String>,
    /// Who decided it.
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    by: String,
}

#[derive(Debug, Args)]
pub(crate) struct Accept {
    /// The ledger; its keys are beside it.
    file: PathBuf,
    /// Who has looked at the clock.
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    by: String,
}

impl Command {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let file = self.file().to_owned();
        coda_program::print(&with_ledger(&file, async |ledger| self.text(ledger).await)?)
    }

    fn file(&self) -> &Path {
        match self {
            Self::Status(File { file })
            | Self::Check(File { file })
            | Self::Renew(Renew { file, .. })
            | Self::AcceptClock(Accept { file, .. }) => file,
        }
    }

    async fn text(self, ledger: &Ledger) -> anyhow::Result<String> {
        let now = SystemClock.now().unix_timestamp();
        Ok(match self {
            Self::Status(_) => status(&ledger.status().await?),
            Self::Check(_) => {
                let checked = ledger.check().await?;
                format!("whole: {} asks, {} query sets, {} renewals\n", checked.asks, checked.sets, checked.renewals)
            }
            Self::AcceptClock(Accept { by, .. }) => {
                ledger.accept_clock(now, &by).await?;
                "the time is taken as it is now\n".to_owned()
            }
            Self::Renew(Renew { dataset, project, user, by, .. }) => {
                let party = match (project, user) {
                    (Some(project), _) => Party::Project(project),
                    (None, Some(user)) => Party::User(UserId::new(&user)?),
                    (None, None) => bail!("name a project or a person"),
                };
                let lineages = ledger.status().await?;
                // Of several lineages the last is that of the builds made now.
                let Some(lineage) = lineages.iter().rfind(|lineage| lineage.dataset.as_str() == dataset) else {
                    bail!("nothing was asked of a data set {dataset:?} yet")
                };
                if !lineage.parties.iter().any(|known| known.party == party) {
                    bail!("{party} has asked nothing of {dataset} yet; `ledger status` names those who have");
                }
                ledger.renew(lineage.lineage, &party, &by, now).await?;
                format!("renewed {party} for {dataset}\n")
            }
        })
    }
}

/// Works on an existing ledger: a command does not make one.
pub(crate) fn with_ledger(
    file: &Path,
    work: impl AsyncFnOnce(&Ledger) -> anyhow::Result<String>,
) -> anyhow::Result<String> {
    if !file.exists() {
        bail!("there is no ledger {}", file.display());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let ledger = Ledger::open(file, Options::default()).await?;
        let outcome = work(&ledger).await;
        ledger.close().await;
        outcome
    })
}

fn status(lineages: &[LineageStatus]) -> String {
    if lineages.is_empty() {
        return "nothing was asked yet\n".to_owned();
    }
    let mut text = String::new();
    for LineageStatus { lineage, dataset, parties } in lineages {
        let _ = writeln!(text, "{dataset} (lineage {lineage})");
        for PartyStatus { party, asks, cohorts } in parties {
            let _ = writeln!(text, "  {party}: {asks} asks of {cohorts} cohorts");
        }
    }
    text
}
