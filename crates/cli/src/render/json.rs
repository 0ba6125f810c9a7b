//! The answer in the documented schema, `coda-answer/1` (docs/answer.md).

use std::io::{self, Write};

use coda_model::{
    SiteId,
    estimate::{
        Answer, AskEstimates, Budget, CellEstimates, Estimate, Figure, Interval, IntervalKind, Quantity, SiteOutcome,
        Terms,
    },
};
use serde::Serialize;

use super::number::exact;

/// Changes when a reader of the old form could misread the new one.
const SCHEMA: &str = "coda-answer/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    sites: Vec<SiteEntry<'a>>,
    axes: &'a [String],
    asks: Vec<AskEntry<'a>>,
}

#[derive(Serialize)]
struct SiteEntry<'a> {
    site: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    build: &'a str,
    #[serde(flatten)]
    terms: Option<TermsEntry<'a>>,
}

/// On what terms a site answered; the same keys in answers and previews.
#[derive(Serialize)]
pub(super) struct TermsEntry<'a> {
    policy: &'a str,
    history: &'static str,
    budget: BudgetEntry,
}

#[derive(Serialize)]
struct BudgetEntry {
    spent: u64,
    allowed: u64,
    requests_left_today: u64,
    cohorts_left_today: u64,
}

#[derive(Serialize)]
struct AskEntry<'a> {
    ask: &'a str,
    cells: Vec<CellEntry<'a>>,
}

#[derive(Serialize)]
struct CellEntry<'a> {
    labels: &'a [String],
    network: EstimateEntry<'a>,
    sites: Vec<SiteEstimateEntry<'a>>,
}

#[derive(Serialize)]
struct SiteEstimateEntry<'a> {
    site: &'a str,
    figures: Vec<FigureEntry<'a>>,
}

#[derive(Serialize)]
struct EstimateEntry<'a> {
    from: Vec<&'a str>,
    without: Vec<&'a str>,
    figures: Vec<FigureEntry<'a>>,
}

#[derive(Serialize)]
struct FigureEntry<'a> {
    name: &'a str,
    #[serde(flatten)]
    quantity: QuantityEntry<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<IntervalEntry>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum QuantityEntry<'a> {
    Number(f64),
    Count(u64),
    CountBetween([u64; 2]),
    Level(&'a str),
    Withheld(bool),
}

#[derive(Serialize)]
struct IntervalEntry {
    kind: &'static str,
    low: f64,
    high: f64,
}

impl<'a> TermsEntry<'a> {
    pub(super) fn of(Terms { policy, history, budget }: &'a Terms) -> Self {
        let Budget { spent, allowed, requests_left_today, cohorts_left_today } = *budget;
        let budget = BudgetEntry { spent, allowed, requests_left_today, cohorts_left_today };
        Self { policy, history: history.word(), budget }
    }
}

/// Writes an answer as one JSON document and a line end.
pub(crate) fn json(answer: &Answer, output: &mut dyn Write) -> io::Result<()> {
    let Answer { sites, axes, asks } = answer;
    let document = Document {
        schema: SCHEMA,
        sites: sites.iter().map(site).collect(),
        axes,
        asks: asks.iter().map(ask).collect(),
    };
    serde_json::to_writer_pretty(&mut *output, &document)?;
    writeln!(output)
}

fn site(outcome: &SiteOutcome) -> SiteEntry<'_> {
    let SiteOutcome { site, status, detail, build, terms } = outcome;
    let terms = terms.as_ref().map(TermsEntry::of);
    SiteEntry { site: site.as_str(), status: super::status(*status), detail, build, terms }
}

fn ask(AskEstimates { ask, cells }: &AskEstimates) -> AskEntry<'_> {
    AskEntry { ask, cells: cells.iter().map(cell).collect() }
}

fn cell(CellEstimates { labels, sites, network }: &CellEstimates) -> CellEntry<'_> {
    let Estimate { figures: of, from, without } = network;
    CellEntry {
        labels,
        network: EstimateEntry {
            from: from.iter().map(SiteId::as_str).collect(),
            without: without.iter().map(SiteId::as_str).collect(),
            figures: figures(of),
        },
        sites: sites
            .iter()
            .map(|(site, estimate)| SiteEstimateEntry { site: site.as_str(), figures: figures(&estimate.figures) })
            .collect(),
    }
}

fn figures(figures: &[Figure]) -> Vec<FigureEntry<'_>> {
    figures.iter().map(figure).collect()
}

fn figure(figure: &Figure) -> FigureEntry<'_> {
    let Figure { name, quantity, interval, unit } = figure;
    FigureEntry { name, quantity: entry(quantity), unit: unit.as_deref(), interval: interval.and_then(about) }
}

fn entry(quantity: &Quantity) -> QuantityEntry<'_> {
    match quantity {
        // JSON has no infinities and no "not a number". No honest coordinator sends them.
        Quantity::Number(number) if !number.is_finite() => QuantityEntry::Withheld(true),
        Quantity::Number(number) => QuantityEntry::Number(exact(*number)),
        Quantity::Count(count) => QuantityEntry::Count(*count),
        Quantity::CountBetween(low, high) => QuantityEntry::CountBetween([*low, *high]),
        Quantity::Level(level) => QuantityEntry::Level(level),
        Quantity::Withheld => QuantityEntry::Withheld(true),
    }
}

fn about(Interval { low, high, kind }: Interval) -> Option<IntervalEntry> {
    let kind = match kind {
        IntervalKind::Confidence95 => "confidence_95",
        IntervalKind::Certain => "certain",
    };
    (low.is_finite() && high.is_finite()).then(|| IntervalEntry { kind, low: exact(low), high: exact(high) })
}
