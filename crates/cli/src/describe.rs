//! `coda describe`: what may be asked.

use std::{io::Write, path::Path};

use anyhow::Context;
use coda_client::Description;
use coda_model::{
    calendar::iso,
    dictionary::{Dataset, ReleaseMode, RowsPer},
    query::QueryError,
    rounding::Sensitivity,
    variable::{Kind, Missing, Variable},
};
use coda_stats::ALL;

use crate::{arguments::Describe, config, render::table};

pub(crate) async fn run(config: Option<&Path>, of: &Describe, output: &mut dyn Write) -> anyhow::Result<()> {
    let description = config::hub(config)?.describe().await?;
    let text = text(&description, of.dataset.as_deref())?;
    output.write_all(text.as_bytes()).context("cannot write")
}

fn text(description: &Description, only: Option<&str>) -> anyhow::Result<String> {
    let Description { dictionary, sites, text: _, projects } = description;
    let chosen: Vec<&Dataset> =
        dictionary.datasets.iter().filter(|dataset| only.is_none_or(|only| dataset.id.as_str() == only)).collect();
    if let (true, Some(only)) = (chosen.is_empty(), only) {
        let known = dictionary.datasets.iter().map(|dataset| dataset.id.as_str());
        return Err(QueryError::unknown("--dataset", "data set", only, known).into());
    }
    let mut text = format!("{}, dictionary {}\n", dictionary.title, dictionary.version);
    for dataset in chosen {
        text.push_str(&format!("\nData set {}: {}\n", dataset.id, dataset.label));
        if dataset.release == ReleaseMode::Exact {
            text.push_str("Public or synthetic by the dictionary: sums leave as they are, counts from 5 people on.\n");
        }
        for of in &dataset.tables {
            let rows = match of.rows {
                RowsPer::One => "one row a person".to_owned(),
                RowsPer::Many(most) => {
                    format!("up to {most} rows a person; derive a value, ask has {} (…), or --rows", of.id)
                }
            };
            text.push_str(&format!("\nTable {}: {}; {rows}\n", of.id, of.label));
            let rows = of.variables.iter().map(row).collect();
            text.push_str(&table::plain(&["variable", "type", "values", "missing", "label"], rows));
            text.push('\n');
        }
    }
    text.push_str("\nStatistics\n");
    let rows = ALL.iter().map(|statistic| {
        let form = |form: &&[coda_stats::Takes]| {
            form.iter().fold(statistic.name().to_owned(), |text, takes| format!("{text}:{}", short(*takes)))
        };
        let forms: Vec<_> = statistic.forms().iter().map(form).collect();
        vec![forms.join(" or "), statistic.summary().to_owned()]
    });
    text.push_str(&table::plain(&["--of", "what it is"], rows.collect()));
    let projects = if projects.is_empty() { "none".to_owned() } else { projects.join(", ") };
    text.push_str(&format!("\n\nProjects you may ask for: {projects}\n\nSites\n"));
    let rows = sites.iter().map(|site| {
        let may = if site.permissions.is_empty() { "nothing".to_owned() } else { site.permissions.join(", ") };
        vec![site.site.to_string(), may]
    });
    text.push_str(&table::plain(&["site", "you may use"], rows.collect()));
    text.push('\n');
    Ok(text)
}

fn short(takes: coda_stats::Takes) -> &'static str {
    match takes {
        coda_stats::Takes::Anything => "VARIABLE",
        coda_stats::Takes::Continuous | coda_stats::Takes::Measured => "CONTINUOUS",
        coda_stats::Takes::Classes => "LEVELS",
        coda_stats::Takes::TwoClasses => "TWO_CLASSES",
    }
}

fn row(variable: &Variable) -> Vec<String> {
    let values = match &variable.kind {
        Kind::Continuous(continuous) => {
            let scale = continuous.scale;
            let (lower, upper) = (scale.value(0.0), scale.value(f64::from(scale.span())));
            format!("{lower} to {upper} {}, in steps of {}", continuous.unit, scale.resolution())
        }
        Kind::Binary(_) => "no, yes".to_owned(),
        Kind::Categorical(categorical) => categorical.levels.join(", "),
        Kind::Date(range) => format!("{} to {}, by {}", iso(range.from), iso(range.to), range.cuts),
    };
    let missing = match variable.missing {
        Missing::Never => "never",
        Missing::May => "may be",
    };
    let missing = match variable.sensitivity {
        Sensitivity::Plain => missing.to_owned(),
        Sensitivity::Sensitive => format!("{missing}; sensitive"),
    };
    let label = if variable.label == variable.id.as_str() { String::new() } else { variable.label.clone() };
    vec![variable.id.to_string(), variable.kind.word().to_owned(), values, missing, label]
}
