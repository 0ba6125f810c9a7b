//! R4 and R5: a count rounded at random, and told from the threshold on.

use coda_model::frame::{SetKey, Shown};

use crate::{Layer, RuleSet, SiteSecret, StatementKey, integer::below_share, set_key};

/// The site's secret with its rules: what every count and sum passes.
#[derive(Clone, Copy)]
pub(crate) struct Perturbation<'a> {
    pub(crate) secret: &'a SiteSecret,
    pub(crate) rules: &'a RuleSet,
}

impl Perturbation<'_> {
    /// The count of a set as it is told.
    pub(crate) fn count(&self, count: u64, key: SetKey, statement: &StatementKey) -> Shown<u64> {
        let told = self.rounded(count, key, statement, self.step(statement));
        if told >= self.rules.rounding.told_from { Shown::Value(told) } else { Shown::Suppressed }
    }

    /// e of R4: uniform on -E..E, the same for one statement.
    pub(crate) fn step(&self, statement: &StatementKey) -> i64 {
        let half = self.rules.rounding.step(statement.sensitivity) as i64;
        let uniform = u128::from(self.secret.uniform("step", &[&statement.key]));
        ((uniform * (2 * half as u128 + 1)) >> 64) as i64 - half
    }

    /// f of R4: the count with its step, rounded at random by who the set is.
    pub(crate) fn rounded(&self, count: u64, key: SetKey, statement: &StatementKey, step: i64) -> u64 {
        let (least, base) = (self.rules.rounding.told_from as i64, self.rules.rounding.base as i64);
        let count = count as i64;
        let stepped = if count >= least { least.max(count + step) } else { count + step.min(0) };
        let rest = stepped.rem_euclid(base);
        let uniform = match self.rules.set_layer {
            Layer::On => self.secret.uniform("round", &[&set_key::bytes(key)]),
            Layer::Off => self.secret.uniform("round", &[&statement.key]),
        };
        let up = if below_share(uniform, rest as u64, base as u64) { base } else { 0 };
        // Under 0 only where the count is far under the threshold.
        (stepped - rest + up).max(0) as u64
    }
}
