//! The answer in the documented schema, `coda-answer/2` (docs/answer.md).

use std::io::{self, Write};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use coda_client::Evidence;
use coda_model::{
    SiteId,
    estimate::{
        Answer, AskEstimates, CellEstimates, CountFigure, Estimate, Figure, Interval, Limits, Quantity, SiteOutcome,
        Terms,
    },
    rounding::Rounding,
};
use serde::Serialize;

use super::number::exact;

/// Changes when a reader of the old form could misread the new one.
const SCHEMA: &str = "coda-answer/2";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    cohort: &'a str,
    sites: Vec<SiteEntry<'a>>,
    axes: &'a [String],
    asks: Vec<AskEntry<'a>>,
    /// A `coda.v1.Evidence` in Base64, for `coda verify`.
    evidence: String,
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

/// On what terms a site answered.
#[derive(Serialize)]
struct TermsEntry<'a> {
    policy: &'a str,
    rounding: RoundingEntry,
    limits: LimitsEntry,
}

#[derive(Serialize)]
struct RoundingEntry {
    exact: bool,
    told_from: u64,
    base: u64,
    step: u64,
    step_sensitive: u64,
}

#[derive(Serialize)]
struct LimitsEntry {
    asks_left: u64,
    cohorts_left: u64,
    asks_left_today: u64,
}

#[derive(Serialize)]
struct AskEntry<'a> {
    ask: &'a str,
    cells: Vec<CellEntry<'a>>,
}

#[derive(Serialize)]
struct CellEntry<'a> {
    labels: &'a [String],
    network: NetworkEntry<'a>,
    sites: Vec<SiteEstimateEntry<'a>>,
}

#[derive(Serialize)]
struct SiteEstimateEntry<'a> {
    site: &'a str,
    figures: Vec<FigureEntry<'a>>,
}

#[derive(Serialize)]
struct NetworkEntry<'a> {
    sites_in: Vec<&'a str>,
    sites_out: Vec<&'a str>,
    figures: Vec<FigureEntry<'a>>,
}

#[derive(Serialize)]
struct FigureEntry<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'a str>,
    #[serde(flatten)]
    quantity: QuantityEntry<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<[f64; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certain: Option<[f64; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum QuantityEntry<'a> {
    Number(f64),
    Count(CountEntry),
    Category(&'a str),
    Suppressed(bool),
    Undefined(bool),
}

#[derive(Serialize)]
struct CountEntry {
    value: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certain: Option<[u64; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimate: Option<EstimateEntry>,
}

#[derive(Serialize)]
struct EstimateEntry {
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<[f64; 2]>,
}

/// Writes an answer about a cohort, in the canonical words of the plan, as one JSON document and a line end.
pub(crate) fn json(answer: &Answer, cohort: &str, evidence: &Evidence, output: &mut dyn Write) -> io::Result<()> {
    let Answer { sites, axes, asks } = answer;
    let document = Document {
        schema: SCHEMA,
        cohort,
        sites: sites.iter().map(site).collect(),
        axes,
        asks: asks.iter().map(ask).collect(),
        evidence: STANDARD.encode(evidence.encode()),
    };
    serde_json::to_writer_pretty(&mut *output, &document)?;
    writeln!(output)
}

fn site(outcome: &SiteOutcome) -> SiteEntry<'_> {
    let SiteOutcome { site, status, detail, build, terms } = outcome;
    SiteEntry {
        site: site.as_str(),
        status: super::status(*status),
        detail,
        build,
        terms: terms.as_ref().map(self::terms),
    }
}

fn terms(Terms { policy, rounding, limits }: &Terms) -> TermsEntry<'_> {
    let Rounding { told_from, base, step, step_sensitive } = *rounding;
    let Limits { asks_left, cohorts_left, asks_left_today } = *limits;
    TermsEntry {
        policy,
        rounding: RoundingEntry { exact: rounding.is_exact(), told_from, base, step, step_sensitive },
        limits: LimitsEntry { asks_left, cohorts_left, asks_left_today },
    }
}

fn ask(AskEstimates { ask, cells }: &AskEstimates) -> AskEntry<'_> {
    AskEntry { ask, cells: cells.iter().map(cell).collect() }
}

fn cell(CellEstimates { labels, sites, network }: &CellEstimates) -> CellEntry<'_> {
    let Estimate { figures: of, sites_in, sites_out } = network;
    CellEntry {
        labels,
        network: NetworkEntry {
            sites_in: sites_in.iter().map(SiteId::as_str).collect(),
            sites_out: sites_out.iter().map(SiteId::as_str).collect(),
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
    let Figure { name, level, quantity, confidence, certain, unit } = figure;
    FigureEntry {
        name,
        level: level.as_deref(),
        quantity: entry(quantity),
        confidence: confidence.and_then(ends),
        certain: certain.and_then(ends),
        unit: unit.as_deref(),
    }
}

fn entry(quantity: &Quantity) -> QuantityEntry<'_> {
    match quantity {
        // JSON has no infinities and no "not a number". No honest coordinator sends them.
        Quantity::Number(number) if !number.is_finite() => QuantityEntry::Undefined(true),
        Quantity::Number(number) => QuantityEntry::Number(exact(*number)),
        Quantity::Count(count) => QuantityEntry::Count(self::count(count)),
        Quantity::Level(level) => QuantityEntry::Category(level),
        Quantity::Suppressed => QuantityEntry::Suppressed(true),
        Quantity::Undefined => QuantityEntry::Undefined(true),
    }
}

fn count(CountFigure { value, certain, estimate }: &CountFigure) -> CountEntry {
    CountEntry {
        value: *value,
        certain: certain.map(|(low, high)| [low, high]),
        estimate: estimate.map(|estimate| EstimateEntry {
            value: exact(estimate.value),
            confidence: estimate.interval.and_then(ends),
        }),
    }
}

fn ends(Interval { low, high }: Interval) -> Option<[f64; 2]> {
    (low.is_finite() && high.is_finite()).then(|| [exact(low), exact(high)])
}
