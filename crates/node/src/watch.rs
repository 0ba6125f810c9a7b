//! `coda-node watch`

use std::path::Path;

use anyhow::bail;
use clap::{Args, Subcommand};
use coda_ledger::{Hold, Ledger};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::ledger::{File, with_ledger};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say who is held, and who was.
    List(File),
    /// Say what is known of a hold.
    Show(One),
    /// End a hold: a decision of the site's privacy auditor. Twins from before do not count again.
    Release(Release),
}

#[derive(Debug, Args)]
pub(crate) struct One {
    #[command(flatten)]
    at: File,
    /// The number that `watch list` gives.
    hold: i64,
}

#[derive(Debug, Args)]
pub(crate) struct Release {
    #[command(flatten)]
    of: One,
    /// Who decided it.
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    by: String,
    /// Why.
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: String,
}

impl Command {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let file = self.file().to_owned();
        coda_program::print(&with_ledger(&file, async |ledger| self.text(ledger).await)?)
    }

    fn file(&self) -> &Path {
        match self {
            Self::List(File { file })
            | Self::Show(One { at: File { file }, .. })
            | Self::Release(Release { of: One { at: File { file }, .. }, .. }) => file,
        }
    }

    async fn text(self, ledger: &Ledger) -> anyhow::Result<String> {
        match self {
            Self::List(_) => {
                let holds = ledger.holds().await?;
                if holds.is_empty() {
                    return Ok("nobody is held\n".to_owned());
                }
                Ok(holds.iter().map(line).collect())
            }
            Self::Show(One { hold, .. }) => {
                let holds = ledger.holds().await?;
                let Some(hold) = holds.iter().find(|known| known.id == hold) else { bail!("there is no hold {hold}") };
                let mut text = line(hold);
                text.push_str(
                    "  asked for cohorts in pairs that differ by few people; the intrusion log has the times\n",
                );
                Ok(text)
            }
            Self::Release(Release { of: One { hold, .. }, by, reason }) => {
                if !ledger.release_hold(hold, &by, &reason).await? {
                    bail!("there is no hold {hold}, or it was released before");
                }
                Ok(format!("released hold {hold}\n"))
            }
        }
    }
}

fn line(hold: &Hold) -> String {
    let Hold { id, party, time, released } = hold;
    let since = OffsetDateTime::from_unix_timestamp(*time).ok().and_then(|time| time.format(&Rfc3339).ok());
    let since = since.unwrap_or_else(|| time.to_string());
    match released {
        None => format!("{id}: {party}, held since {since}\n"),
        Some((by, reason)) => format!("{id}: {party}, held since {since}, released by {by}: {reason}\n"),
    }
}
