//! Which records are in which slot, and what a slot comes to over records of one's choice: what the ledger compares and puts
//! in the place of a slot.

use coda_model::{
    frame::Slot,
    ids::{People, Rows},
};

use super::{Cells, Input, classes::ClassOf, largest::Holding};
use crate::shape::Shape;

/// The records of one frame, ascending.
///
/// `Debug` is absent: they are people.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Members {
    /// Those of each slot.
    pub slots: Vec<Vec<u32>>,
    /// Those that miss a value.
    pub missing: Vec<u32>,
}

/// The records of every slot of a shape, cell by cell. `who` are the records that count, ascending.
pub fn members(shape: &Shape, input: &Input<'_>, who: &[u32]) -> Vec<Members> {
    let slots = shape.slots();
    let column = |column: usize| input.columns.get(column).copied().unwrap_or_default();
    let highest = |column: usize| input.highest.get(column).copied().unwrap_or_default();
    let axes: Vec<_> = shape
        .axes
        .iter()
        .map(|axis| (column(axis.column), ClassOf::new(axis, highest(axis.column)), axis.len()))
        .collect();
    let value = shape.value.map(column);
    let mut found = vec![Members { slots: vec![Vec::new(); slots], missing: Vec::new() }; input.cells.count()];
    for record in who {
        let place = *record as usize;
        let code = |column: &[i32]| column.get(place).copied().unwrap_or(-1);
        let cell = match input.cells {
            Cells::One(_) => Some(0),
            Cells::Coded { codes, .. } => usize::try_from(code(codes)).ok(),
        };
        let mut slot = value.is_none_or(|value| code(value) >= 0).then_some(0);
        for (column, classes, count) in &axes {
            let class = classes.class(code(column), *count);
            slot = slot.filter(|_| class < *count).map(|slot| slot * count + class);
        }
        let Some(frame) = cell.and_then(|cell| found.get_mut(cell)) else { continue };
        match slot {
            None => frame.missing.push(*record),
            Some(slot) => frame.slots.get_mut(slot).into_iter().for_each(|members| members.push(*record)),
        }
    }
    found
}

/// What a slot of a shape comes to over these records, ascending, wherever they are by its axes.
///
/// Those who miss the value that is summed are taken to have the mean of the others, in whole codes of the sums, so that a
/// mean stays what it is and nobody can tell from the number of people how many they are.
pub fn measure(shape: &Shape, input: &Input<'_>, records: &[u32]) -> Slot {
    let rows = records.len() as u64;
    let person = |record: u32| match input.persons {
        Some(persons) => persons.get(record as usize).copied().unwrap_or(-1),
        None => record as i32,
    };
    let mut people = 0;
    let mut last = None;
    for record in records {
        let own = person(*record);
        people += u64::from(last != Some(own));
        last = Some(own);
    }
    let mut slot = Slot { people: People(people), rows: Rows(rows), ..Slot::default() };
    let Some(values) = shape.value.and_then(|value| input.columns.get(value)) else { return slot };
    let (mut valid, mut sums, mut holding) = (0i128, [0i128; 2], Holding::default());
    for record in records {
        let Ok(value) = u32::try_from(values.get(*record as usize).copied().unwrap_or(-1)) else { continue };
        let value = i128::from(value);
        valid += 1;
        sums = [sums[0] + value, sums[1] + value * value];
        holding.add(person(*record), value);
    }
    let scaled = |sum: i128| if valid == 0 { 0 } else { (2 * sum * i128::from(rows) + valid) / (2 * valid) };
    let [first, second] = sums.map(scaled);
    // Each is rounded by itself; together they stay sums that some values have (Cauchy-Schwarz below, and no square larger than
    // the value times the largest value above).
    let span = shape.value.and_then(|value| input.highest.get(value)).copied().map_or(i128::MAX, i128::from);
    let least = if rows == 0 { 0 } else { (first * first + i128::from(rows) - 1) / i128::from(rows) };
    let most = span.saturating_mul(first).max(least);
    let second = second.max(least).min(most);
    // A whole number and its square are both even or both odd, and so are their sums.
    let odd = (first + second) % 2;
    let second = if second + odd <= most { second + odd } else { second - odd };
    slot.sums = [first, second].into_iter().take(usize::from(shape.powers)).collect();
    // Of what is scaled, the parts are scaled too.
    slot.largest = if shape.powers == 0 { [0; 2] } else { holding.top().map(scaled) };
    slot
}
