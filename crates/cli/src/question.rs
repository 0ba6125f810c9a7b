//! What `coda query` asks, from a file or from options, and whether anybody answered.

use std::path::{Path, PathBuf};

use anyhow::bail;
use coda_client::{Description, Hub, NewQuery};
use coda_model::{
    SiteId,
    estimate::{SiteOutcome, SiteStatus},
    query::{self, QueryError},
};

use crate::{Ending, arguments::Question, config};

/// A query file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the query file {}", .file.display())]
pub(crate) struct Unread {
    file: PathBuf,
    source: std::io::Error,
}

/// The hub that the configuration names, and what is asked of whom. A fault of the query's form is
/// found before the hub is called.
pub(crate) async fn prepare(config: Option<&Path>, of: &Question) -> anyhow::Result<(Hub, NewQuery)> {
    let (mut query, mut names) = read(of)?;
    let hub = config::hub(config)?;
    let description = hub.describe().await?;
    fill(&mut query, &mut names, &description)?;
    let sites = names.iter().map(|name| SiteId::new(name)).collect::<Result<Vec<_>, _>>()?;
    let project = project(&of.project, &description.projects)?;
    Ok((hub, NewQuery { query, sites, project, dictionary: description.text }))
}

/// The project that is named, or the only one that the asker has.
fn project(named: &str, own: &[String]) -> anyhow::Result<String> {
    match own {
        _ if !named.is_empty() => Ok(named.to_owned()),
        [one] => Ok(one.clone()),
        [] => bail!("you have no role with queries for any project; ask a site's administrator for one"),
        several => bail!(QueryError::misfit(
            "project",
            "none is named",
            format!("name one of {} (--project)", several.join(", "))
        )),
    }
}

/// Done when a site answered; otherwise says on standard error what each of them did.
pub(crate) fn ending<'a>(sites: impl Iterator<Item = &'a SiteOutcome> + Clone) -> anyhow::Result<Ending> {
    if sites.clone().any(|site| site.status == SiteStatus::Answered) {
        return Ok(Ending::Done);
    }
    for SiteOutcome { site, detail, .. } in sites {
        eprintln!("{site}: {detail}");
    }
    bail!("no site answered")
}

/// The query, and the sites it names.
fn read(of: &Question) -> anyhow::Result<(query::Query, Vec<String>)> {
    let (mut query, mut sites) = match &of.file {
        Some(file) => {
            let text = std::fs::read_to_string(file).map_err(|source| Unread { file: file.clone(), source })?;
            query::parse_file(&text)?
        }
        None if of.of.is_empty() => {
            bail!(QueryError::misfit("query", "nothing is asked", "name a query file, or ask as in --of mean:age"));
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

fn options(of: &Question) -> Result<query::Query, QueryError> {
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

#[cfg(test)]
mod tests;
