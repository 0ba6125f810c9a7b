//! All frames of a plan: one pass over the data for each shape, however many asks share it.

use coda_model::{
    frame::{Frame, Slot, Tabulated},
    plan::{Axis, Classes, Plan},
    variable::Missing,
};

use crate::{
    kernel::{Input, tabulate},
    shape::Shape,
    statistic::Operands,
    statistics::find,
};

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
                frames,
            }
        })
        .collect()
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
    };
    Frame { slots: frame.slots.iter().map(cut).collect(), missing: frame.missing.clone() }
}
