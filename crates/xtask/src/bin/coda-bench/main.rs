//! The benchmark: a real network of processes against pooled polars and against a bare echo. `cargo xtask bench` builds
//! this in release and runs it.

mod ask;
mod big;
mod checks;
mod cohort;
mod data;
mod echo;
mod effort;
mod logins;
mod network;
mod process;
mod report;
mod small;
mod tables;

use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, Subcommand};

use effort::Effort;
use report::Report;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// People at each site, of the big query.
    #[arg(long, default_value_t = Effort::FULL.people)]
    people: usize,
    /// Runs of the big query, warm and with new cohorts.
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
            let found = measure(&effort).await?;
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

async fn measure(effort: &Effort) -> anyhow::Result<Report> {
    let (small, of_small) = small::measure(effort).await?;
    let table = tables::measure(effort).await?;
    let (big, of_big) = big::measure(effort).await?;
    let (of_checks, of_logins) = (checks::measure(effort).await?, logins::measure(effort).await?);
    let cases = of_big.into_iter().chain(of_small).chain([table]).chain(of_checks).chain(of_logins).collect();
    Ok(Report { big, small, cases })
}
