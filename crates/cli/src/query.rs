//! `coda query`: a query and its answer.

use std::{
    io::{IsTerminal, Write},
    path::Path,
    time::Duration,
};

use anyhow::Context;
use coda_client::{Asking, Evidence, Hub, Proven};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    Ending,
    arguments::{Format, Query},
    question, render,
};

pub(crate) async fn run(config: Option<&Path>, of: &Query, output: &mut dyn Write) -> anyhow::Result<Ending> {
    let (hub, asking, dictionary) = question::prepare(config, &of.question).await?;
    let (Proven { answer, .. }, evidence) = ask(&hub, asking, dictionary).await?;
    match of.format {
        Format::Table => write!(output, "{}", render::text(&answer)),
        Format::Json => render::json(&answer, &evidence, output),
        Format::Csv => render::csv(&answer, output),
    }
    .context("cannot write the answer")?;
    question::ending(answer.sites.iter())
}

/// Asks, showing on a terminal which sites have settled.
async fn ask(hub: &Hub, asking: Asking, dictionary: String) -> anyhow::Result<(Proven, Evidence)> {
    let bar = if std::io::stderr().is_terminal() {
        ProgressBar::new(asking.sites.len() as u64)
    } else {
        ProgressBar::hidden()
    };
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} of {len} sites {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    let answer = hub.ask(asking, dictionary, |outcome| {
        bar.set_message(format!("{} {}", outcome.site, render::status(outcome.status)));
        bar.inc(1);
    });
    let answer = answer.await;
    bar.finish_and_clear();
    Ok(answer?)
}
