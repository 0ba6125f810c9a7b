//! All frames of a plan: one pass over the data for each shape, however many asks share it.

use coda_model::{
    frame::{Frame, Slot, Tabulated},
    plan::{Axis, Classes, Plan},
    variable::{Kind, Missing, Tail},
};

use crate::{
    kernel::{Input, largest::largest, tabulate},
    shape::Shape,
    statistic::Operands,
    statistics::find,
};

/// A sum of so many largest values passes every rule of dominance a site may set: of 64 y1 and more the ten largest people have
/// less than a sixth.
const BEYOND_DOMINANCE: i128 = 64;

/// The frames of every ask of a plan that [`crate::check`] has accepted, in the order of the asks.
pub fn tabulate_plan(plan: &Plan, input: &Input<'_>) -> Vec<Tabulated> {
    let asked: Vec<_> = plan
        .asks
        .iter()
        .filter_map(|ask| find(&ask.statistic).map(|statistic| (statistic, Operands::of(plan, &ask.operands))))
        .map(|(statistic, operands)| (statistic.guard(), statistic.shape(&operands)))
        .collect();
    let mut passes: Vec<(Shape, Vec<Frame>)> = Vec::new();
    for (_, shape) in &asked {
        match passes.iter_mut().find(|(known, _)| alike(known, shape)) {
            Some((known, _)) => known.powers = known.powers.max(shape.powers),
            None => passes.push((shape.clone(), Vec::new())),
        }
    }
    for (shape, frames) in &mut passes {
        *frames = tabulate(shape, input);
        if dominable(plan, shape, frames) {
            let largest = largest(shape, input).into_iter().flatten();
            for (slot, largest) in frames.iter_mut().flat_map(|frame| &mut frame.slots).zip(largest) {
                slot.largest = largest;
            }
        }
    }
    asked
        .into_iter()
        .map(|(guard, shape)| {
            let all = passes.iter().find(|(known, _)| alike(known, &shape)).map_or(&[][..], |(_, frames)| frames);
            let frames = all.iter().map(|frame| with_powers(frame, shape.powers)).collect();
            Tabulated {
                guard,
                missing: missing(plan, &shape),
                unit: plan.unit,
                columns: shape.columns().into_iter().filter(|column| may_miss(plan, *column)).collect(),
                edges: edges(&shape),
                powers: shape.powers,
                frames,
            }
        })
        .collect()
}

/// Whether two people may be most of a sum of the shape: the variable has an open tail, and some sum is not many times the
/// largest value that one person can have.
fn dominable(plan: &Plan, shape: &Shape, frames: &[Frame]) -> bool {
    let Some(column) = shape.value.and_then(|value| plan.column(value)) else { return false };
    let Kind::Continuous(continuous) = &column.variable.kind else { return false };
    if shape.powers == 0 || continuous.tail == Tail::Bounded {
        return false;
    }
    let most = i128::from(column.variable.kind.highest()) * i128::from(plan.records_per_person);
    let small = |slot: &Slot| slot.sums.first().is_some_and(|sum| *sum < BEYOND_DOMINANCE * most);
    frames.iter().flat_map(|frame| &frame.slots).any(small)
}

/// Whether a value that the shape needs may be missing.
pub fn missing(plan: &Plan, shape: &Shape) -> Missing {
    if shape.columns().into_iter().any(|column| may_miss(plan, column)) { Missing::May } else { Missing::Never }
}

fn may_miss(plan: &Plan, column: usize) -> bool {
    plan.column(column).is_none_or(|column| column.variable.missing == Missing::May)
}

fn edges(shape: &Shape) -> Option<(usize, Vec<i32>)> {
    match shape.axes.as_slice() {
        [Axis { column, classes: Classes::Edges(edges), .. }] if shape.value.is_none() => {
            Some((*column, edges.clone()))
        }
        _ => None,
    }
}

/// Whether two shapes differ at most in how many powers they sum.
fn alike(a: &Shape, b: &Shape) -> bool {
    a.axes == b.axes && a.value == b.value
}

fn with_powers(frame: &Frame, powers: u8) -> Frame {
    let cut = |slot: &Slot| Slot {
        people: slot.people,
        rows: slot.rows,
        sums: slot.sums.iter().take(usize::from(powers)).copied().collect(),
        largest: if powers == 0 { [0; 2] } else { slot.largest },
        standing: slot.standing,
    };
    Frame { slots: frame.slots.iter().map(cut).collect(), missing: frame.missing.clone(), absent: frame.absent }
}
