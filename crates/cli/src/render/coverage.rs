//! The lines under a table: how counts are told, and who is not in the figures.

use coda_model::{
    estimate::{Answer, Estimate, Figure, Quantity, SiteOutcome, SiteStatus},
    rounding::Rounding,
};

/// How the sites told counts, in one line.
pub(super) fn counts(answer: &Answer) -> String {
    let roundings = || answer.sites.iter().filter_map(|site| site.terms.as_ref()).map(|terms| terms.rounding);
    let told_from = roundings().map(|rounding| rounding.told_from).max().unwrap_or_default();
    let estimated = if any(answer, is_estimated) { " ~: estimated in part (coda help suppressed)." } else { "" };
    let how = if roundings().all(|rounding| rounding.is_exact()) {
        "Counts are exact.".to_owned()
    } else {
        let base = roundings().map(|Rounding { base, .. }| base).max().unwrap_or_default();
        let error = answer.asks.iter().flat_map(|ask| &ask.cells).flat_map(|cell| &cell.sites);
        let error = error.flat_map(|(_, estimate)| &estimate.figures).filter_map(error_of).max().unwrap_or_default();
        // A network count is off by the errors of its sites together.
        let whose = if roundings().nth(1).is_some() { "each site's within" } else { "within" };
        let within = if error > 0 { format!(" ({whose} {error} of the truth)") } else { String::new() };
        format!("Counts are rounded at random to multiples of {base}{within}.")
    };
    let few = if any(answer, has_too_few) { " n<: too few people for this figure." } else { "" };
    format!("{how} <{told_from}: suppressed.{few}{estimated}\n")
}

/// Who is not in the figures, in one line; nothing when everybody is.
pub(super) fn out(answer: &Answer) -> String {
    let out = answer.sites.iter().filter(|site| site.status != SiteStatus::Answered);
    let out: Vec<String> = out.map(because).collect();
    if out.is_empty() { String::new() } else { format!("Not in the figures: {}.\n", out.join("; ")) }
}

fn because(SiteOutcome { site, status, detail, .. }: &SiteOutcome) -> String {
    match status {
        SiteStatus::TooSmall => format!("{site} (too small to answer alone)"),
        _ => format!("{site} ({}: {detail})", super::status(*status)),
    }
}

fn any(answer: &Answer, is_so: fn(&Figure) -> bool) -> bool {
    let cells = answer.asks.iter().flat_map(|ask| &ask.cells);
    let estimates = cells.flat_map(|cell| cell.sites.iter().map(|(_, estimate)| estimate).chain([&cell.network]));
    estimates.flat_map(|Estimate { figures, .. }| figures).any(is_so)
}

fn is_estimated(figure: &Figure) -> bool {
    matches!(&figure.quantity, Quantity::Count(count) if count.estimate.is_some())
}

fn has_too_few(figure: &Figure) -> bool {
    figure.quantity == Quantity::Suppressed
}

/// By how much a site's told count may be off.
fn error_of(figure: &Figure) -> Option<u64> {
    match &figure.quantity {
        Quantity::Count(count) => count.value.zip(count.certain).map(|(value, (_, high))| high.saturating_sub(value)),
        _ => None,
    }
}
