//! Previews, to read and in the documented schema, `coda-preview/1` (docs/answer.md).

use std::io::{self, Write};

use coda_model::{
    SiteId,
    estimate::{Budget, History, Preview, SiteOutcome, SiteStatus, Terms},
};
use serde::Serialize;

use super::{json::TermsEntry, status, table};

/// Changes when a reader of the old form could misread the new one.
const SCHEMA: &str = "coda-preview/1";
/// What makes a preview safe to give to whoever may ask.
const WHENCE: &str = "\
Cost and notes follow from the rules and from what was asked before, never from data (rule book: docs/disclosure.md).
";
/// Stands where there is nothing to count.
const NOTHING: &str = "-";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    sites: Vec<SiteEntry<'a>>,
}

#[derive(Serialize)]
struct SiteEntry<'a> {
    site: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_at_most: Option<u64>,
    #[serde(flatten)]
    terms: Option<TermsEntry<'a>>,
    notes: &'a [String],
}

/// Writes previews as one JSON document and a line end.
pub(crate) fn json(previews: &[Preview], output: &mut dyn Write) -> io::Result<()> {
    let document = Document { schema: SCHEMA, sites: previews.iter().map(site).collect() };
    serde_json::to_writer_pretty(&mut *output, &document)?;
    writeln!(output)
}

fn site(Preview { outcome, cost_at_most, notes }: &Preview) -> SiteEntry<'_> {
    // A preview names no build.
    let SiteOutcome { site, status, detail, build: _, terms } = outcome;
    SiteEntry {
        site: site.as_str(),
        status: super::status(*status),
        detail,
        cost_at_most: *cost_at_most,
        terms: terms.as_ref().map(TermsEntry::of),
        notes,
    }
}

/// Previews to read: what the query takes of each budget, what is bound to be withheld, and who did not say.
pub(crate) fn text(previews: &[Preview]) -> String {
    let came = |preview: &&Preview| preview.outcome.status == SiteStatus::Answered;
    let answered: Vec<&Preview> = previews.iter().filter(came).collect();
    let mut text = String::new();
    if !answered.is_empty() {
        let header = ["site", "cost at most", "spent", "allowed", "left", "requests left today", "cohorts left today"];
        let rows = table::numbers(&header, answered.iter().map(|preview| row(preview)).collect());
        text.push_str(&format!("\nwhat the query takes of your budget at each site, in figures\n{rows}\n\n"));
    }
    for (note, sites) in notes(&answered) {
        let several = answered.len() > 1;
        if several && sites.len() == answered.len() {
            text.push_str(&format!("at every site above: {note}\n"));
        } else {
            let names: Vec<_> = sites.iter().map(ToString::to_string).collect();
            text.push_str(&format!("at {}: {note}\n", names.join(", ")));
        }
    }
    for Preview { outcome: SiteOutcome { site, status: did, detail, .. }, .. } in previews.iter().filter(|p| !came(p)) {
        text.push_str(&format!("{site} says nothing of it: {}, {detail}\n", status(*did)));
    }
    if !answered.is_empty() {
        text.push_str(WHENCE);
    }
    text
}

fn row(Preview { outcome, cost_at_most, .. }: &Preview) -> Vec<String> {
    let mut row =
        vec![outcome.site.to_string(), cost_at_most.map_or_else(|| NOTHING.to_owned(), |cost| cost.to_string())];
    let figures = match &outcome.terms {
        // A site that keeps no history keeps no budget either.
        None | Some(Terms { history: History::Off, .. }) => [const { None }; 5],
        Some(Terms { budget, .. }) => {
            let Budget { spent, allowed, requests_left_today, cohorts_left_today } = *budget;
            [spent, allowed, allowed.saturating_sub(spent), requests_left_today, cohorts_left_today].map(Some)
        }
    };
    row.extend(figures.map(|figure| figure.map_or_else(|| NOTHING.to_owned(), |figure| figure.to_string())));
    row
}

/// Each note once, with the sites that say it, in the order of the sites.
fn notes<'a>(previews: &[&'a Preview]) -> Vec<(&'a str, Vec<&'a SiteId>)> {
    let mut notes: Vec<(&str, Vec<&SiteId>)> = Vec::new();
    for Preview { outcome: SiteOutcome { site, .. }, notes: said, .. } in previews {
        for note in said {
            match notes.iter_mut().find(|(known, _)| *known == note.as_str()) {
                // A site that says a note twice says it once.
                Some((_, sites)) if sites.last() == Some(&site) => {}
                Some((_, sites)) => sites.push(site),
                None => notes.push((note, vec![site])),
            }
        }
    }
    notes
}

#[cfg(test)]
mod tests;
