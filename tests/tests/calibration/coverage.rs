//! How often intervals cover what they should.

use std::collections::BTreeMap;

/// What must be covered, in per cent.
const LEAST: f64 = 93.0;
const MOST: f64 = 98.0;
/// A figure that fewer are told is one of sites chosen by chance, and its coverage is not judged.
const OFTEN_TOLD: f64 = 0.9;
/// A margin of so many standard errors for the number of seeds; there are many figures.
const MARGIN: f64 = 3.5;

/// Which figure of which network: `3 x 100`, `mean`.
type Key = (String, String);

/// Counts of intervals by figure.
#[derive(Default)]
pub(crate) struct Coverage {
    perturbed: BTreeMap<Key, Tally>,
    exact: BTreeMap<Key, Tally>,
}

/// Whose intervals they are.
#[derive(Clone, Copy)]
pub(crate) enum Release {
    Perturbed,
    Exact,
}

#[derive(Default, Clone, Copy)]
struct Tally {
    asked: u64,
    told: u64,
    covered: u64,
    /// Sum of errors in half-widths of the interval.
    bias: f64,
}

/// Where an interval lies about what it should cover.
#[derive(Clone, Copy)]
pub(crate) struct Interval {
    pub(crate) low: f64,
    pub(crate) value: f64,
    pub(crate) high: f64,
}

impl Coverage {
    /// One interval, or that none was told.
    pub(crate) fn count(
        &mut self,
        release: Release,
        network: &str,
        figure: &str,
        interval: Option<Interval>,
        truth: f64,
    ) {
        let tallies = match release {
            Release::Perturbed => &mut self.perturbed,
            Release::Exact => &mut self.exact,
        };
        let tally = tallies.entry((figure.to_owned(), network.to_owned())).or_default();
        tally.asked += 1;
        let Some(Interval { low, value, high }) = interval else { return };
        tally.told += 1;
        // By the rounding of floats an end may lie beyond a truth that it equals.
        let slack = 1e-9 * truth.abs().max(1.0);
        tally.covered += u64::from(low - slack <= truth && truth <= high + slack);
        tally.bias += (value - truth) / ((high - low) / 2.0).max(1e-9);
    }

    pub(crate) fn add(&mut self, other: Self) {
        for (own, other) in [(&mut self.perturbed, other.perturbed), (&mut self.exact, other.exact)] {
            for (key, Tally { asked, told, covered, bias }) in other {
                let tally = own.entry(key).or_default();
                tally.asked += asked;
                tally.told += told;
                tally.covered += covered;
                tally.bias += bias;
            }
        }
    }

    /// Coverage of each figure (rows) in each network (columns): `perturbed/exact bias`, with how often it is told.
    pub(crate) fn table(&self) -> String {
        let mut text = String::from("coverage in %, with exact release, mean error in half-widths, told in %\n");
        for (key, tally) in &self.perturbed {
            let exact = self.exact.get(key).filter(|exact| exact.told > 0).map_or(f64::NAN, Tally::percent);
            let mark = if self.is_off(key, tally) {
                "MISS"
            } else if tally.is_judged() {
                ""
            } else {
                "not judged"
            };
            text.push_str(&format!(
                "{:<58} {:>9} {:>6.1} {exact:>6.1} {:>6.2} {:>6.1} {mark}\n",
                key.0,
                key.1,
                tally.percent(),
                tally.bias / tally.told.max(1) as f64,
                100.0 * tally.told as f64 / tally.asked.max(1) as f64,
            ));
        }
        text
    }

    /// The figures that are off.
    pub(crate) fn misses(&self) -> Vec<String> {
        let off = self.perturbed.iter().filter(|(key, tally)| self.is_off(key, tally));
        off.map(|(key, tally)| format!("{} {}: {:.1} % of {}", key.0, key.1, tally.percent(), tally.told)).collect()
    }

    /// Off is what covers too little or too much, by more than chance explains, and does not do so with exact release as well:
    /// a formula's own approximation (Student's t of a long tail) is not the perturbation's. Estimates of suppressed counts and
    /// quantiles have no such excuse. Nearly equal values may be covered always: what is added for their coarse steps is as much as the
    /// steps can be off.
    fn is_off(&self, key: &Key, tally: &Tally) -> bool {
        if !tally.is_judged() {
            return false;
        }
        let own = ["estimated", "median:", "quartiles:"].iter().any(|word| key.0.contains(word));
        let exact = self.exact.get(key).filter(|exact| !own && exact.is_judged()).map(Tally::percent);
        let margin = MARGIN * tally.error();
        let least = exact.map_or(LEAST, |exact| LEAST.min(exact - 0.5)) - margin;
        let most =
            if key.0.contains(":narrow") { 100.0 } else { exact.map_or(MOST, |exact| MOST.max(exact + 0.5)) + margin };
        !(least..=most).contains(&tally.percent())
    }
}

impl Tally {
    fn percent(&self) -> f64 {
        100.0 * self.covered as f64 / self.told.max(1) as f64
    }

    /// Standard error of a coverage of 95 %, in per cent.
    fn error(&self) -> f64 {
        100.0 * (0.95 * 0.05 / self.told.max(1) as f64).sqrt()
    }

    fn is_judged(&self) -> bool {
        self.told >= 30 && self.told as f64 >= OFTEN_TOLD * self.asked as f64
    }
}
