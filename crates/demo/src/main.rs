//! A whole network on loopback, for a first look and for your own files: `cargo demo`.

mod arguments;
mod audited;
mod enrolled;
mod kept;
mod own;
mod running;
mod script;
mod synthetic;

use std::{io::Write, path::Path, process::ExitCode};

use anyhow::Context;
use clap::Parser;
use coda_cli::{Ask, Ending, Terminal};
use coda_runtime::{Stop, telemetry};

use arguments::Arguments;
use running::{Enrolment, Running};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if std::env::var_os(telemetry::FILTER_VARIABLE).is_some() {
        let _ = telemetry::init(telemetry::Format::Text, "off");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    runtime.block_on(async {
        let outcome = async {
            let stop = Stop::on_signals().context("cannot listen for signals")?;
            tokio::select! {
                outcome = run(&arguments, &stop) => outcome,
                () = stop.requested() => Ok(Ending::Interrupted),
            }
        };
        outcome.await.map_or_else(|error| failed(&error), ExitCode::from)
    })
}

async fn run(arguments: &Arguments, stop: &Stop) -> anyhow::Result<Ending> {
    let (network, queries) = Running::start(arguments, Enrolment::Shown).await?;
    let mut failed = 0;
    for query in &queries {
        failed += usize::from(ask(&network.config, query).await.is_err());
    }
    if arguments.dictionary.is_none() {
        kept::show(&network.config).await?;
        audited::show(&network.config).await?;
        enrolled::revoke(&network.config).await?;
    }
    if arguments.keep {
        // The tour is asked on a network of its own, so that none of its questions counts in what stays up.
        let (network, asked) = if arguments.dictionary.is_some() {
            (network, "one count was asked of it")
        } else {
            eprintln!("\na fresh network for your own questions, so that the tour uses up none of its limits:");
            (Running::start(arguments, Enrolment::AtOnce).await?.0, "nothing was asked of it yet")
        };
        eprintln!("\nThe network stays up until Ctrl-C; {asked}. From another terminal, in this folder:\n");
        eprintln!("  export CODA_CONFIG={}", network.config.display());
        eprintln!("  cargo coda describe");
        eprintln!("  cargo coda query {}", queries.first().map(|query| script::shown(query)).unwrap_or_default());
        stop.requested().await;
    }
    if failed > 0 {
        anyhow::bail!("{failed} of {} queries above were not answered", queries.len());
    }
    Ok(Ending::Done)
}

/// Runs one query as a person would, and shows it above its answer.
async fn ask(config: &Path, query: &[String]) -> anyhow::Result<()> {
    let mut output = std::io::stdout();
    writeln!(output, "\n$ coda query {}", script::shown(query))?;
    let arguments = [&["query".to_owned()], query].concat();
    match coda(config, &arguments, &mut output).await {
        Ending::Done => Ok(()),
        _ => anyhow::bail!("the query above was not answered"),
    }
}

async fn coda(config: &Path, arguments: &[String], output: &mut dyn Write) -> Ending {
    coda_asked(config, arguments, output, &mut Terminal).await
}

/// The program with somebody who answers its questions.
async fn coda_asked(config: &Path, arguments: &[String], output: &mut dyn Write, ask: &mut dyn Ask) -> Ending {
    let head = ["coda", "--config"].map(Into::into).into_iter().chain([config.as_os_str().to_owned()]);
    coda_cli::run_asking(head.chain(arguments.iter().map(Into::into)), output, ask).await
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {}", error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": "));
    ExitCode::FAILURE
}
