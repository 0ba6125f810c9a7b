//! A network of one's own files, and queries that fit their dictionary.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use coda_ingest::Source;
use coda_model::{
    SiteId,
    dictionary::{Dataset, Dictionary},
    variable::Kind,
};
use coda_testkit::{Options, SiteData, SiteOptions};

use crate::script::{POLICY, query};

/// The network and queries that fit its dictionary.
pub(crate) fn prepare(
    mut options: Options,
    dictionary: &Path,
    sites: &[String],
) -> anyhow::Result<(Options, Vec<Vec<String>>)> {
    let text = std::fs::read_to_string(dictionary).with_context(|| format!("cannot read {}", dictionary.display()))?;
    let parsed =
        Dictionary::parse(&text).with_context(|| format!("the dictionary {} is wrong", dictionary.display()))?;
    options.dictionary = text;
    for site in sites {
        let Some((name, path)) = site.split_once('=') else { bail!("--site {site}: write NAME=FILE_OR_FOLDER") };
        let path = PathBuf::from(path);
        let source = match std::fs::metadata(&path) {
            Ok(found) if found.is_dir() => Source::Folder(path),
            Ok(_) => Source::File(path),
            Err(error) => return Err(error).with_context(|| format!("--site {name}: cannot read {}", path.display())),
        };
        let id = SiteId::new(name)?;
        if options.sites.iter().any(|other| other.id == id) {
            bail!("--site {name} is given twice");
        }
        let site = SiteOptions::new(id, SiteData::Files(source));
        options = options.site(SiteOptions { policy: Some(POLICY.to_owned()), ..site });
    }
    let queries = parsed.datasets.first().map(queries).unwrap_or_default();
    Ok((options, queries))
}

/// The basic queries, over the first variables that they fit.
fn queries(dataset: &Dataset) -> Vec<Vec<String>> {
    let of = |fits: fn(&Kind) -> bool| -> Vec<String> {
        let Some(people) = dataset.tables.get(dataset.people) else { return Vec::new() };
        people.variables.iter().filter(|variable| fits(&variable.kind)).map(|v| v.id.to_string()).collect()
    };
    let continuous = of(|kind| matches!(kind, Kind::Continuous(_)));
    let binary = of(|kind| matches!(kind, Kind::Binary(_)));
    let levels = of(|kind| matches!(kind, Kind::Categorical { .. }));
    let dates = of(|kind| matches!(kind, Kind::Date(_)));
    let owned =
        |asks: &[String], options: &[&str]| query(&asks.iter().map(String::as_str).collect::<Vec<_>>(), options);
    let mut queries = vec![query(&["count"], &[])];
    for name in continuous.iter().take(3) {
        let asks = ["mean", "sd", "ci", "median", "quartiles"].map(|statistic| format!("{statistic}:{name}"));
        queries.push(owned(&asks, &[]));
    }
    for name in levels.iter().take(2) {
        queries.push(owned(&[format!("marginals:{name}"), format!("mode:{name}")], &[]));
    }
    if let (Some(value), Some(group)) = (continuous.first(), binary.last()) {
        queries.push(owned(&[format!("mean_difference:{value}:{group}"), format!("smd:{value}:{group}")], &[]));
    }
    if let [exposure, .., outcome] = binary.as_slice() {
        let asks = ["risk_ratio", "odds_ratio", "risk_difference"].map(|s| format!("{s}:{outcome}:{exposure}"));
        queries.push(owned(&asks, &[]));
    }
    if let Some(date) = dates.first() {
        queries.push(query(&["count"], &["--over", &format!("year:{date}")]));
    }
    queries
}
