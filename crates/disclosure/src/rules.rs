//! The numbers of a site's policy that the rules of one answer need.

use coda_model::{
    frame::{Guard, Slot},
    ids::{People, Rows},
    threshold::Threshold,
};

use crate::{Defence, Defences};

/// The least number of people behind a spread, in the network's own values.
const SPREAD: u64 = 10;

/// What a site asks of a release (disclosure.md 0.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Fewest people and rows behind a cell.
    pub threshold: Threshold,
    /// p% rule: what the others than the two largest contribute must be at least this share of the largest.
    pub p_percent: u64,
    /// Dominance rules: so many of the largest contributors have at most this share.
    pub dominance: Vec<Dominance>,
    /// Fewest people behind a spread (SD, interval, SMD).
    pub spread: u64,
    /// Fewest people beyond a quantile on either side.
    pub tail: u64,
    /// Whether those who miss a value are told apart however few they are.
    pub few_missing: FewMissing,
    /// The defences that stand.
    pub defences: Defences,
}

/// An (n, k) rule of dominance (disclosure.md 1.2): so many of the largest contributors together have at most this share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dominance {
    /// How many contributors, at least 1.
    pub largest: u64,
    /// At most so many percent of the sum.
    pub percent: u64,
}

/// What happens to fewer than the threshold who miss a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FewMissing {
    /// How many people there are counts as known to everybody, so that the few would follow from those with a value. They are
    /// a cell like any other.
    #[default]
    Hidden,
    /// Their number is withheld, and that of the others is exact. Only where nothing is kept of earlier answers: it makes merged
    /// equal to pooled, and tells the few to whoever knows how many people there are.
    Apart,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            threshold: Threshold::default(),
            p_percent: 10,
            dominance: vec![Dominance { largest: 2, percent: 90 }],
            spread: SPREAD,
            tail: Threshold::default().least(),
            few_missing: FewMissing::Hidden,
            defences: Defences::default(),
        }
    }
}

impl Rules {
    /// Whether so many people and rows are enough for a cell.
    pub fn passes(&self, people: People, rows: Rows) -> bool {
        self.threshold.passes(people, rows) || !self.defences.has(Defence::SmallCells)
    }

    /// Whether a slot is large enough for a cell.
    pub(crate) fn enough(&self, slot: &Slot) -> bool {
        self.passes(slot.people, slot.rows)
    }

    /// The fewest people behind one slot of a statistic, as the site's policy has it.
    pub fn least(&self, guard: Guard) -> u64 {
        match guard {
            _ if !self.defences.has(Defence::Samples) => 0,
            Guard::Table | Guard::Sample { least: 0 } | Guard::Together { least: 0 } => 0,
            // A site that asks for more behind a spread asks for so much more behind what needs more than a spread.
            Guard::Sample { least } | Guard::Together { least } => least + self.spread.saturating_sub(SPREAD),
            // 10 for the median is 5 beyond it on either side.
            Guard::Distribution { least } => {
                least * self.tail.max(Threshold::default().least()) / Threshold::default().least()
            }
        }
    }

    /// Whether the first sum of a slot may leave: no one or two people make up most of it. Contributions are codes, which are
    /// shifted by the variable's lower bound already.
    pub fn spread_out(&self, slot: &Slot) -> bool {
        let Some(sum) = slot.sums.first().copied().filter(|_| self.defences.has(Defence::Dominance)) else {
            return true;
        };
        let [first, second] = slot.largest;
        if first == 0 {
            // All values at the lower bound, or nobody can dominate.
            return true;
        }
        let rest = sum - first - second;
        let p = 100 * rest >= i128::from(self.p_percent) * first;
        // Nobody after the second contributes more than the second.
        let share = |rule: &Dominance| first + i128::from(rule.largest.saturating_sub(1)) * second;
        p && self.dominance.iter().all(|rule| 100 * share(rule) <= i128::from(rule.percent) * sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum_of(values: &[i128]) -> Slot {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(|a, b| b.cmp(a));
        let people = values.len() as u64;
        let largest = [sorted[0], sorted[1]];
        Slot { people: People(people), rows: Rows(people), sums: vec![values.iter().sum()], largest, ..Slot::default() }
    }

    #[test]
    fn a_sum_that_two_people_make_up_does_not_leave() {
        let rules = Rules::default();
        assert!(rules.spread_out(&sum_of(&[10, 11, 12, 13, 14, 15])));
        assert!(!rules.spread_out(&sum_of(&[1, 1, 1, 1, 1, 1000])), "one outlier");
        assert!(!rules.spread_out(&sum_of(&[1, 1, 1, 1, 500, 500])), "two outliers");
        // 100 + 100 of 223 is under 90 %, the other 23 are more than 10 % of 100.
        assert!(rules.spread_out(&sum_of(&[7, 8, 8, 100, 100])));
        // The largest could work out the second largest to within 5 %.
        assert!(!rules.spread_out(&sum_of(&[1, 2, 2, 100, 80])));
    }

    #[test]
    fn a_stricter_policy_withholds_more() {
        let strict = Rules { dominance: vec![Dominance { largest: 1, percent: 40 }], ..Rules::default() };
        assert!(!strict.spread_out(&sum_of(&[7, 8, 8, 100, 100])));
        let wide = Rules { spread: 30, tail: 10, ..Rules::default() };
        assert_eq!(wide.least(Guard::Sample { least: 10 }), 30);
        assert_eq!(wide.least(Guard::Sample { least: 0 }), 0);
        assert_eq!(wide.least(Guard::Distribution { least: 10 }), 20);
    }
}
