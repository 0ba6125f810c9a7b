//! Estimates: the figures a researcher sees, and over which sites they were made.

use crate::ids::SiteId;

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

/// What a query would cost at a site, and what of it is bound to be withheld: from public facts alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// What the site did with the request.
    pub outcome: SiteOutcome,
    /// At most so many figures of the budget; `None` when the site did not answer.
    pub cost_at_most: Option<u64>,
    /// What would be refused or withheld, in words.
    pub notes: Vec<String>,
}

/// On what terms a site answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// SHA-256 of the site's policy in its canonical form, hexadecimal.
    pub policy: String,
    /// What it does with cohorts close to earlier ones.
    pub history: History,
    /// What the asker may still ask.
    pub budget: Budget,
}

/// What a site does with a cohort that fewer than its threshold of people tell from one it answered before
/// (disclosure.md 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum History {
    /// It answers for the earlier one.
    #[default]
    Snap,
    /// It withholds, also when the two have the same people.
    RefuseSymmetric,
    /// It does not look. No policy can say so; only networks for tests and measurements can.
    Off,
}

/// What an asker has spent of a site's budget of linear statistics (disclosure.md 2.5), and what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    /// Figures released to the asker.
    pub spent: u64,
    /// As many may be.
    pub allowed: u64,
    /// Requests left today.
    pub requests_left_today: u64,
    /// Cohorts not asked before left today.
    pub cohorts_left_today: u64,
}

impl History {
    /// All of them, with their words.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Snap, "snap"), (Self::RefuseSymmetric, "refuse_symmetric"), (Self::Off, "off")];

    /// The word in policies, messages and documents.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(history, _)| *history == self).map_or("", |(_, word)| word)
    }

    /// The one of this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(history, _)| *history)
    }
}

/// What a site did with a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SiteStatus {
    /// It answered.
    Answered,
    /// It refused, for a reason that depends only on the request.
    Refused,
    /// It was not reached, or not in time.
    Silent,
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
    /// Sites whose frames are in the figures, in whole or in part.
    pub from: Vec<SiteId>,
    /// Sites that answered but withheld all they have of this cell.
    pub without: Vec<SiteId>,
}

/// One figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What it is: `mean`, `sd`, a level, a bin.
    pub name: String,
    /// Its value.
    pub quantity: Quantity,
    /// An interval about the value.
    pub interval: Option<Interval>,
    /// UCUM unit, where it has one.
    pub unit: Option<String>,
}

/// A value of a figure.
#[derive(Debug, Clone, PartialEq)]
pub enum Quantity {
    /// A number.
    Number(f64),
    /// A count, exact.
    Count(u64),
    /// A count that is only known to lie between two numbers, because a part of it is withheld.
    CountBetween(u64, u64),
    /// A level.
    Level(String),
    /// Nothing may be said.
    Withheld,
}

/// An interval about a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// What it promises.
    pub kind: IntervalKind,
}

/// What an interval promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntervalKind {
    /// 95 % confidence.
    Confidence95,
    /// The figure of the pooled rows lies in it for certain.
    Certain,
}

impl Figure {
    /// A number with its unit.
    pub fn number(name: &str, value: f64, unit: Option<&str>) -> Self {
        Self { name: name.to_owned(), quantity: Quantity::Number(value), interval: None, unit: unit.map(str::to_owned) }
    }

    /// A count.
    pub fn count(name: &str, quantity: Quantity) -> Self {
        Self { name: name.to_owned(), quantity, interval: None, unit: None }
    }

    /// A figure of which nothing may be said.
    pub fn withheld(name: &str) -> Self {
        Self::count(name, Quantity::Withheld)
    }

    /// The same figure with a 95 % confidence interval.
    #[must_use]
    pub fn confidence(mut self, low: f64, high: f64) -> Self {
        self.interval = Some(Interval { low, high, kind: IntervalKind::Confidence95 });
        self
    }

    /// The same figure with an interval that holds the pooled figure for certain.
    #[must_use]
    pub fn certain(mut self, low: f64, high: f64) -> Self {
        self.interval = Some(Interval { low, high, kind: IntervalKind::Certain });
        self
    }
}
