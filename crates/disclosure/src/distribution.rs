//! A distribution in steps of at least the threshold (disclosure.md 3.4, one-round safe CDF).

use coda_model::{
    frame::{Count, Shown, ShownSlot, Slot},
    ids::{People, Rows},
    threshold::Threshold,
};

/// Walks the grid and lets a cell out each time enough have gathered since the last; what is left over at the end goes
/// into the last step, which always ends where the grid ends, so that the largest value stays hidden.
pub(super) fn steps(slots: &[Slot], threshold: Threshold) -> Vec<Shown<ShownSlot>> {
    let mut steps: Vec<Shown<ShownSlot>> = Vec::with_capacity(slots.len());
    let mut gathered: Vec<Slot> = Vec::new();
    let mut last: Option<usize> = None;
    for (index, slot) in slots.iter().enumerate() {
        gathered.push(slot.clone());
        let sum = all(&gathered);
        if threshold.passes(sum.people, sum.rows) {
            steps.push(Shown::Value(shown(&sum)));
            gathered.clear();
            last = Some(index);
        } else {
            steps.push(Shown::Withheld);
        }
    }
    let Some(step) = last.and_then(|last| steps.get_mut(last)) else { return steps };
    let rest = all(&gathered);
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
pub(super) fn all(slots: &[Slot]) -> Slot {
    let rows = slots.iter().map(|slot| slot.rows.0).sum();
    let people = if slots.iter().all(|slot| slot.people.0 == slot.rows.0) {
        rows
    } else {
        slots.iter().map(|slot| slot.people.0).max().unwrap_or_default()
    };
    Slot { people: People(people), rows: Rows(rows), sums: Vec::new() }
}

fn shown(slot: &Slot) -> ShownSlot {
    ShownSlot { count: Count { people: slot.people, rows: slot.rows }, sums: Vec::new() }
}
