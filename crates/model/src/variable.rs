//! What a column may hold.

use time::Date;

use crate::{
    calendar::{self, Bucket},
    ids::VariableId,
    rounding::Sensitivity,
    scale::Scale,
};

/// The most cells a public grid may have.
pub const GRID_LIMIT: usize = 256;

/// One declared column, or a derived one: a value (or none) for each person or row.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its name in queries.
    pub id: VariableId,
    /// Its name for people.
    pub label: String,
    /// The column of the site's file that it is read from.
    pub column: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether a value may be missing.
    pub missing: Missing,
    /// Whether counts of people chosen by it are perturbed more (R4).
    pub sensitivity: Sensitivity,
}

/// Whether a value may be missing, as the dictionary promises to everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// A build with a missing value is refused, so that none is missing is public.
    Never,
    /// Missing is a level of its own.
    May,
}

/// The type of a variable.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A measured number.
    Continuous(Continuous),
    /// No (code 0) or yes (code 1).
    Binary(Binary),
    /// One of declared levels; the code is the level's place.
    Categorical(Categorical),
    /// A day; the code is the number of days since `from`.
    Date(DateRange),
}

/// The levels of a categorical variable.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Categorical {
    /// The levels, in the order they are shown.
    pub levels: Vec<String>,
    /// Residual levels, such as "other", each with the place of the level it is counted with at every site (R11).
    pub residual: Vec<(String, usize)>,
}

/// A continuous variable's unit, scale and public grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Continuous {
    /// UCUM unit.
    pub unit: String,
    /// Bounds and resolution.
    pub scale: Scale,
    /// Ascending codes where the cells of the public grid begin; the first is 0, the last cell ends after the upper bound.
    pub grid: Vec<i32>,
    /// The same for histograms: some of the grid's edges.
    pub bins: Vec<i32>,
    /// The same for constants of a query and for classes (R12).
    pub cuts: Vec<i32>,
}

/// How a site's file spells yes and no.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Binary {
    /// Spellings of yes.
    pub yes: Vec<String>,
    /// Spellings of no.
    pub no: Vec<String>,
}

/// A date variable's public range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateRange {
    /// How finely the date is kept: day, month or year.
    pub granularity: Bucket,
    /// How finely a query may name it (R12); never finer than it is kept.
    pub cuts: Bucket,
    /// First valid day.
    pub from: Date,
    /// Last valid day.
    pub to: Date,
}

impl Kind {
    /// The word for the type.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Continuous(_) => "continuous",
            Self::Binary(_) => "binary",
            Self::Categorical(_) => "categorical",
            Self::Date(_) => "date",
        }
    }

    /// The largest code a value of this kind can have.
    pub fn highest(&self) -> i32 {
        match self {
            Self::Continuous(continuous) => continuous.scale.span(),
            Self::Binary(_) => 1,
            Self::Categorical(Categorical { levels, .. }) => levels.len() as i32 - 1,
            Self::Date(range) => range.days() - 1,
        }
    }

    /// The levels of a binary or categorical variable, in the order of their codes.
    pub fn levels(&self) -> Option<Vec<&str>> {
        match self {
            Self::Binary(_) => Some(vec!["no", "yes"]),
            Self::Categorical(Categorical { levels, .. }) => Some(levels.iter().map(String::as_str).collect()),
            Self::Continuous(_) | Self::Date(_) => None,
        }
    }

    /// The unit of a continuous variable.
    pub fn unit(&self) -> Option<&str> {
        match self {
            Self::Continuous(continuous) => Some(&continuous.unit),
            _ => None,
        }
    }
}

impl Continuous {
    /// A continuous variable with the given grid edges (codes), or with the default grid: as many equal cells as fit 128.
    pub fn new(unit: &str, scale: Scale, grid: Option<Vec<i32>>, bins: usize) -> Self {
        let grid = grid.unwrap_or_else(|| even_grid(scale.span(), step_for(scale.span(), 128)));
        let every = grid.len().div_ceil(bins.max(1)).max(1);
        let bins = grid.iter().copied().step_by(every).collect();
        let cuts = default_cuts(unit, scale).unwrap_or_else(|| grid.clone());
        Self { unit: unit.to_owned(), scale, grid, bins, cuts }
    }

    /// Places of the grid's cells after which a bin of the histogram ends, the last cell included.
    pub fn bin_ends(&self) -> Vec<usize> {
        let inner = self.bins.iter().skip(1).filter_map(|edge| self.grid.binary_search(edge).ok());
        inner.map(|place| place - 1).chain(self.grid.len().checked_sub(1)).collect()
    }
}

/// Ages, which are in years, are named by five years (R12).
fn default_cuts(unit: &str, scale: Scale) -> Option<Vec<i32>> {
    let cuts = (unit == "a").then(|| multiples(scale, 5.0))??;
    (cuts.len() > 2).then_some(cuts)
}

/// The lower bound, and the codes of all multiples of a value that lie on the scale; `None` where the multiples do not.
pub(crate) fn multiples(scale: Scale, of: f64) -> Option<Vec<i32>> {
    let (lower, upper) = (scale.value(0.0), scale.value(f64::from(scale.span())));
    let first = (lower / of).ceil() as i64;
    let last = (upper / of).floor() as i64;
    if last - first > MOST_CUTS {
        return None;
    }
    let mut codes = vec![0];
    for multiple in first..=last {
        let code = scale.exact(multiple as f64 * of).ok()?;
        if code > 0 {
            codes.push(code);
        }
    }
    Some(codes)
}

/// More cuts than this are no coarsening.
const MOST_CUTS: i64 = 4096;

impl Categorical {
    /// The code of a level, a residual one included.
    pub fn code(&self, text: &str) -> Option<i32> {
        let own = self.levels.iter().position(|level| level == text);
        let residual = || self.residual.iter().find(|(name, _)| name == text).map(|(_, place)| *place);
        own.or_else(residual).map(|place| place as i32)
    }
}

impl DateRange {
    /// Number of valid days.
    pub fn days(&self) -> i32 {
        (self.to - self.from).whole_days() as i32 + 1
    }

    /// The code of a day, coarsened to the granularity; `None` outside the range.
    pub fn code(&self, day: Date) -> Option<i32> {
        if day < self.from || day > self.to {
            return None;
        }
        let kept = self.granularity.start(day).max(self.from);
        Some((kept - self.from).whole_days() as i32)
    }

    /// The day of a code.
    pub fn day(&self, code: i32) -> Date {
        self.from.saturating_add(time::Duration::days(i64::from(code)))
    }

    /// The buckets over the whole range: the code each begins at, ascending from 0, and its label.
    pub fn buckets(&self, bucket: Bucket) -> Vec<(i32, String)> {
        let mut found: Vec<(i32, String)> = Vec::new();
        let mut previous = None;
        for code in 0..self.days() {
            let start = bucket.start(self.day(code));
            if previous != Some(start) {
                found.push((code, bucket.label(start)));
                previous = Some(start);
            }
        }
        found
    }
}

impl Binary {
    /// The code of a spelling: the declared ones, or true/false, yes/no, 1/0 in any case when none are declared.
    pub fn code(&self, text: &str) -> Option<i32> {
        if self.yes.is_empty() && self.no.is_empty() {
            return match text.to_ascii_lowercase().as_str() {
                "1" | "true" | "yes" => Some(1),
                "0" | "false" | "no" => Some(0),
                _ => None,
            };
        }
        let among = |spellings: &[String]| spellings.iter().any(|spelling| spelling == text);
        if among(&self.yes) { Some(1) } else { among(&self.no).then_some(0) }
    }
}

/// The text of a date code.
pub fn date_text(range: &DateRange, code: i32) -> String {
    calendar::iso(range.day(code))
}

/// Edges of equal cells of `step` codes.
pub(crate) fn even_grid(span: i32, step: i32) -> Vec<i32> {
    (0..=span).step_by(step.max(1) as usize).collect()
}

/// The smallest of 1, 2, 5, 10, 20, … that makes at most `cells` cells.
fn step_for(span: i32, cells: i32) -> i32 {
    let mut decade = 1;
    loop {
        for step in [decade, 2 * decade, 5 * decade] {
            if span / step < cells {
                return step;
            }
        }
        decade *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_grid_is_fine_and_round() {
        let age = Continuous::new("a", Scale::new(0.0, 110.0, 1.0).unwrap(), None, 20);
        assert_eq!((age.grid.len(), age.grid[1]), (111, 1));
        assert_eq!(age.bins.len(), 19);
        let crp = Continuous::new("mg/L", Scale::new(0.0, 600.0, 0.1).unwrap(), None, 20);
        assert_eq!((crp.grid.len(), crp.grid[1]), (121, 50));
    }

    #[test]
    fn a_date_is_kept_no_finer_than_declared() {
        let day = |text| calendar::parse_iso(text).unwrap();
        let range = DateRange {
            granularity: Bucket::Month,
            cuts: Bucket::Month,
            from: day("2020-01-01"),
            to: day("2020-12-31"),
        };
        assert_eq!(range.code(day("2020-02-20")), Some(31));
        assert_eq!(range.code(day("2021-01-01")), None);
        assert_eq!(range.buckets(Bucket::Quarter).len(), 4);
    }
}
