//! A distribution in steps of at least the threshold (disclosure.md 3.4, one-round safe CDF).

use coda_model::{
    frame::{Count, Shown, ShownSlot, Slot},
    ids::{People, Rows},
    plan::Unit,
    threshold::Threshold,
};

/// Walks the grid and lets a cell out each time enough have gathered since the last; what is left over at the end goes
/// into the last step, which always ends where the grid ends, so that the largest value stays hidden.
pub(super) fn steps(slots: &[Slot], unit: Unit, threshold: Threshold) -> Vec<Shown<ShownSlot>> {
    let mut steps: Vec<Shown<ShownSlot>> = Vec::with_capacity(slots.len());
    let mut gathered: Vec<Slot> = Vec::new();
    let mut last: Option<usize> = None;
    for (index, slot) in slots.iter().enumerate() {
        gathered.push(slot.clone());
        let sum = all(&gathered, unit);
        if threshold.passes(sum.people, sum.rows) {
            steps.push(Shown::Value(shown(&sum)));
            gathered.clear();
            last = Some(index);
        } else {
            steps.push(Shown::Withheld);
        }
    }
    let Some(step) = last.and_then(|last| steps.get_mut(last)) else { return steps };
    let rest = all(&gathered, unit);
    if let Shown::Value(value) = std::mem::replace(step, Shown::Withheld)
        && let Some(end) = steps.last_mut()
    {
        let count = Count {
            people: People(value.count.people.0 + rest.people.0),
            rows: Rows(value.count.rows.0 + rest.rows.0),
        };
        *end = Shown::Value(ShownSlot { count, ..value });
    }
    steps
}

/// All of these slots together. Of rows, a person may be in several slots; then only the most people of one slot are sure
/// to be distinct.
pub(super) fn all(slots: &[Slot], unit: Unit) -> Slot {
    let people = slots.iter().map(|slot| slot.people.0);
    let people = match unit {
        Unit::People => people.sum(),
        Unit::Rows(_) => people.max().unwrap_or_default(),
    };
    Slot { people: People(people), rows: Rows(slots.iter().map(|slot| slot.rows.0).sum()), sums: Vec::new() }
}

/// A table of coarser classes of the same column, read off the steps: a class leaves when steps end where it begins and
/// where it ends, so that the table tells nothing that the steps do not.
pub(super) fn read_off(
    steps: &[Shown<ShownSlot>],
    grid: &[i32],
    slots: &[Slot],
    edges: &[i32],
) -> Vec<Shown<ShownSlot>> {
    // Codes at which a step ends: where the next cell of the grid begins; none after the last.
    let ends = |index: usize| grid.get(index + 1).copied();
    let known: Vec<Option<i32>> =
        steps.iter().enumerate().filter(|(_, step)| step.value().is_some()).map(|(index, _)| ends(index)).collect();
    let told = |edge: Option<i32>| edge == Some(0) || known.contains(&edge);
    slots
        .iter()
        .enumerate()
        .map(|(index, slot)| {
            let both = told(edges.get(index).copied()) && told(edges.get(index + 1).copied());
            if both && slot.people.0 > 0 { Shown::Value(shown(slot)) } else { Shown::Withheld }
        })
        .collect()
}

fn shown(slot: &Slot) -> ShownSlot {
    ShownSlot { count: Count { people: slot.people, rows: slot.rows }, sums: Vec::new() }
}
