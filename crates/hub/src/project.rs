//! `coda-hub project`: the approved projects, as the ethics committees decided on them.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use coda_auth::{Stores, config::File, projects::ProjectRecord};
use coda_model::{SiteId, calendar};
use coda_policy::Project;
use coda_program::print;
use coda_runtime::{Clock as _, SystemClock};
use time::{OffsetDateTime, Time};
use tokio::runtime::Runtime;

#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Enter an approved project.
    Open(Open),
    /// End a project: nobody asks for it any more, at the latest in ten minutes.
    Close {
        /// The auth server's configuration.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// The project.
        id: String,
    },
    /// The projects, closed ones too.
    List {
        /// The auth server's configuration.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Open {
    /// The auth server's configuration.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// What it is called in queries and grants.
    id: String,
    /// What it is about.
    #[arg(long)]
    title: String,
    /// The number or name of its approval.
    #[arg(long)]
    approval: String,
    /// The sites that it is approved for.
    #[arg(long, value_delimiter = ',', required = true, value_parser = SiteId::new)]
    sites: Vec<SiteId>,
    /// Last day (YYYY-MM-DD).
    #[arg(long)]
    until: String,
}

impl ProjectCommand {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Open(open) => open.run(),
            Self::Close { config, id } => {
                let id = Project::new(&id)?;
                with(&config, async |stores| Ok(stores.projects.close(&id, SystemClock.now()).await?))?;
                eprintln!("the project {id} is closed; tokens that stand end within ten minutes");
                Ok(())
            }
            Self::List { config } => {
                let all = with(&config, async |stores| Ok(stores.projects.all().await?))?;
                all.iter().try_for_each(|project| print(&line(project)))
            }
        }
    }
}

impl Open {
    fn run(self) -> anyhow::Result<()> {
        let Self { config, id, title, approval, sites, until } = self;
        let last = calendar::parse_iso(&until).with_context(|| format!("{until:?} is no day; write YYYY-MM-DD"))?;
        let next = last.next_day().context("the last day is out of range")?;
        let until = next.with_time(Time::MIDNIGHT).assume_utc().unix_timestamp();
        let sites = sites.into_iter().collect();
        let project = ProjectRecord { id: Project::new(&id)?, title, approval, sites, until, closed_at: None };
        with(&config, async |stores| Ok(stores.projects.open(&project, SystemClock.now()).await?))?;
        eprintln!("the project {id} is open until {last} included; site administrators may grant roles for it");
        Ok(())
    }
}

fn with<T>(config: &std::path::Path, work: impl AsyncFnOnce(&Stores) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let config = coda_program::settings("auth server", config, File::settings)?.auth;
    Runtime::new().context("cannot start the threads of the database")?.block_on(async {
        let stores = Stores::open(&config).await?;
        let outcome = work(&stores).await;
        stores.close().await;
        outcome
    })
}

fn line(project: &ProjectRecord) -> String {
    let ProjectRecord { id, title, approval, sites, until, closed_at } = project;
    let day = |seconds| OffsetDateTime::from_unix_timestamp(seconds).map(|time| calendar::iso(time.date()));
    // The last second of the last day.
    let state = match closed_at {
        Some(closed) => format!("closed {}", day(*closed).unwrap_or_default()),
        None => format!("until {}", day(*until - 1).unwrap_or_default()),
    };
    let sites: Vec<_> = sites.iter().map(SiteId::as_str).collect();
    format!("{id}: {title}; approval {approval}; {}; {state}\n", sites.join(", "))
}
