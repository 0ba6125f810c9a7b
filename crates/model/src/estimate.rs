//! Estimates: the figures a researcher sees, and over which sites they were made.

use crate::{ids::SiteId, rounding::Rounding};

/// The answer to a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What each site did.
    pub sites: Vec<SiteOutcome>,
    /// Names of the cell axes, in the order of [`CellEstimates::labels`].
    pub axes: Vec<String>,
    /// Ask by ask.
    pub asks: Vec<AskEstimates>,
}

/// What a site did with a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteOutcome {
    /// The site.
    pub site: SiteId,
    /// What it did.
    pub status: SiteStatus,
    /// Why, in words for the asker; empty when it answered.
    pub detail: String,
    /// The build that answered.
    pub build: String,
    /// On what terms it answered.
    pub terms: Option<Terms>,
}

/// On what terms a site answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Digest of the site's policy in its canonical form, keyed with a secret of the site, hexadecimal.
    pub policy: String,
    /// How it tells counts.
    pub rounding: Rounding,
    /// What may still be asked.
    pub limits: Limits,
}

/// What may still be asked of a site (R15). An ask is one statistic of one cohort; a repeated ask is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// New asks left to the project.
    pub asks_left: u64,
    /// New cohorts left to the project.
    pub cohorts_left: u64,
    /// New asks left to the person today.
    pub asks_left_today: u64,
}

/// What a site did with a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SiteStatus {
    /// It answered.
    Answered,
    /// It refused, for a reason that depends only on the request, or because the watch holds the asker.
    Refused,
    /// It has too few people to answer alone (R13).
    TooSmall,
    /// It was not reached, or not in time.
    Unreachable,
    /// It answered what no honest site can answer; none of it was used.
    Invalid,
}

/// The estimates of one ask.
#[derive(Debug, Clone, PartialEq)]
pub struct AskEstimates {
    /// The ask as it was written.
    pub ask: String,
    /// Cell by cell.
    pub cells: Vec<CellEstimates>,
}

/// The estimates of one ask in one cell: of each site that answered, and of the network.
#[derive(Debug, Clone, PartialEq)]
pub struct CellEstimates {
    /// A label for each axis.
    pub labels: Vec<String>,
    /// Each site that answered.
    pub sites: Vec<(SiteId, Estimate)>,
    /// All of them together.
    pub network: Estimate,
}

/// Figures over one or more sites.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Estimate {
    /// The figures, in the order of the statistic.
    pub figures: Vec<Figure>,
    /// Sites whose people are in the figures.
    pub sites_in: Vec<SiteId>,
    /// Sites that were asked and are not in: suppressed, refused, too small, unreachable.
    pub sites_out: Vec<SiteId>,
}

/// One figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What it is: `mean`, `sd`, `count`, `share`.
    pub name: String,
    /// The level, bin or class it is of, where there are several.
    pub level: Option<String>,
    /// Its value.
    pub quantity: Quantity,
    /// 95 % confidence interval; the variance of the perturbation is in it.
    pub confidence: Option<Interval>,
    /// Interval that certainly contains the exact value.
    pub certain: Option<Interval>,
    /// UCUM unit, where it has one.
    pub unit: Option<String>,
}

/// A value of a figure.
#[derive(Debug, Clone, PartialEq)]
pub enum Quantity {
    /// A number.
    Number(f64),
    /// A count.
    Count(CountFigure),
    /// A level.
    Level(String),
    /// Too few people are behind it.
    Suppressed,
    /// There is no such number, as a ratio to a spread of 0 of exact data.
    Undefined,
}

/// A count.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CountFigure {
    /// The sum of what sites told; none where none did.
    pub value: Option<u64>,
    /// The exact count certainly lies between these, both included; none of rows, whose noise has no narrow bound.
    pub certain: Option<(u64, u64)>,
    /// The count with an estimate for each site that suppresses its part.
    pub estimate: Option<EstimatedCount>,
}

/// An estimated count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EstimatedCount {
    /// The estimate.
    pub value: f64,
    /// Its 95 % interval; none where it is read off a line between told edges of a distribution.
    pub interval: Option<Interval>,
}

/// An interval about a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Figure {
    /// A figure with nothing beside it.
    pub fn new(name: &str, quantity: Quantity) -> Self {
        Self { name: name.to_owned(), level: None, quantity, confidence: None, certain: None, unit: None }
    }

    /// A number with its unit.
    pub fn number(name: &str, value: f64, unit: Option<&str>) -> Self {
        Self { unit: unit.map(str::to_owned), ..Self::new(name, Quantity::Number(value)) }
    }

    /// A count.
    pub fn count(name: &str, count: CountFigure) -> Self {
        Self::new(name, Quantity::Count(count))
    }

    /// A figure with too few people behind it.
    pub fn suppressed(name: &str) -> Self {
        Self::new(name, Quantity::Suppressed)
    }

    /// The same figure, of a level.
    #[must_use]
    pub fn of(mut self, level: &str) -> Self {
        self.level = Some(level.to_owned());
        self
    }

    /// The same figure with a 95 % confidence interval.
    #[must_use]
    pub fn confidence(mut self, low: f64, high: f64) -> Self {
        self.confidence = Some(Interval { low, high });
        self
    }

    /// The same figure with an interval that certainly contains the exact value.
    #[must_use]
    pub fn certain(mut self, low: f64, high: f64) -> Self {
        self.certain = Some(Interval { low, high });
        self
    }
}
