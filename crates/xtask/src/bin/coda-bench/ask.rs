//! Questions to the network.

use std::time::{Duration, Instant};

use coda_client::{Hub, NewQuery, Verified};
use coda_model::{SiteId, query::parse_file};

use crate::data::{SITES, VARIABLES};

/// A query file: these asks of a data set, of everybody or of a cohort.
pub(crate) fn query(dataset: &str, of: &[String], cohort: Option<&str>) -> String {
    let of: Vec<String> = of.iter().map(|ask| format!("\"{ask}\"")).collect();
    let cohort = cohort.map(|cohort| format!("\nwhere = \"{cohort}\"")).unwrap_or_default();
    format!("dataset = \"{dataset}\"\nof = [{}]{cohort}", of.join(", "))
}

/// The asks of the big query, about so many variables.
pub(crate) fn study(variables: usize) -> Vec<String> {
    let of = VARIABLES.iter().take(variables).flat_map(|variable| {
        ["count", "mean", "sd", "histogram", "quartiles"].map(|statistic| format!("{statistic}:{}", variable.name))
    });
    of.collect()
}

/// How many people there are.
pub(crate) fn count() -> [String; 1] {
    ["count".to_owned()]
}

/// Asks all sites; how long it took, in milliseconds. A site that does not answer is an error.
pub(crate) async fn ask(hub: &Hub, text: &str) -> anyhow::Result<f64> {
    let dictionary = hub.describe().await?.text;
    let start = Instant::now();
    let (query, _) = parse_file(text)?;
    let sites = SITES.iter().map(|site| SiteId::new(site)).collect::<Result<Vec<_>, _>>()?;
    let new = NewQuery { query, sites, project: crate::network::PROJECT.to_owned(), dictionary };
    let (Verified { answer, .. }, _) = hub.ask(new, |_| {}).await?;
    let taken = start.elapsed().as_secs_f64() * 1e3;
    let silent: Vec<&str> =
        answer.sites.iter().filter(|site| !site.detail.is_empty()).map(|site| site.detail.as_str()).collect();
    anyhow::ensure!(answer.sites.len() == SITES.len() && silent.is_empty(), "sites did not answer: {silent:?}");
    Ok(taken)
}

/// Lets the watch end that works after an answer has left, so that it takes no time from the next one. On `people` at a site.
pub(crate) async fn rest(people: usize) {
    tokio::time::sleep(Duration::from_millis(if people > 10_000 { 200 } else { 30 })).await;
}
