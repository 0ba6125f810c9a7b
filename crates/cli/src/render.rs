//! Answers as tables, JSON and CSV; previews as tables and JSON.

mod coverage;
mod csv;
mod json;
mod number;
pub(crate) mod preview;
pub(crate) mod table;
mod terms;

use coda_model::estimate::{Answer, SiteStatus};

pub(crate) use csv::csv;
pub(crate) use json::json;

/// The word for what a site did; the same in all three forms.
pub(crate) fn status(status: SiteStatus) -> &'static str {
    match status {
        SiteStatus::Answered => "answered",
        SiteStatus::Refused => "refused",
        SiteStatus::Silent => "silent",
        SiteStatus::Invalid => "invalid",
    }
}

/// The whole answer to read: tables, who is in them, and on what terms. Where nobody answered there is nothing to tabulate.
pub(crate) fn text(answer: &Answer) -> String {
    if answer.sites.iter().all(|site| site.status != SiteStatus::Answered) {
        return format!("{}{}", coverage::sites(&answer.sites), terms::text(&answer.sites));
    }
    format!("{}{}{}", table::answer(answer), coverage::text(answer), terms::text(&answer.sites))
}

#[cfg(test)]
mod tests;
