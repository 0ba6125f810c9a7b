//! A distribution in steps of at least the threshold (disclosure.md 3.4, one-round safe CDF).

use coda_model::{
    frame::{Count, Shown, ShownSlot, Slot, Standing},
    ids::{People, Rows},
    plan::Unit,
};

use crate::{Defence, Rules, cells::together};

/// Walks the grid and lets a cell out each time enough have gathered since the last; what is left over at the end goes
/// into the last step, which always ends where the grid ends, so that the largest value stays hidden.
///
/// No step ends where those below it stand close to what was released before, or are barred. Up to `without_value` of the people
/// may have no value at all; each step has so many more.
pub(crate) fn steps(slots: &[Slot], unit: Unit, rules: &Rules, without_value: u64) -> Vec<Shown<ShownSlot>> {
    let mut steps: Vec<Shown<ShownSlot>> = Vec::with_capacity(slots.len());
    let mut gathered: Vec<Slot> = Vec::new();
    let mut last: Option<usize> = None;
    if !rules.defences.has(Defence::Steps) {
        return slots.iter().map(|slot| Shown::Value(shown(slot))).collect();
    }
    for (index, slot) in slots.iter().enumerate() {
        gathered.push(slot.clone());
        let sum = together(&gathered, unit);
        let may_end = matches!(slot.standing, Standing::Free | Standing::Known) || index + 1 == slots.len();
        if may_end && rules.enough(&sum) && sum.people.0 >= rules.threshold.least() + without_value {
            steps.push(Shown::Value(shown(&sum)));
            gathered.clear();
            last = Some(index);
        } else {
            steps.push(Shown::Withheld);
        }
    }
    let Some(step) = last.and_then(|last| steps.get_mut(last)) else { return steps };
    let rest = together(&gathered, unit);
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

fn shown(slot: &Slot) -> ShownSlot {
    ShownSlot { count: Count { people: slot.people, rows: slot.rows }, sums: Vec::new() }
}
