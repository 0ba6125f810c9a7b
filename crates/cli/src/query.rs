//! `coda query`: a query from a file or from options, and its answer.

use std::{
    io::{IsTerminal, Write},
    path::Path,
    time::Duration,
};

use anyhow::{Context, bail};
use coda_client::{Description, Hub};
use coda_model::{
    SiteId,
    estimate::{Answer, SiteOutcome, SiteStatus},
    query::{self, QueryError},
};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    Ending,
    arguments::{Format, Query},
    config, render,
};

pub(crate) async fn run(config: Option<&Path>, of: &Query, output: &mut dyn Write) -> anyhow::Result<Ending> {
    let (mut query, mut names) = read(of)?;
    let hub = config::hub(config)?;
    if names.is_empty() || query.dataset.is_empty() {
        fill(&mut query, &mut names, &hub.describe().await?)?;
    }
    let sites = names.iter().map(|name| SiteId::new(name)).collect::<Result<Vec<_>, _>>()?;
    let answer = ask(&hub, query, sites, of.project.clone()).await?;
    match of.format {
        Format::Table => write!(output, "{}", render::text(&answer)),
        Format::Json => render::json(&answer, output),
        Format::Csv => render::csv(&answer, output),
    }
    .context("cannot write the answer")?;
    let came = answer.sites.iter().any(|site| site.status == SiteStatus::Answered);
    if came {
        return Ok(Ending::Done);
    }
    for SiteOutcome { site, detail, .. } in &answer.sites {
        eprintln!("{site}: {detail}");
    }
    bail!("no site answered")
}

/// The query, and the sites it names.
fn read(of: &Query) -> anyhow::Result<(query::Query, Vec<String>)> {
    let (mut query, mut sites) = match &of.file {
        Some(file) => {
            let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
            query::parse_file(&text)?
        }
        None => (options(of)?, Vec::new()),
    };
    if let Some(dataset) = &of.dataset {
        query.dataset.clone_from(dataset);
    }
    if !of.sites.is_empty() {
        sites.clone_from(&of.sites);
    }
    Ok((query, sites))
}

fn options(of: &Query) -> Result<query::Query, QueryError> {
    let derived = of.derive.iter().map(|text| {
        let place = format!("--derive {text:?}");
        let (name, derivation) = text
            .split_once('=')
            .ok_or_else(|| QueryError::misfit(&place, "no name is given", "write: peak = max(lab.crp)"))?;
        Ok((name.trim().to_owned(), query::parse_derivation(&place, derivation)?))
    });
    Ok(query::Query {
        dataset: String::new(),
        rows: of.rows.clone(),
        cohort: of.filter.as_ref().map(|text| query::parse_predicate("--where", text)).transpose()?,
        derived: derived.collect::<Result<_, QueryError>>()?,
        asks: of.of.iter().map(|text| query::parse_ask(&format!("--of {text}"), text)).collect::<Result<_, _>>()?,
        by: of.by.iter().map(|text| query::parse_factor(&format!("--by {text}"), text)).collect::<Result<_, _>>()?,
        over: of.over.as_ref().map(|text| query::parse_over("--over", text)).transpose()?,
    })
}

/// What was left out: the only data set, and all sites that the asker may ask.
fn fill(query: &mut query::Query, sites: &mut Vec<String>, description: &Description) -> anyhow::Result<()> {
    if query.dataset.is_empty() {
        match description.dictionary.datasets.as_slice() {
            [one] => query.dataset = one.id.to_string(),
            several => {
                let names: Vec<_> = several.iter().map(|dataset| dataset.id.as_str()).collect();
                bail!(QueryError::misfit("dataset", "none is named", format!("name one of {}", names.join(", "))));
            }
        }
    }
    if sites.is_empty() {
        let allowed =
            description.sites.iter().filter(|site| site.permissions.iter().any(|word| word == "basic-queries"));
        sites.extend(allowed.map(|site| site.site.to_string()));
        if sites.is_empty() {
            bail!("you may query no site of this network; ask a site's administrator for a role");
        }
    }
    Ok(())
}

/// Asks, showing on a terminal which sites have settled.
async fn ask(hub: &Hub, query: query::Query, sites: Vec<SiteId>, project: String) -> anyhow::Result<Answer> {
    let bar =
        if std::io::stderr().is_terminal() { ProgressBar::new(sites.len() as u64) } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} of {len} sites {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    let answer = hub.ask(query, sites, project, |outcome| {
        bar.set_message(format!("{} {}", outcome.site, render::status(outcome.status)));
        bar.inc(1);
    });
    let answer = answer.await;
    bar.finish_and_clear();
    Ok(answer?)
}
