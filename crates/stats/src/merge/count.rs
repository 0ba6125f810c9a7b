//! A count over sites: the sum of what was told, what it certainly lies between, and an estimate for what is suppressed.

use coda_model::{
    estimate::{EstimatedCount, Interval},
    frame::Count,
    plan::Unit,
    rounding::{Rounding, Sensitivity},
};

use super::rate::suppressed;
use crate::probability::NORMAL_975;

/// One site's count.
#[derive(Debug, Clone, Copy)]
pub struct SiteCount<'a> {
    /// How the site tells counts.
    pub rounding: &'a Rounding,
    /// What it told, or nothing.
    pub told: Option<Count>,
    /// People of its cohort, as told.
    pub cohort: Option<u64>,
    /// Whether a sensitive variable chose the people.
    pub sensitivity: Sensitivity,
    /// What is counted.
    pub unit: Unit,
    /// The most rows one person has.
    pub records: u64,
}

/// A count over sites.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MergedCount {
    /// Rows that were told, or people where people are counted.
    pub rows: u64,
    /// People that were told.
    pub people: u64,
    /// How many sites told.
    pub telling: usize,
    /// The exact count certainly lies between these.
    pub certain: Option<(u64, u64)>,
    /// Variance of the told count about the exact one of the sites that told; not a number of perturbed rows.
    pub variance: f64,
    /// With an estimate for the sites that suppress their part.
    pub estimate: Option<EstimatedCount>,
    /// Variance of the estimate about the exact count of all sites.
    pub estimate_variance: f64,
}

impl MergedCount {
    /// The sum of what was told; none where nothing was.
    pub fn value(&self) -> Option<u64> {
        (self.telling > 0).then_some(self.rows)
    }

    /// The sum over sites.
    pub fn of(sites: &[SiteCount<'_>]) -> Self {
        let mut merged = Self { certain: Some((0, 0)), ..Self::default() };
        for site in sites {
            merged.add(site);
        }
        let (estimate, variance) = merged.estimated(sites).unzip();
        (merged.estimate, merged.estimate_variance) = (estimate, variance.unwrap_or_default());
        merged
    }

    pub(crate) fn blank() -> Self {
        Self { rows: 20, people: 20, telling: 1, ..Self::default() }
    }

    fn add(&mut self, site: &SiteCount<'_>) {
        let SiteCount { rounding, told, sensitivity, unit, records, .. } = site;
        let own = match told {
            Some(count) => {
                self.telling += 1;
                self.rows += count.rows.0;
                self.people += count.people.0;
                self.variance += match unit {
                    Unit::People => rounding.variance(*sensitivity),
                    Unit::Rows(_) if rounding.is_exact() => 0.0,
                    // The noise of a number of rows goes by how they are spread over people, which no site tells.
                    Unit::Rows(_) => f64::NAN,
                };
                let error = rounding.error(*sensitivity);
                match unit {
                    Unit::People => Some((count.rows.0.saturating_sub(error), count.rows.0 + error)),
                    Unit::Rows(_) => rounding.is_exact().then_some((count.rows.0, count.rows.0)),
                }
            }
            None => Some((0, rounding.suppressed_at_most().saturating_mul(*records))),
        };
        self.certain = self.certain.zip(own).map(|((low, high), own)| (low + own.0, high.saturating_add(own.1)));
    }

    /// The count with an estimate for each site that suppresses its part, and its variance about the exact count.
    fn estimated(&self, sites: &[SiteCount<'_>]) -> Option<(EstimatedCount, f64)> {
        let of_people = sites.iter().all(|site| site.unit == Unit::People);
        if self.telling == 0 || self.telling == sites.len() || !of_people {
            return None;
        }
        let (mean, spread) = suppressed(sites)?;
        let (value, variance) = (self.people as f64 + mean, self.variance + spread);
        let half = NORMAL_975 * variance.sqrt();
        let (least, most) = self.certain.map_or((0.0, f64::INFINITY), |(low, high)| (low as f64, high as f64));
        let interval = Interval { low: (value - half).max(least), high: (value + half).min(most) };
        Some((EstimatedCount { value, interval: Some(interval) }, variance))
    }
}
