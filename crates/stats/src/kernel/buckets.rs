//! The record keys of query sets in buckets: the same sums as set keys, split by the first six bits of each record key. The
//! watch compares them, after an answer has left.

use coda_model::{frame::Guard, plan::Plan};

use super::{Cells, Input, classes::ClassOf};
use crate::{shape::Shape, statistic::Operands, statistics::find};

/// How many buckets there are.
pub const BUCKETS: usize = 64;

/// The sum of a set's record keys in each bucket.
pub type Sums = [u64; BUCKETS];

/// The bucket sums of an ask's sets.
pub struct OfAsk {
    /// Of each slot, cell by cell, with its number of people; a distribution is one set.
    pub sets: Vec<(Sums, u64)>,
    /// Whether they are distributions.
    pub is_distribution: bool,
}

/// The bucket sums of these people.
pub fn of(keys: impl Iterator<Item = u64>) -> Sums {
    let mut sums = [0; BUCKETS];
    keys.for_each(|key| add(&mut sums, key));
    sums
}

/// The bucket sums of all sets of a plan that [`crate::check`] has accepted. A row adds its person's key once in a set.
pub fn of_plan(plan: &Plan, input: &Input<'_>) -> Vec<OfAsk> {
    let mut passes: Vec<Pass> = Vec::new();
    let mut found = Vec::new();
    for ask in &plan.asks {
        let Some(statistic) = find(&ask.statistic) else { continue };
        let shape = statistic.shape(&Operands::of(plan, &ask.operands));
        let whole = matches!(statistic.guard(), Guard::Distribution { .. });
        let known = passes.iter().position(|known| {
            known.shape.axes == shape.axes && known.shape.value == shape.value && known.whole == whole
        });
        let place = known.unwrap_or_else(|| {
            let sets = one_pass(&shape, whole, input);
            passes.push(Pass { shape: shape.clone(), whole, sets });
            passes.len() - 1
        });
        let sets = passes.get(place).map(|pass| pass.sets.clone()).unwrap_or_default();
        found.push(OfAsk { sets, is_distribution: whole });
    }
    found
}

/// The bucket sums of each cell, and its number of people.
pub fn of_cells(input: &Input<'_>) -> Vec<(Sums, u64)> {
    one_pass(&Shape::everybody(), true, input)
}

/// One pass over the data, which all asks of a shape share.
struct Pass {
    shape: Shape,
    whole: bool,
    sets: Vec<(Sums, u64)>,
}

fn one_pass(shape: &Shape, whole: bool, input: &Input<'_>) -> Vec<(Sums, u64)> {
    let slots = if whole { 1 } else { shape.slots() };
    let column = |column: usize| input.columns.get(column).copied().unwrap_or_default();
    let highest = |column: usize| input.highest.get(column).copied().unwrap_or_default();
    let axes: Vec<_> = shape
        .axes
        .iter()
        .map(|axis| (column(axis.column), ClassOf::new(axis, highest(axis.column)), axis.len()))
        .collect();
    let value = shape.value.map(column);
    let mut sums = vec![([0; BUCKETS], 0); input.cells.count() * slots];
    // The person counted last in each set; rows come person by person.
    let mut last = vec![-1; sums.len()];
    for record in 0..input.cells.records() {
        let code = |column: &[i32]| column.get(record).copied().unwrap_or(-1);
        let cell = match input.cells {
            Cells::One(_) => Some(0),
            Cells::Coded { codes, .. } => usize::try_from(code(codes)).ok(),
        };
        let mut slot = value.is_none_or(|value| code(value) >= 0).then_some(0);
        for (column, classes, count) in &axes {
            let class = classes.class(code(column), *count);
            slot = slot.filter(|_| class < *count).map(|slot| if whole { 0 } else { slot * count + class });
        }
        let (Some(cell), Some(slot)) = (cell, slot) else { continue };
        let person = input.persons.map_or(Some(record as i32), |persons| persons.get(record).copied()).unwrap_or(-1);
        let place = cell * slots + slot;
        let key = usize::try_from(person).ok().and_then(|person| input.keys.get(person));
        if let (Some((sums, people)), Some(last), Some(key)) = (sums.get_mut(place), last.get_mut(place), key)
            && *last != person
        {
            *last = person;
            *people += 1;
            add(sums, *key);
        }
    }
    sums
}

fn add(sums: &mut Sums, key: u64) {
    if let Some(sum) = sums.get_mut((key >> 58) as usize) {
        *sum = sum.wrapping_add(key);
    }
}
