//! A running network, and somebody who asks it.

use std::{path::Path, sync::Arc};

use coda_client::{ClientError, Hub, NewQuery};
use coda_model::{
    Identity, SiteId, UserId,
    estimate::{Answer, CellEstimates, CountFigure, Estimate, Figure, Quantity, SiteOutcome, SiteStatus},
    query::{Query, parse_ask, parse_factor, parse_over, parse_predicate},
};
use coda_pki::{Credentials, connect, tls};
use coda_runtime::ManualClock;
use coda_testkit::{Network, Options, PROJECT, SiteOptions};
use tempfile::TempDir;
use tonic::transport::Channel;

use crate::population::DICTIONARY;

/// Who asks, unless it is said otherwise.
pub(crate) const RESEARCHER: &str = "ana@north.example";

/// A running network with a researcher who may ask every site.
pub(crate) struct World {
    pub(crate) network: Network,
    pub(crate) hub: Hub,
    pub(crate) sites: Vec<SiteId>,
    /// Last, so that it is removed when the network has gone.
    pub(crate) folder: TempDir,
}

/// The name of a site.
pub(crate) fn site(name: &str) -> SiteId {
    SiteId::new(name).unwrap()
}

/// The name of a person.
pub(crate) fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

impl World {
    /// Starts these sites over the dictionary of the planted people.
    pub(crate) async fn start(sites: Vec<SiteOptions>) -> Self {
        Self::start_with(DICTIONARY, sites, |options| options).await
    }

    /// Starts these sites over a dictionary, with something changed.
    pub(crate) async fn start_with(
        dictionary: &str,
        sites: Vec<SiteOptions>,
        change: impl FnOnce(Options) -> Options,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<SiteId> = sites.iter().map(|site| site.id.clone()).collect();
        let options = sites.into_iter().fold(Options::new(folder.path(), dictionary), Options::site);
        let network = Network::start(change(options)).await.unwrap();
        let researcher = user(RESEARCHER);
        network.name_researcher(&researcher, &names).await.unwrap();
        Self { hub: network.hub(&researcher).unwrap(), network, sites: names, folder }
    }

    /// Starts these sites with a clock that only the test moves.
    pub(crate) async fn start_with_clock(sites: Vec<SiteOptions>) -> (Self, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::new(time::macros::datetime!(2026-03-01 12:00 UTC)));
        let own = clock.clone();
        (Self::start_with(DICTIONARY, sites, |options| Options { clock: own, ..options }).await, clock)
    }

    /// What every site of the network and the hub answer.
    pub(crate) async fn answer(&self, query: &Query) -> Answer {
        self.ask(query, &self.sites).await.unwrap()
    }

    /// What these sites and the hub answer, or why they do not.
    pub(crate) async fn ask(&self, query: &Query, sites: &[SiteId]) -> Result<Answer, ClientError> {
        ask(&self.hub, query, sites).await
    }

    /// Where a file of the network is.
    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }
}

/// What a person is answered.
pub(crate) async fn ask(hub: &Hub, query: &Query, sites: &[SiteId]) -> Result<Answer, ClientError> {
    let (query, sites, dictionary) = (query.clone(), sites.to_vec(), hub.describe().await?.text);
    Ok(hub.ask(NewQuery { query, sites, project: PROJECT.to_owned(), dictionary }, |_| {}).await?.0.answer)
}

/// A connection to a party of the network with a certificate of one's own choice.
pub(crate) fn channel(network: &Network, own: &Credentials, peer: Identity, address: &str) -> Channel {
    let config = tls::client_config(own, peer, network.now()).unwrap();
    connect::channel(address, config, connect::Timeouts::default()).unwrap()
}

/// A query over the planted people.
pub(crate) fn of(asks: &[&str]) -> Query {
    let asks = asks.iter().map(|ask| parse_ask("of", ask).unwrap()).collect();
    Query { dataset: "ward".to_owned(), asks, ..Query::default() }
}

/// A query with something more.
pub(crate) trait With {
    fn by(self, factor: &str) -> Self;
    fn over(self, over: &str) -> Self;
    fn whose(self, predicate: &str) -> Self;
    fn rows(self, table: &str) -> Self;
}

impl With for Query {
    fn by(mut self, factor: &str) -> Self {
        self.by.push(parse_factor("by", factor).unwrap());
        self
    }

    fn over(mut self, over: &str) -> Self {
        self.over = Some(parse_over("over", over).unwrap());
        self
    }

    fn whose(mut self, predicate: &str) -> Self {
        self.cohort = Some(parse_predicate("where", predicate).unwrap());
        self
    }

    fn rows(mut self, table: &str) -> Self {
        self.rows = Some(table.to_owned());
        self
    }
}

/// What a site did.
pub(crate) fn outcome<'a>(answer: &'a Answer, name: &str) -> &'a SiteOutcome {
    answer.sites.iter().find(|outcome| outcome.site.as_str() == name).unwrap()
}

/// What each site did.
pub(crate) fn statuses(answer: &Answer) -> Vec<(&str, SiteStatus)> {
    answer.sites.iter().map(|outcome| (outcome.site.as_str(), outcome.status)).collect()
}

/// The cell of an ask with these labels.
pub(crate) fn cell<'a>(answer: &'a Answer, ask: &str, labels: &[&str]) -> &'a CellEstimates {
    let ask = answer.asks.iter().find(|found| found.ask == ask).unwrap();
    ask.cells.iter().find(|cell| cell.labels == labels).unwrap()
}

/// The network's estimate of an ask of a query without groups.
pub(crate) fn network<'a>(answer: &'a Answer, ask: &str) -> &'a Estimate {
    &cell(answer, ask, &[]).network
}

/// A figure by its name, `share/none` by its level too.
pub(crate) fn figure<'a>(estimate: &'a Estimate, name: &str) -> &'a Figure {
    let (own, level) = name.split_once('/').map_or((name, None), |(own, level)| (own, Some(level)));
    let found = estimate.figures.iter().find(|figure| figure.name == own && figure.level.as_deref() == level);
    found.unwrap_or_else(|| panic!("no {name} in {estimate:?}"))
}

/// A number by its name.
pub(crate) fn number(estimate: &Estimate, name: &str) -> f64 {
    match figure(estimate, name).quantity {
        Quantity::Number(number) => number,
        ref other => panic!("{name} is {other:?}"),
    }
}

/// A count by its name.
pub(crate) fn count(estimate: &Estimate, name: &str) -> CountFigure {
    match figure(estimate, name).quantity {
        Quantity::Count(count) => count,
        ref other => panic!("{name} is {other:?}"),
    }
}

/// What a count by its name certainly lies between.
pub(crate) fn bounds(estimate: &Estimate, name: &str) -> (u64, u64) {
    count(estimate, name).certain.unwrap_or_else(|| panic!("{name} has no bounds"))
}

/// Asserts that two numbers agree to a relative error.
#[track_caller]
pub(crate) fn close(found: f64, expected: f64, relative: f64, what: &str) {
    let allowed = relative * expected.abs().max(1e-300);
    assert!((found - expected).abs() <= allowed, "{what}: {found} is not {expected}");
}

/// The text of all files in a folder whose name ends so.
pub(crate) fn files(folder: &Path, end: &str) -> Vec<(std::path::PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, end));
        } else if path.to_string_lossy().ends_with(end) {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

/// An error with all that caused it, as a person sees it.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
