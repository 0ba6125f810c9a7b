//! All frames of a plan: one pass over the data for each shape, however many asks share it.

use coda_model::{
    frame::{Contributions, Frame, Guard, Slot, Summed, Tabulated},
    plan::Plan,
    variable::{Kind, Missing},
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
            Some((known, _)) => known.sums |= shape.sums,
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
            Tabulated {
                guard,
                missing: missing(plan, &shape),
                unit: plan.unit,
                summed: summed(plan, &shape),
                bins: bin_ends(plan, guard, &shape),
                frames: all.iter().map(|frame| as_asked(frame, &shape)).collect(),
            }
        })
        .collect()
}

/// Whether a value that the shape needs may be missing.
pub fn missing(plan: &Plan, shape: &Shape) -> Missing {
    let may = |column: usize| plan.column(column).is_none_or(|column| column.variable.missing == Missing::May);
    if shape.columns().into_iter().any(may) { Missing::May } else { Missing::Never }
}

/// The column that a shape sums, with its scale.
pub fn summed(plan: &Plan, shape: &Shape) -> Option<Summed> {
    let column = shape.value.filter(|_| shape.sums)?;
    match &plan.column(column)?.variable.kind {
        Kind::Continuous(continuous) => Some(Summed { column, scale: continuous.scale }),
        _ => None,
    }
}

/// The cells of the public grid that end where a histogram's bin ends, so that their edges are told first.
pub(crate) fn bin_ends(plan: &Plan, guard: Guard, shape: &Shape) -> Vec<usize> {
    let (Guard::Distribution { .. }, [axis]) = (guard, shape.axes.as_slice()) else { return Vec::new() };
    match plan.column(axis.column).map(|column| &column.variable.kind) {
        Some(Kind::Continuous(continuous)) => continuous.bin_ends(),
        _ => Vec::new(),
    }
}

/// Whether two shapes differ at most in what is summed.
fn alike(a: &Shape, b: &Shape) -> bool {
    a.axes == b.axes && a.value == b.value
}

fn as_asked(frame: &Frame, shape: &Shape) -> Frame {
    if shape.sums {
        return frame.clone();
    }
    let count =
        |slot: &Slot| Slot { sums: Contributions { nn: slot.sums.nn, ..Contributions::default() }, ..slot.clone() };
    Frame { slots: frame.slots.iter().map(count).collect(), valid: count(&frame.valid), missing: count(&frame.missing) }
}
