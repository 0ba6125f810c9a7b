//! Quantiles and bins from the distributions that sites told as cumulative counts at some edges of the grid (R8).

use coda_model::{
    estimate::{CountFigure, EstimatedCount},
    frame::{Shown, ShownSlot},
    rounding::{Rounding, Sensitivity},
    scale::Scale,
};

use crate::probability::NORMAL_975;

/// What is known of the merged cumulative distribution at the end of each grid cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Distribution {
    /// At least so many people lie in the cells up to this one.
    low: Vec<u64>,
    /// At most so many.
    high: Vec<u64>,
    /// Best guess, in 2^-32 people: straight lines between what is told. Whole numbers, so that the order of the sites
    /// changes nothing.
    middle: Vec<u128>,
    /// The same without the bias of told edges, for quantiles.
    unbiased: Vec<u128>,
    /// Whether every site told this edge.
    told: Vec<bool>,
    /// People in all, as told.
    total: u64,
    /// The exact number of people is within so many of it.
    error: u64,
    /// What lies between two told edges is within so many of the truth: both have one step, which cancels.
    error_between: u64,
    /// Variances of the two parts of the perturbation: of the step, which all edges of a site share, and of the rounding.
    step_variance: f64,
    rounding_variance: f64,
}

/// Binary digits of a person in [`Distribution::middle`].
const DIGITS: u32 = 32;

/// Bias of an edge in bases, where hardly anybody lies between the places at which it may be told; and the people between them, in
/// bases, over which it falls to 1/e of that. See [`bias`].
const BIAS: f64 = 0.57;
const BIAS_FADES: f64 = 0.64;

/// The public grid of a distribution.
pub struct Grid<'a> {
    /// The codes where its cells begin.
    pub edges: &'a [i32],
    /// The cells that end where a bin of the histogram does, ascending: these edges are told first.
    pub bin_ends: &'a [usize],
    /// The last code.
    pub highest: i32,
}

/// A quantile, in codes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantile {
    /// Best guess.
    pub value: f64,
    /// 95 % confidence interval.
    pub confidence: (f64, f64),
    /// The quantile of the exact values of the sites' people lies in it for certain.
    pub certain: (f64, f64),
}

impl Distribution {
    /// Adds one site's slots, of `all` people as told.
    pub fn add(
        &mut self,
        slots: &[Shown<ShownSlot>],
        grid: &Grid<'_>,
        all: u64,
        (rounding, sensitivity): (&Rounding, Sensitivity),
    ) {
        let end = |cell: usize| i64::from(grid.edges.get(cell + 1).copied().unwrap_or(grid.highest + 1));
        self.low.resize(slots.len(), 0);
        self.high.resize(slots.len(), 0);
        self.middle.resize(slots.len(), 0);
        self.unbiased.resize(slots.len(), 0);
        self.told.resize(slots.len(), true);
        let error = rounding.error(sensitivity);
        let told: Vec<(usize, u64)> = slots
            .iter()
            .enumerate()
            .filter_map(|(cell, slot)| slot.value().map(|slot| (cell, slot.count.people.0)))
            .scan(0, |sum, (cell, people)| {
                *sum += people;
                Some((cell, *sum))
            })
            .collect();
        let first = i64::from(grid.edges.first().copied().unwrap_or_default());
        let as_told: Vec<(usize, u128)> = told.iter().map(|(cell, sum)| (*cell, u128::from(*sum) << DIGITS)).collect();
        straight(&mut self.middle, &as_told, end, first);
        straight(&mut self.unbiased, &knots(&told, all, rounding, grid), end, first);
        let mut next = told.iter().copied().peekable();
        let mut below = 0u64;
        for (cell, ((low, high), told)) in self.low.iter_mut().zip(&mut self.high).zip(&mut self.told).enumerate() {
            let Some((knot, sum)) = next.peek().copied() else { continue };
            *high += sum + error;
            if knot == cell {
                *low += sum.saturating_sub(error);
                below = sum;
                next.next();
            } else {
                *low += below.saturating_sub(error);
                *told = false;
            }
        }
        self.total += all;
        self.error += error;
        self.error_between += 2 * (rounding.base - 1);
        let exact = rounding.step(sensitivity) as f64;
        self.step_variance += exact * (exact + 1.0) / 3.0;
        self.rounding_variance += rounding.variance(sensitivity) - exact * (exact + 1.0) / 3.0;
    }

    /// The quantile of `percent`.
    ///
    /// The certain interval holds the quantile of the pooled values, whichever of the nine usual definitions is meant
    /// (Hyndman and Fan 1996, The American Statistician 50(4), 361-365): all of them lie between the values of rank
    /// `floor(Np)` and `floor(Np) + 2`. The confidence interval is that of the population's quantile by the binomial variance
    /// of the rank. Where counts are perturbed, the variance of the perturbation is added, and the error of a straight line within
    /// a cell; and a code stands for the values half a step to either side of it.
    pub fn quantile(&self, percent: u64, edges: &[i32], scale: Scale) -> Option<Quantile> {
        if self.total == 0 {
            return None;
        }
        let edge = |cell: usize| f64::from(edges.get(cell).copied().unwrap_or(scale.span() + 1));
        let last = self.low.len().checked_sub(1)?;
        let (fewest, most) = (self.total.saturating_sub(self.error), self.total + self.error);
        let least_rank = (fewest * percent / 100).max(1);
        let most_rank = (most * percent / 100 + 2).min(most);
        let lowest = self.high.iter().position(|high| *high >= least_rank).unwrap_or(last);
        let highest = self.low.iter().position(|low| *low >= most_rank).unwrap_or(last);
        let certain = (edge(lowest), edge(highest + 1) - 1.0);
        let at = |rank: f64| self.inverse(rank, edges, scale).clamp(0.0, f64::from(scale.span()));
        let p = percent as f64 / 100.0;
        let rank = self.total as f64 * p;
        let variance = self.total as f64 * p * (1.0 - p)
            + self.step_variance * (1.0 - p) * (1.0 - p)
            + self.rounding_variance * (1.0 + p * p);
        let value = at(rank).clamp(certain.0, certain.1);
        if self.step_variance + self.rounding_variance == 0.0 {
            let half = NORMAL_975 * variance.sqrt();
            return Some(Quantile {
                value,
                confidence: (at(rank - half).min(value), at(rank + half).max(value)),
                certain,
            });
        }
        let half = NORMAL_975 * (variance + self.bend(rank, edges, scale)).sqrt();
        let end = |rank: f64| {
            let (cell, share) = self.place(rank);
            let end = edge(cell) - 0.5 + share * (edge(cell + 1) - edge(cell));
            end.clamp(0.0, f64::from(scale.span()))
        };
        Some(Quantile { value, confidence: (end(rank - half).min(value), end(rank + half).max(value)), certain })
    }

    /// The people of the cells from one told edge to another: the histogram's bins end after `ends`.
    pub fn bins(&self, ends: &[usize]) -> Vec<CountFigure> {
        let mut before: Option<usize> = None;
        let bin = |end: &usize| {
            let of = |values: &[u64], cell: Option<usize>| {
                cell.map_or(0, |cell| values.get(cell).copied().unwrap_or_default())
            };
            let told = |cell: Option<usize>| cell.is_none_or(|cell| self.told.get(cell).copied().unwrap_or_default());
            let middle = |cell: Option<usize>| {
                cell.map_or(0.0, |cell| self.middle.get(cell).copied().unwrap_or_default() as f64 / fixed_one())
            };
            let end = Some(*end);
            let people = (middle(end) - middle(before)).max(0.0);
            let is_told = told(end) && told(before);
            let value = is_told.then_some(people.round() as u64);
            let certain = match value {
                // The first bin has one edge, whose step does not cancel.
                Some(value) if before.is_some() => {
                    (value.saturating_sub(self.error_between), value + self.error_between)
                }
                _ => (
                    of(&self.low, end).saturating_sub(of(&self.high, before)),
                    of(&self.high, end).saturating_sub(of(&self.low, before)),
                ),
            };
            before = end;
            CountFigure {
                value,
                certain: Some(certain),
                estimate: (!is_told).then_some(EstimatedCount { value: people, interval: None }),
            }
        };
        ends.iter().map(bin).collect()
    }

    /// The code up to which so many people lie, on a straight line within a grid cell.
    fn inverse(&self, rank: f64, edges: &[i32], scale: Scale) -> f64 {
        let edge = |cell: usize| f64::from(edges.get(cell).copied().unwrap_or(scale.span() + 1));
        let (cell, share) = self.place(rank);
        // A cell of width w holds the codes from its edge to edge + w - 1.
        edge(cell) + share * (edge(cell + 1) - edge(cell) - 1.0)
    }

    /// The grid cell that the person of this rank lies in, and the share of its people below.
    fn place(&self, rank: f64) -> (usize, f64) {
        let target = rank * fixed_one();
        let last = self.unbiased.len().saturating_sub(1);
        let cell = self.unbiased.iter().position(|middle| *middle as f64 >= target).unwrap_or(last);
        let before = cell.checked_sub(1).and_then(|before| self.unbiased.get(before)).copied().unwrap_or_default();
        let inside = self.unbiased.get(cell).copied().unwrap_or(before).saturating_sub(before);
        (cell, if inside > 0 { ((target - before as f64) / inside as f64).clamp(0.0, 1.0) } else { 0.0 })
    }

    /// Mean square, in people, of the error of a straight line within the cell of a rank: a density that changes by s over a code
    /// bends the cumulative count of a cell of width w by at most s w² / 8, and 8/15 of its square on average.
    fn bend(&self, rank: f64, edges: &[i32], scale: Scale) -> f64 {
        let edge = |cell: usize| f64::from(edges.get(cell).copied().unwrap_or(scale.span() + 1));
        let width = |cell: usize| edge(cell + 1) - edge(cell);
        let people = |cell: usize| self.unbiased.get(cell).map_or(0.0, |people| *people as f64 / fixed_one());
        let (cell, _) = self.place(rank);
        if cell == 0 || cell + 1 >= self.unbiased.len() {
            return 0.0;
        }
        let first = if cell >= 2 { people(cell - 2) } else { 0.0 };
        let (before, after) = (people(cell - 1) - first, people(cell + 1) - people(cell));
        let apart = width(cell) + f64::midpoint(width(cell - 1), width(cell + 1));
        let change = (after / width(cell + 1) - before / width(cell - 1)) / apart;
        8.0 / 15.0 * (change * width(cell).powi(2) / 8.0).powi(2)
    }
}

/// A person in [`Distribution::middle`].
fn fixed_one() -> f64 {
    (1u64 << DIGITS) as f64
}

/// The told edges of a site without their bias, in 2^-32 people. The last one is the count of everybody, which has none.
fn knots(told: &[(usize, u64)], all: u64, rounding: &Rounding, grid: &Grid<'_>) -> Vec<(usize, u128)> {
    // The last told edge of any kind, and the last of a bin: the first cell after it, and the people below.
    let (mut last, mut last_of_bins) = ((0, 0), (0, 0));
    let knot = |(cell, sum): &(usize, u64)| {
        let ends_bin = grid.bin_ends.binary_search(cell).is_ok();
        let (tries, below) = if ends_bin {
            let (from, below) = last_of_bins;
            (grid.bin_ends.iter().filter(|end| (from..=*cell).contains(*end)).count(), below)
        } else {
            let (from, below) = last;
            (cell + 1 - from, below)
        };
        last = (cell + 1, *sum);
        if ends_bin {
            last_of_bins = last;
        }
        let fixed = u128::from(*sum) << DIGITS;
        if *sum >= all {
            return (*cell, fixed);
        }
        let people = sum.saturating_sub(below) as f64 / tries.max(1) as f64;
        (*cell, fixed.saturating_sub((bias(people, rounding) * fixed_one()) as u128))
    };
    told.iter().map(knot).collect()
}

/// By how many people an edge is told too high on average, at so many people from one place to the next at which it could have
/// been told: ends of bins first, then cells.
///
/// An edge is told at the first place where the rounded count has risen enough, and never under an earlier one (R8): both favour
/// counts that were rounded up. Where more people than the base lie between places, there is one try and no bias. The curve is
/// fitted to a simulation of R8 at 50 to 1,000 people and 0.5 to 30 people from place to place, which it meets within 0.5
/// people (1.0 at 50 people).
fn bias(people: f64, rounding: &Rounding) -> f64 {
    if rounding.is_exact() {
        return 0.0;
    }
    let base = rounding.base as f64;
    BIAS * base * (-people / (BIAS_FADES * base)).exp()
}

/// Adds to each cell what lies up to its end, on straight lines between knots.
fn straight(cells: &mut [u128], knots: &[(usize, u128)], end: impl Fn(usize) -> i64, first: i64) {
    let mut next = knots.iter().copied().peekable();
    let (mut from, mut below) = (first, 0u128);
    for (cell, people) in cells.iter_mut().enumerate() {
        let Some((knot, sum)) = next.peek().copied() else { continue };
        let (part, whole) = ((end(cell) - from).unsigned_abs(), (end(knot) - from).unsigned_abs().max(1));
        *people += below + sum.saturating_sub(below) * u128::from(part) / u128::from(whole);
        if knot == cell {
            (from, below) = (end(knot), sum);
            next.next();
        }
    }
}

#[cfg(test)]
mod tests;
