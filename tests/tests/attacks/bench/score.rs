//! How an attacker weighs what he sees: log-likelihood of "X is in" against "X is not". He knows the mechanism, but for the secret.

use std::collections::BTreeMap;

use coda_disclosure::{Layer, RuleSet};

/// Log-likelihoods of the difference between the two told counts of a pair.
pub(crate) struct Counts {
    base: i64,
    table: BTreeMap<i64, f64>,
}

impl Counts {
    /// Under rules, with steps of this half-width. `one_step` where both sets are under one statement.
    pub(crate) fn new(rules: &RuleSet, half: u64, one_step: bool) -> Self {
        let (base, half) = (rules.rounding.base as i64, half as i64);
        let (mut same, mut apart) = (BTreeMap::<i64, f64>::new(), BTreeMap::<i64, f64>::new());
        let told = |count: i64, uniform: i64| count - count.rem_euclid(base) + if uniform < count.rem_euclid(base) { base } else { 0 };
        let shared = rules.set_layer == Layer::On;
        for count in 1_000..1_000 + base {
            for (first, second) in steps(half, one_step) {
                for (one, other) in (0..base).flat_map(|one| (0..base).map(move |other| (one, other))) {
                    let without = if shared { one } else { other };
                    let difference = told(count + first, one) - told(count + second, without);
                    *same.entry(difference / base).or_default() += 1.0;
                    let difference = told(count + first, one) - told(count - 1 + second, other);
                    *apart.entry(difference / base).or_default() += 1.0;
                }
            }
        }
        let all: f64 = same.values().sum();
        let share = |of: &BTreeMap<i64, f64>, difference: i64| of.get(&difference).copied().unwrap_or_default() / all + 1e-6;
        let reach = 2 * half / base + 3;
        let table = (-reach..=reach).map(|d| (d, (share(&apart, d) / share(&same, d)).ln())).collect();
        Self { base, table }
    }

    /// Of one pair; 0 where one of the two is suppressed.
    pub(crate) fn of(&self, with: Option<u64>, without: Option<u64>) -> f64 {
        let (Some(with), Some(without)) = (with, without) else { return 0.0 };
        let difference = (with as i64 - without as i64) / self.base;
        self.table.get(&difference).copied().unwrap_or_default()
    }
}

fn steps(half: i64, one_step: bool) -> Vec<(i64, i64)> {
    let all = (-half..=half).flat_map(|first| (-half..=half).map(move |second| (first, second)));
    all.filter(|(first, second)| !one_step || first == second).collect()
}

/// The chance of each told count of so many people, over all secrets; 0 stands for suppressed.
pub(crate) fn told_counts(rules: &RuleSet, half: u64, count: u64) -> BTreeMap<u64, f64> {
    let (base, half, least) = (rules.rounding.base as i64, half as i64, rules.rounding.told_from as i64);
    let (mut chances, count) = (BTreeMap::new(), count as i64);
    for step in -half..=half {
        let stepped = if count >= least { least.max(count + step) } else { count + step.min(0) };
        for uniform in 0..base {
            let rest = stepped.rem_euclid(base);
            let told = stepped - rest + if uniform < rest { base } else { 0 };
            let told = if told >= least { told as u64 } else { 0 };
            *chances.entry(told).or_default() += 1.0 / ((2 * half + 1) * base) as f64;
        }
    }
    chances
}

/// Log-likelihood of the difference between the two told sums of a pair.
pub(crate) struct Means<'a> {
    /// The rules.
    pub(crate) rules: &'a RuleSet,
    /// X's value.
    pub(crate) value: f64,
}

impl Means<'_> {
    /// Of one pair: each a told mean with its SD and its people.
    pub(crate) fn of(&self, with: Option<(f64, f64, f64)>, without: Option<(f64, f64, f64)>) -> f64 {
        let (Some((one, sd, people)), Some((other, ..))) = (with, without) else { return 0.0 };
        if self.rules.statement_layer == Layer::Off {
            // Without X nothing changes, so any change is a proof.
            return if (one - other).abs() > 1e-9 { 5.0 } else { -0.3 };
        }
        let noise = (f64::from(self.rules.noise) * sd).powi(2);
        let (by_set, by_statement) = (noise / 4.0, noise * 3.0 / 4.0);
        // Both means are rounded to about one standard error.
        let rounding = (0.7 * sd).powi(2) * people / 6.0;
        let difference = (one - other) * people;
        let (same, apart) = (2.0 * by_statement + rounding, 2.0 * (by_set + by_statement) + rounding);
        let expected = self.value - other;
        0.5 * (same / apart).ln() + difference * difference / 2.0 / same - (difference - expected).powi(2) / 2.0 / apart
    }
}
