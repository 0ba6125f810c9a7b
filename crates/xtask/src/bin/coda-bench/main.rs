//! The benchmark: a real network of processes against pooled polars and against a bare echo. `cargo xtask bench` builds
//! this in release and runs it.

mod data;
mod echo;
mod effort;
mod network;
mod process;
mod report;

use std::{path::PathBuf, time::Instant};

use anyhow::Context;
use clap::{Parser, Subcommand};
use coda_client::Hub;
use coda_model::{SiteId, query::parse_file};

use effort::Effort;
use network::Network;
use report::{Big, Report, Small};

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// People at each site, of the big query.
    #[arg(long, default_value_t = Effort::FULL.people)]
    people: usize,
    /// Warm runs of the big query.
    #[arg(long, default_value_t = Effort::FULL.runs)]
    runs: usize,
    /// Runs each part once on little data and writes no report: shows that the benchmark works, and measures nothing.
    #[arg(long, conflicts_with_all = ["people", "runs", "report"])]
    quick: bool,
    /// Where the JSON report goes.
    #[arg(long, default_value = "target/bench.json")]
    report: PathBuf,
}

#[derive(Subcommand)]
enum Part {
    /// The bare echo server; started by the benchmark itself.
    Echo {
        /// Folder with `chain.pem`, `key.pem` and `roots.pem`.
        folder: PathBuf,
        /// Bytes of an answer.
        bytes: usize,
    },
}

fn main() -> anyhow::Result<()> {
    let Arguments { part, people, runs, quick, report } = Arguments::parse();
    let effort = if quick { Effort::QUICK } else { Effort { people, runs, ..Effort::FULL } };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match part {
        Some(Part::Echo { folder, bytes }) => runtime.block_on(echo::serve(&folder, bytes)),
        None => runtime.block_on(async {
            let found = Report { big: big(&effort).await?, small: small(&effort).await? };
            if quick {
                eprintln!("the benchmark works; the figures of a quick run say nothing");
                return Ok(());
            }
            println!("{}", found.table());
            std::fs::write(&report, serde_json::to_string_pretty(&found)?)
                .with_context(|| format!("cannot write {}", report.display()))?;
            eprintln!("the same as JSON is in {}", report.display());
            Ok(())
        }),
    }
}

async fn big(&Effort { people, runs, variables, .. }: &Effort) -> anyhow::Result<Big> {
    let folder = tempfile::tempdir()?;
    eprintln!("writing and building 3 sites of {people} people");
    let files = data::write(folder.path(), people)?;
    let network = Network::start(folder.path(), &files)?;
    let hub = network.hub().await?;
    let of = data::VARIABLES.iter().take(variables).flat_map(|variable| {
        ["count", "mean", "sd", "histogram", "quartiles"].map(|statistic| format!("\"{statistic}:{}\"", variable.name))
    });
    let query = format!("dataset = \"bench\"\nof = [{}]", of.collect::<Vec<_>>().join(", "));

    let idle = network.usage()?;
    let start = Instant::now();
    ask(&hub, &query).await?;
    let cold = start.elapsed().as_secs_f64() * 1e3;
    let before = network.usage()?;
    let mut warm = Vec::with_capacity(runs);
    for _ in 0..runs {
        let start = Instant::now();
        ask(&hub, &query).await?;
        warm.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let after = network.usage()?;
    drop(network);
    let polars = process::pooled(&files, runs)?;
    Ok(Big::new(people, cold, warm, &polars, &idle, &before, &after))
}

async fn small(&Effort { few, warming, calls, .. }: &Effort) -> anyhow::Result<Small> {
    let folder = tempfile::tempdir()?;
    let files = data::write(folder.path(), few)?;
    let network = Network::start(folder.path(), &files)?;
    let hub = network.hub().await?;
    let query = "dataset = \"bench\"\nof = [\"count\"]";
    let bytes = echo::sizes(query)?;
    let echo = echo::Echo::start(&network, bytes.answer)?;
    for _ in 0..warming {
        ask(&hub, query).await?;
        echo.call(bytes.request).await?;
    }
    // Turn and turn about, so that whatever else the machine does falls on both.
    let (mut coda, mut bare) = (Vec::with_capacity(calls), Vec::with_capacity(calls));
    for _ in 0..calls {
        let start = Instant::now();
        ask(&hub, query).await?;
        coda.push(start.elapsed().as_secs_f64() * 1e3);
        let start = Instant::now();
        echo.call(bytes.request).await?;
        bare.push(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(Small::new(few, coda, bare, &bytes))
}

async fn ask(hub: &Hub, text: &str) -> anyhow::Result<()> {
    let (query, _) = parse_file(text)?;
    let sites = data::SITES.iter().map(|site| SiteId::new(site)).collect::<Result<Vec<_>, _>>()?;
    let answer = hub.ask(query, sites, String::new(), |_| {}).await?;
    let answered = answer.sites.iter().filter(|site| site.detail.is_empty()).count();
    anyhow::ensure!(answered == data::SITES.len(), "only {answered} sites answered");
    Ok(())
}
