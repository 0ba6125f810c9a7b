//! R8: a distribution as cumulative counts on the public grid. Histogram, median, quartiles and percentiles all read this
//! one, so none tells what another does not.

use coda_model::{
    frame::{Count, SetKey, Shown, ShownSlot, Slot},
    ids::{People, Rows},
};

use crate::{StatementKey, rounding::Perturbation};

/// A distribution over the cells of a grid.
pub(crate) struct Distribution<'a> {
    /// The people of each cell, ascending.
    pub(crate) cells: &'a [Slot],
    /// Cells after which a bin of the histogram ends; told first.
    pub(crate) bins: &'a [usize],
    /// The statement of everybody in it.
    pub(crate) statement: &'a StatementKey,
}

impl Perturbation<'_> {
    /// The told edges: each counts everybody since the last one that is told, and the last cell is always the last edge.
    /// `all` is the told count of everybody.
    pub(crate) fn edges(&self, of: &Distribution<'_>, all: u64) -> Vec<Shown<ShownSlot>> {
        let cumulative = self.cumulative(of, all);
        let told = self.told_edges(of, &cumulative, all);
        let mut below = 0;
        let edge = |(place, (count, told)): (usize, (u64, bool))| {
            if !told && place + 1 < of.cells.len() {
                return Shown::Suppressed;
            }
            let rise = count - below;
            below = count;
            let count = Count { people: People(rise), rows: Rows(rise) };
            Shown::Value(ShownSlot { count, sums: None })
        };
        cumulative.into_iter().zip(told).enumerate().map(edge).collect()
    }

    /// f at each edge, made monotone by its running maximum. All edges have the step of the whole, and each the running key of
    /// its cells.
    fn cumulative(&self, of: &Distribution<'_>, all: u64) -> Vec<u64> {
        let step = self.step(of.statement);
        let (mut people, mut key, mut highest) = (0, SetKey::default(), 0);
        let edge = |cell: &Slot| {
            people += cell.people.0;
            key = key.plus(cell.key);
            highest = self.rounded(people, key, of.statement, step).max(highest);
            highest.min(all)
        };
        let mut cumulative: Vec<u64> = of.cells.iter().map(edge).collect();
        cumulative.last_mut().into_iter().for_each(|last| *last = all);
        cumulative
    }

    /// Which edges are told: where a bin of the histogram ends first, then what lies between them.
    fn told_edges(&self, of: &Distribution<'_>, cumulative: &[u64], all: u64) -> Vec<bool> {
        if self.rules.is_exact() {
            return vec![true; cumulative.len()];
        }
        let rise = self.rules.rounding.rise(all, of.statement.sensitivity);
        let mut told = vec![false; cumulative.len()];
        let mut below = 0;
        for bin in of.bins {
            let Some(count) = cumulative.get(*bin) else { continue };
            if *count >= below + rise && *count + rise <= all {
                below = *count;
                told.get_mut(*bin).into_iter().for_each(|told| *told = true);
            }
        }
        // Between two told edges another one must leave as much to the next as it has risen since the last.
        let mut next: Vec<u64> = vec![all; cumulative.len()];
        let mut above = all;
        for ((next, told), count) in next.iter_mut().zip(&told).zip(cumulative).rev() {
            *next = above;
            if *told {
                above = *count;
            }
        }
        below = 0;
        for ((told, count), next) in told.iter_mut().zip(cumulative).zip(next) {
            if *told {
                below = *count;
            } else if *count >= below + rise && count + rise <= next {
                below = *count;
                *told = true;
            }
        }
        told
    }
}
