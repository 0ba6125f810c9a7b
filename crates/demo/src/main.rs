//! A whole network on loopback, for a first look and for your own files: `cargo demo`.

mod arguments;
mod own;
mod script;
mod synthetic;

use std::{io::Write, path::Path, process::ExitCode};

use anyhow::Context;
use clap::Parser;
use coda_cli::Ending;
use coda_model::{SiteId, UserId};
use coda_runtime::{Stop, telemetry};
use coda_testkit::{Network, Options};

use arguments::Arguments;

/// The person who asks.
const RESEARCHER: &str = "researcher@north.example";

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
    let (network, queries) = Running::start(arguments).await?;
    let mut failed = 0;
    for query in &queries {
        failed += usize::from(ask(&network.config, query).await.is_err());
    }
    if arguments.keep {
        // The tour is asked on a network of its own, so that none of its questions counts in what stays up.
        let (network, asked) = if arguments.dictionary.is_some() {
            (network, "one count was asked of it")
        } else {
            eprintln!("\na fresh network for your own questions, so that the tour uses up none of its limits:");
            (Running::start(arguments).await?.0, "nothing was asked of it yet")
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

/// A network that is up.
struct Running {
    config: std::path::PathBuf,
    // Dropped in this order: the network stops, then its folder is removed.
    _network: Network,
    _folder: tempfile::TempDir,
}

impl Running {
    async fn start(arguments: &Arguments) -> anyhow::Result<(Self, Vec<Vec<String>>)> {
        let folder = tempfile::Builder::new().prefix("coda-demo-").tempdir().context("cannot make a folder")?;
        let options = Options::new(folder.path(), "");
        let (options, queries) = match &arguments.dictionary {
            Some(dictionary) => own::prepare(options, dictionary, &arguments.site)?,
            None => synthetic::prepare(options, arguments)?,
        };
        let sites: Vec<SiteId> = options.sites.iter().map(|site| site.id.clone()).collect();
        eprintln!("starting a hub and {} sites on loopback, with mutual TLS between all of them", sites.len());
        let network = Network::start(options).await.map_err(explained)?;
        for (site, dataset, report) in &network.reports {
            eprintln!("  {site}: built {dataset}, {} people", report.people.0);
        }
        eprintln!("  every site has the network's policy (deploy/config/policy.toml)");
        let researcher = UserId::new(RESEARCHER)?;
        network.name_researcher(&researcher, &sites).await?;
        let config = network.write_client(&researcher)?;
        eprintln!("  each site's administrator granted {researcher} basic queries");
        Ok((Self { config, _network: network, _folder: folder }, queries))
    }
}

/// Runs one command as a person would, and shows it above its answer.
async fn ask(config: &Path, query: &[String]) -> anyhow::Result<()> {
    let mut output = std::io::stdout();
    writeln!(output, "\n$ coda query {}", script::shown(query))?;
    let head = ["coda", "--config"].map(Into::into).into_iter().chain([config.as_os_str().to_owned()]);
    let arguments = head.chain(["query".into()]).chain(query.iter().map(Into::into));
    match coda_cli::run(arguments, &mut output).await {
        Ending::Done => Ok(()),
        _ => anyhow::bail!("the query above was not answered"),
    }
}

/// A refusal of data with the report that says where.
fn explained(error: coda_testkit::NetworkError) -> anyhow::Error {
    match &error {
        coda_testkit::NetworkError::Ingest(site, cause) => match cause.as_ref() {
            coda_ingest::IngestError::Refused(report) => anyhow::anyhow!("the data of {site} are refused\n{report}"),
            _ => error.into(),
        },
        _ => error.into(),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {}", error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": "));
    ExitCode::FAILURE
}
