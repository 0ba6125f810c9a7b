//! Answers as tables, JSON and CSV.

mod coverage;
mod csv;
mod json;
mod number;
mod suppressed;
pub(crate) mod table;

use coda_model::estimate::{Answer, SiteStatus};

pub(crate) use csv::csv;
pub(crate) use json::json;
pub(crate) use suppressed::HELP;

/// The word for what a site did; the same in all three forms.
pub(crate) fn status(status: SiteStatus) -> &'static str {
    match status {
        SiteStatus::Answered => "answered",
        SiteStatus::Refused => "refused",
        SiteStatus::TooSmall => "too small",
        SiteStatus::Unreachable => "unreachable",
        SiteStatus::Invalid => "invalid",
    }
}

/// The whole answer to read: tables, and at most two lines under them. Where nobody answered there is nothing to tabulate.
pub(crate) fn text(answer: &Answer) -> String {
    if answer.sites.iter().all(|site| site.status != SiteStatus::Answered) {
        return coverage::out(answer);
    }
    format!("{}\n{}{}", table::answer(answer), coverage::counts(answer), coverage::out(answer))
}

#[cfg(test)]
mod tests;
