//! `coda query`: a query and its answer.

use std::{
    io::{IsTerminal, Write},
    path::Path,
    time::Duration,
};

use anyhow::Context;
use coda_client::{Evidence, Hub, NewQuery, Verified};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    Ending,
    arguments::{Format, Query},
    question, render,
};

pub(crate) async fn run(config: Option<&Path>, of: &Query, output: &mut dyn Write) -> anyhow::Result<Ending> {
    let (hub, new) = question::prepare(config, &of.question).await?;
    let (verified, evidence) = ask(&hub, new).await?;
    let answer = &verified.answer;
    match of.format {
        Format::Table => write!(output, "{}", render::text(answer)),
        Format::Json => render::json(answer, &verified.cohort, &evidence, output),
        Format::Csv => render::csv(answer, output),
    }
    .context("cannot write the answer")?;
    question::ending(answer.sites.iter())
}

/// Asks, showing on a terminal which sites have settled.
async fn ask(hub: &Hub, new: NewQuery) -> anyhow::Result<(Verified, Evidence)> {
    let bar =
        if std::io::stderr().is_terminal() { ProgressBar::new(new.sites.len() as u64) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} of {len} sites {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    let answer = hub.ask(new, |outcome| {
        bar.set_message(format!("{} {}", outcome.site, render::status(outcome.status)));
        bar.inc(1);
    });
    let answer = answer.await;
    bar.finish_and_clear();
    Ok(answer?)
}
