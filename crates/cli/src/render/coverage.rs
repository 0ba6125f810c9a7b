//! Under the tables: who is in them, who is not, and what the marks mean.

use coda_model::estimate::{Answer, Estimate, Quantity, SiteStatus};

use super::status;

pub(crate) fn text(answer: &Answer) -> String {
    let named = |wanted: SiteStatus| {
        let sites = answer.sites.iter().filter(|site| site.status == wanted);
        sites.map(|site| site.site.to_string()).collect::<Vec<_>>()
    };
    let answered = named(SiteStatus::Answered);
    let mut text = format!("\n{} of {} sites answered: {}\n", answered.len(), answer.sites.len(), list(&answered));
    for site in answer.sites.iter().filter(|site| site.status != SiteStatus::Answered) {
        text.push_str(&format!("{} is not in the figures: {}, {}\n", site.site, status(site.status), site.detail));
    }
    let estimates = || {
        answer
            .asks
            .iter()
            .flat_map(|ask| &ask.cells)
            .flat_map(|cell| cell.sites.iter().map(|(_, e)| e).chain([&cell.network]))
    };
    if estimates().any(|estimate| !estimate.without.is_empty() && !estimate.from.is_empty()) {
        text.push_str("* without the sites whose part is withheld\n");
    }
    if estimates().any(withholds) {
        text.push_str(
            "withheld, and counts such as <5 or 12 to 16: a site gives out no figure that fewer than its threshold of people\n\
             (5 or more) are behind, zero included, nor one that would give such a figure away. Coarser groups, longer periods,\n\
             or asking for a variable apart from count help.\n",
        );
    }
    text
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn withholds(estimate: &Estimate) -> bool {
    estimate.figures.iter().any(|f| matches!(f.quantity, Quantity::Withheld | Quantity::CountBetween(..)))
}
