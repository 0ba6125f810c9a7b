//! Quantiles from distributions that sites gave out in steps (disclosure.md 3.4, one-round safe CDF).

use coda_model::{
    frame::{Shown, ShownSlot},
    scale::Scale,
};

/// What is known of the merged cumulative distribution at the end of each grid cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Distribution {
    /// At least so many rows lie in the cells up to this one.
    low: Vec<u64>,
    /// At most so many.
    high: Vec<u64>,
    /// Best guess, in 2^-32 rows: straight lines between what is known. Whole numbers, so that the order of the sites
    /// changes nothing.
    middle: Vec<u128>,
    /// Rows in all.
    total: u64,
    /// As many rows more or less may be in the sites' cohorts than they said.
    slack: u64,
}

/// Binary digits of a row in [`Distribution::middle`].
const DIGITS: u32 = 32;

/// A quantile: best guess, and the interval that holds it for certain; in codes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantile {
    /// Best guess.
    pub value: f64,
    /// Nothing smaller is possible.
    pub low: f64,
    /// Nothing larger is possible.
    pub high: f64,
}

impl Distribution {
    /// Adds one site's slots. `edges` are the codes where the grid's cells begin; the last cell ends after `highest`. The
    /// site may have left out or taken in up to `slack` rows.
    pub fn add(&mut self, slots: &[Shown<ShownSlot>], edges: &[i32], highest: i32, slack: u64) {
        let end = |cell: usize| i64::from(edges.get(cell + 1).copied().unwrap_or(highest + 1));
        let fixed = |rows: u64| u128::from(rows) << DIGITS;
        self.low.resize(slots.len(), 0);
        self.high.resize(slots.len(), 0);
        self.middle.resize(slots.len(), 0);
        let known: Vec<(usize, u64)> = slots
            .iter()
            .enumerate()
            .filter_map(|(cell, slot)| slot.value().map(|slot| (cell, slot.count.rows.0)))
            .scan(0, |sum, (cell, rows)| {
                *sum += rows;
                Some((cell, *sum))
            })
            .collect();
        let mut next = known.iter().copied().peekable();
        let (mut from, mut below) = (i64::from(edges.first().copied().unwrap_or_default()), 0);
        let columns = self.low.iter_mut().zip(&mut self.high).zip(&mut self.middle);
        for (cell, ((low, high), middle)) in columns.enumerate() {
            let Some((knot, sum)) = next.peek().copied() else {
                // Nobody lies beyond the last step.
                *low += below;
                *high += below;
                *middle += fixed(below);
                continue;
            };
            let (part, whole) = ((end(cell) - from).unsigned_abs(), (end(knot) - from).unsigned_abs().max(1));
            *middle += fixed(below) + fixed(sum - below) * u128::from(part) / u128::from(whole);
            *high += sum;
            if knot == cell {
                *low += sum;
                (from, below) = (end(knot), sum);
                next.next();
            } else {
                *low += below;
            }
        }
        self.total += known.last().map_or(0, |(_, sum)| *sum);
        self.slack += slack;
    }

    /// Rows in all.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The quantile of `percent`.
    ///
    /// The interval holds the quantile of the pooled rows for certain, whichever of the nine usual definitions is meant
    /// (Hyndman and Fan 1996, The American Statistician 50(4), 361-365): all of them lie between the values of rank
    /// `floor(Np)` and `floor(Np) + 2`.
    pub fn quantile(&self, percent: u64, edges: &[i32], scale: Scale) -> Option<Quantile> {
        if self.total == 0 {
            return None;
        }
        let edge = |cell: usize| edges.get(cell).copied().unwrap_or(scale.span() + 1);
        let rank = self.total * percent / 100;
        // Whoever was taken in may lie below the quantile, and whoever was left out as well: the rank moves by as many.
        let lowest = self.high.iter().position(|high| *high >= rank.saturating_sub(self.slack).max(1))?;
        let highest = self.low.iter().position(|low| *low >= (rank + 2 + self.slack).min(self.total))?;
        let low = f64::from(edge(lowest));
        let high = f64::from(edge(highest + 1) - 1);

        let target = u128::from(self.total * percent) << DIGITS;
        let cell = self.middle.iter().position(|middle| 100 * *middle >= target).unwrap_or(highest);
        let before = cell.checked_sub(1).and_then(|before| self.middle.get(before)).copied().unwrap_or_default();
        let inside = 100 * (self.middle.get(cell).copied().unwrap_or(before) - before);
        let share = if inside > 0 { (target - 100 * before) as f64 / inside as f64 } else { 0.0 };
        let width = f64::from(edge(cell + 1) - edge(cell));
        // A cell of width w holds the codes from its edge to edge + w - 1.
        let value = f64::from(edge(cell)) + share * (width - 1.0);
        Some(Quantile { value: value.clamp(low, high), low, high })
    }
}

#[cfg(test)]
mod tests {
    use coda_model::{
        frame::Count,
        ids::{People, Rows},
    };

    use super::*;

    fn site(steps: &[u64]) -> Vec<Shown<ShownSlot>> {
        let shown = |rows: &u64| match rows {
            0 => Shown::Withheld,
            rows => Shown::Value(ShownSlot { count: Count { people: People(*rows), rows: Rows(*rows) }, sums: vec![] }),
        };
        steps.iter().map(shown).collect()
    }

    #[test]
    fn cells_of_one_code_give_the_quantile_itself() {
        let scale = Scale::counts(4);
        let mut merged = Distribution::default();
        merged.add(&site(&[10, 10, 10, 10, 10]), &[0, 1, 2, 3, 4], 4, 0);
        let median = merged.quantile(50, &[0, 1, 2, 3, 4], scale).unwrap();
        assert_eq!((median.low, median.value, median.high), (2.0, 2.0, 2.0));
    }

    #[test]
    fn steps_over_several_cells_widen_the_interval() {
        let edges = [0, 10, 20, 30];
        let mut merged = Distribution::default();
        merged.add(&site(&[0, 20, 0, 20]), &edges, 39, 0);
        let quartile = merged.quantile(25, &edges, Scale::counts(39)).unwrap();
        assert_eq!((quartile.low, quartile.high), (0.0, 19.0));
        assert!((quartile.value - 9.0).abs() < 1.0);
        assert_eq!(merged.total(), 40);
    }

    #[test]
    fn nobody_has_no_quantile() {
        let mut merged = Distribution::default();
        merged.add(&site(&[0, 0]), &[0, 1], 1, 0);
        assert_eq!(merged.quantile(50, &[0, 1], Scale::counts(1)), None);
    }
}
