//! On what terms the sites answered: close cohorts, and what is left of the budget.

use coda_model::estimate::{Budget, History, SiteOutcome, Terms};

/// What every reply says that a site which snaps has a part in. It must not depend on the figures: said only when a cohort
/// was replaced, it would tell that (disclosure.md 2.3).
const CLOSE_COHORTS: &str = "\
Figures may describe a cohort differing by fewer than 5 people (or the site's own threshold) from the one asked
(rule book: docs/disclosure.md, section 'Close cohorts').
";

/// The sentence on close cohorts, and a line of budget for each site that keeps one.
pub(super) fn text(sites: &[SiteOutcome]) -> String {
    let terms = || sites.iter().filter_map(|site| site.terms.as_ref().map(|terms| (site, terms)));
    let mut text = String::new();
    if terms().any(|(_, terms)| terms.history == History::Snap) {
        text.push_str(CLOSE_COHORTS);
    }
    for (SiteOutcome { site, .. }, Terms { budget, .. }) in terms().filter(|(_, terms)| terms.budget.allowed > 0) {
        let Budget { spent, allowed, requests_left_today, cohorts_left_today } = *budget;
        text.push_str(&format!(
            "budget at {site}: {spent} of {} spent; {} and {} left today\n",
            counted(allowed, "figure"),
            counted(requests_left_today, "request"),
            counted(cohorts_left_today, "cohort"),
        ));
    }
    text
}

fn counted(count: u64, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {what}{ending}")
}
