//! How near told counts come to the true ones.

use coda_disclosure::RuleSet;
use coda_model::{
    estimate::{AskEstimates, CountFigure, Estimate, Interval, Quantity},
    frame::{Frame, Tabulated},
    rounding::Sensitivity,
};

/// Of a table of [`Score::lines`].
pub(crate) const HEADER: &str = "                                              figures  told  usable  < sampling error  within 10 %  within 5 %  covered";

/// Counts of fewer people are not looked at, as no rule tells them.
const LEAST: u64 = 10;

/// How near counts came, at sites and over the network.
#[derive(Default)]
pub(crate) struct Score {
    pub(crate) network: Tally,
    pub(crate) site: Tally,
    /// No true count was outside the bounds that are called certain.
    pub(crate) certain_bounds_hold: bool,
    seen: bool,
}

/// Numbers of figures.
#[derive(Default)]
pub(crate) struct Tally {
    figures: u64,
    told: u64,
    usable: u64,
    below: u64,
    within_10: u64,
    within_5: u64,
    covered: u64,
}

impl Tally {
    fn percent(&self, of: u64) -> f64 {
        100.0 * of as f64 / self.figures.max(1) as f64
    }

    /// A half-width of the 95 % interval of at most a tenth of the truth.
    pub(crate) fn usable(&self) -> f64 {
        self.percent(self.usable)
    }

    /// An error of at most the square root of the truth.
    pub(crate) fn below_sampling_error(&self) -> f64 {
        self.percent(self.below)
    }

    /// An error of at most a tenth of the truth.
    pub(crate) fn within_10(&self) -> f64 {
        self.percent(self.within_10)
    }

    fn count(&mut self, truth: u64, told: Option<(f64, Interval)>) {
        if truth < LEAST {
            return;
        }
        self.figures += 1;
        let Some((value, Interval { low, high })) = told else { return };
        let (truth, error) = (truth as f64, (value - truth as f64).abs());
        self.told += 1;
        self.usable += u64::from((high - low) / 2.0 <= 0.1 * truth);
        self.below += u64::from(error <= truth.sqrt());
        self.within_10 += u64::from(error <= 0.1 * truth);
        self.within_5 += u64::from(error <= 0.05 * truth);
        self.covered += u64::from(low <= truth + 0.5 && truth - 0.5 <= high);
    }

    fn add(&mut self, other: &Self) {
        let Self { figures, told, usable, below, within_10, within_5, covered } = other;
        self.figures += figures;
        self.told += told;
        self.usable += usable;
        self.below += below;
        self.within_10 += within_10;
        self.within_5 += within_5;
        self.covered += covered;
    }

    fn line(&self, name: &str) -> String {
        let Self { figures, told, usable, below, within_10, within_5, covered } = self;
        let [of_told, of_usable, of_below, of_10, of_5] =
            [told, usable, below, within_10, within_5].map(|of| self.percent(*of));
        let covers = 100.0 * *covered as f64 / (*told).max(1) as f64;
        format!(
            "{name:<45} {figures:>7} {of_told:>5.0} {of_usable:>7.1} {of_below:>17.1} {of_10:>12.1} {of_5:>11.1} {covers:>8.1}"
        )
    }
}

impl Score {
    /// Looks at every cell of an ask whose only figure is a count; those whose labels `skips` are left out.
    pub(crate) fn ask(
        &mut self,
        ask: &AskEstimates,
        raw: &[&Tabulated],
        rules: &RuleSet,
        skips: impl Fn(&[String]) -> bool,
    ) {
        if !self.seen {
            (self.seen, self.certain_bounds_hold) = (true, true);
        }
        for (cell, estimates) in ask.cells.iter().enumerate().filter(|(_, cell)| !skips(&cell.labels)) {
            let truth = |raw: &&Tabulated| raw.frames.get(cell).map_or(0, |frame: &Frame| frame.valid.people.0);
            let truths: Vec<u64> = raw.iter().map(truth).collect();
            for (truth, (_, estimate)) in truths.iter().zip(&estimates.sites) {
                let told = self.told(*truth, estimate, 1, rules);
                self.site.count(*truth, told);
            }
            let telling = estimates.sites.iter().filter(|(_, estimate)| count(estimate).value.is_some()).count();
            let truth = truths.iter().sum();
            let told = self.told(truth, &estimates.network, telling, rules);
            self.network.count(truth, told);
        }
    }

    /// A count with its 95 % interval, and a look at its certain bounds.
    fn told(&mut self, truth: u64, estimate: &Estimate, telling: usize, rules: &RuleSet) -> Option<(f64, Interval)> {
        let CountFigure { value, certain, estimate } = count(estimate);
        self.certain_bounds_hold &= certain.is_some_and(|(low, high)| (low..=high).contains(&truth));
        if let Some(estimate) = estimate {
            return Some((estimate.value, estimate.interval?));
        }
        let value = value? as f64;
        let half = 1.96 * (telling as f64 * rules.rounding.variance(Sensitivity::Plain)).sqrt();
        Some((value, Interval { low: value - half, high: value + half }))
    }

    /// Adds what came of other seeds.
    pub(crate) fn add(&mut self, other: &Self) {
        self.certain_bounds_hold = other.certain_bounds_hold && (self.certain_bounds_hold || !self.seen);
        self.seen = true;
        self.network.add(&other.network);
        self.site.add(&other.site);
    }

    /// Two lines of a table.
    pub(crate) fn lines(&self, name: &str) -> String {
        format!("{name}\n{}\n{}", self.network.line("  network"), self.site.line("  site"))
    }
}

fn count(estimate: &Estimate) -> CountFigure {
    match estimate.figures.first().map(|figure| &figure.quantity) {
        Some(Quantity::Count(count)) => *count,
        _ => CountFigure::default(),
    }
}
