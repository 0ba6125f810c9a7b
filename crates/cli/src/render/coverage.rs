//! Under the tables: who is in them, who is not, and what the marks mean.

use coda_model::estimate::{
    Answer, AskEstimates, Estimate, Figure, Interval, IntervalKind, Quantity, SiteOutcome, SiteStatus,
};
use coda_stats::{Takes, find};

use super::status;

/// Tells the two kinds of intervals apart.
const INTERVALS: &str = "[a to b]: the figure is within it for certain; (a to b): a 95 % confidence interval\n";
/// Explains what is withheld. The same words whatever the reason, since the reason may not be told.
const WITHHELD: &str = "\
withheld, and counts such as <5 or 12 to 16: a site gives out no figure that fewer than its threshold of people
(5 or more) are behind, zero included, nor one that would give such a figure away (rule book: docs/disclosure.md).
";
/// What an asker may do, whatever the data.
const HELP: &str = "Coarser groups, longer periods or a larger cohort help.\n";
/// The same, where a mean was asked for: a few large values withhold a mean but no median (disclosure.md 1.2).
const HELP_WITH_MEANS: &str =
    "Coarser groups, longer periods or a larger cohort help; for skewed values, the median rather than the mean.\n";
/// What no change of that kind helps against.
const TOLD_BEFORE: &str = "What comes close to figures told before stays withheld.\n";

pub(crate) fn text(answer: &Answer) -> String {
    let mut text = format!("\n{}", sites(&answer.sites));
    let estimates = || answer.asks.iter().flat_map(of_ask);
    if estimates().any(|estimate| estimate.figures.iter().any(|figure| is_without_some(estimate, figure))) {
        text.push_str("* without the sites whose part is withheld\n");
    }
    if estimates().any(|estimate| estimate.figures.iter().any(is_certainly_within)) {
        text.push_str(INTERVALS);
    }
    if estimates().any(|estimate| estimate.figures.iter().any(|figure| withheld(figure) || between(figure))) {
        text.push_str(WITHHELD);
        text.push_str(if answer.asks.iter().any(means_withheld) { HELP_WITH_MEANS } else { HELP });
        text.push_str(TOLD_BEFORE);
    }
    text
}

/// Whether a figure is told without the sites that withhold their part. An interval of a count has room for theirs, and a
/// level is told where it holds whatever theirs is.
pub(super) fn is_without_some(estimate: &Estimate, figure: &Figure) -> bool {
    let are_some = !estimate.without.is_empty() && !estimate.from.is_empty();
    are_some && !withheld(figure) && !between(figure) && !matches!(figure.quantity, Quantity::Level(_))
}

/// Who answered, and what the others did.
pub(crate) fn sites(sites: &[SiteOutcome]) -> String {
    let answered = sites.iter().filter(|site| site.status == SiteStatus::Answered);
    let answered: Vec<String> = answered.map(|site| site.site.to_string()).collect();
    let mut text = format!("{} of {} sites answered: {}\n", answered.len(), sites.len(), list(&answered));
    for site in sites.iter().filter(|site| site.status != SiteStatus::Answered) {
        text.push_str(&format!("{} is not in the figures: {}, {}\n", site.site, status(site.status), site.detail));
    }
    text
}

fn of_ask(ask: &AskEstimates) -> impl Iterator<Item = &Estimate> {
    ask.cells.iter().flat_map(|cell| cell.sites.iter().map(|(_, estimate)| estimate).chain([&cell.network]))
}

/// Whether an ask of a mean, or of what is made of means, has something withheld.
fn means_withheld(ask: &AskEstimates) -> bool {
    let statistic = ask.ask.split(':').next().unwrap_or_default().trim();
    let takes = find(statistic).into_iter().flat_map(|statistic| statistic.forms().iter().copied().flatten());
    let sums = takes.copied().any(|takes| takes == Takes::Measured);
    sums && of_ask(ask).any(|estimate| estimate.figures.iter().any(withheld))
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// Whether a figure is told as one of several.
fn is_certainly_within(figure: &Figure) -> bool {
    let wide = |interval: Interval| interval.low.to_bits() != interval.high.to_bits();
    figure.interval.is_some_and(|interval| interval.kind == IntervalKind::Certain && wide(interval))
}

fn withheld(figure: &Figure) -> bool {
    matches!(figure.quantity, Quantity::Withheld)
}

fn between(figure: &Figure) -> bool {
    matches!(figure.quantity, Quantity::CountBetween(..))
}
