//! The network of the demo.

use std::time::Duration;

use anyhow::Context;
use coda_model::SiteId;
use coda_testkit::{Network, Options, person};

use crate::{arguments::Arguments, enrolled, own, synthetic};

/// The person who asks, at the first site.
const RESEARCHER: &str = "researcher";

/// How the person who asks comes into the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Enrolment {
    /// Step by step, for the eyes of a new user.
    Shown,
    /// In one step.
    AtOnce,
}

/// A network that is up.
pub(crate) struct Running {
    pub(crate) config: std::path::PathBuf,
    // Dropped in this order: the network stops, then its folder is removed.
    _network: Network,
    _folder: tempfile::TempDir,
}

impl Running {
    pub(crate) async fn start(arguments: &Arguments, enrolment: Enrolment) -> anyhow::Result<(Self, Vec<Vec<String>>)> {
        let folder = tempfile::Builder::new().prefix("coda-demo-").tempdir().context("cannot make a folder")?;
        // In operation once a minute.
        let checkpoints = Duration::from_millis(500);
        let options = Options { checkpoints, ..Options::new(folder.path(), "") };
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
        let researcher = person(RESEARCHER, sites.first().context("a network has a site")?)?;
        let config = match enrolment {
            Enrolment::Shown => enrolled::enrol(&network, &researcher, &sites).await?,
            Enrolment::AtOnce => {
                network.name_researcher(&researcher, &sites).await?;
                eprintln!("  each site's administrator granted {researcher} basic queries");
                network.write_client(&researcher)?
            }
        };
        Ok((Self { config, _network: network, _folder: folder }, queries))
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
