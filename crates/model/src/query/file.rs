//! A query file: the parts of a query as TOML.

use serde::Deserialize;

use super::{Query, QueryError, parse_ask, parse_derivation, parse_factor, parse_over, parse_predicate};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    dataset: Option<String>,
    rows: Option<String>,
    #[serde(rename = "where")]
    cohort: Option<String>,
    #[serde(default)]
    derive: toml::Table,
    of: Vec<String>,
    #[serde(default)]
    by: Vec<String>,
    over: Option<String>,
    #[serde(default)]
    sites: Vec<String>,
}

/// Reads a query file; returns the query and the sites it names. `dataset` is empty when the file is silent.
///
/// # Errors
/// [`QueryError`]: not TOML, an unknown key, or a part that does not read.
pub fn parse_file(text: &str) -> Result<(Query, Vec<String>), QueryError> {
    let file: File = toml::from_str(text).map_err(|error| {
        let before = text.get(..error.span().map_or(0, |span| span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let right = "a query file has the keys dataset, rows, where, derive, of, by, over and sites";
        QueryError::misfit(&format!("query file, line {line}"), error.message().replace('\n', " "), right)
    })?;
    let File { dataset, rows, cohort, derive, of, by, over, sites } = file;
    if rows.as_deref() == Some("") {
        return Err(QueryError::misfit("rows", "the name of the table is empty", "leave rows out to count people"));
    }
    let derived = derive.into_iter().map(|(name, value)| {
        let place = format!("derive.{name}");
        let text = value
            .as_str()
            .ok_or_else(|| QueryError::misfit(&place, "not a text", "write it as in: peak = \"max(lab.crp)\""))?;
        Ok((name, parse_derivation(&place, text)?))
    });
    Ok((
        Query {
            dataset: dataset.unwrap_or_default(),
            rows,
            cohort: cohort.map(|text| parse_predicate("where", &text)).transpose()?,
            derived: derived.collect::<Result<_, QueryError>>()?,
            asks: of.iter().map(|text| parse_ask(&format!("of {text:?}"), text)).collect::<Result<_, _>>()?,
            by: by.iter().map(|text| parse_factor(&format!("by {text:?}"), text)).collect::<Result<_, _>>()?,
            over: over.map(|text| parse_over("over", &text)).transpose()?,
        },
        sites,
    ))
}
