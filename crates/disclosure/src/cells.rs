//! Which cells of an answer leave at all, from the people in them.

use coda_model::{
    frame::{Count, Frame, Shown, Slot, Standing, Tabulated},
    ids::{People, Rows},
    plan::Unit,
};

use crate::{
    Answer, Defence, Rules, Table, keyed,
    suppress::{self, Cell, Weight},
};

/// An axis of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dimension {
    /// How many classes it has.
    pub length: usize,
    /// What it spans.
    pub span: Span,
}

/// What an axis of cells spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Groups of people.
    Groups,
    /// Time.
    Time,
}

/// A series leaves when at most one in so many of its periods is withheld (disclosure.md 1.10).
const WITHHELD_PERIODS: usize = 5;

/// What was decided of the cells.
pub(crate) struct Cells {
    /// Which cells leave, as far as the people in them go.
    pub(crate) out: Vec<bool>,
    /// Everybody in the cohort.
    pub(crate) total: Shown<Count>,
}

/// Decides for every cell whether it leaves.
pub(crate) fn decide(tabulated: &[Tabulated], answer: &Answer<'_>) -> Cells {
    let rules = answer.rules;
    let unit = tabulated.first().map_or(Unit::People, |ask| ask.unit);
    let counted = tabulated.first().map(crate::everybody).unwrap_or_default();
    let base = if answer.base.len() == counted.len() { answer.base.to_vec() } else { counted };
    let everybody = answer.cohort.cloned().unwrap_or_else(|| together(&base, unit));
    let total = if rules.enough(&everybody) { Shown::Value(count(&everybody, unit, rules)) } else { Shown::Withheld };
    let lengths: Vec<usize> = answer.axes.iter().map(|axis| axis.length).collect();
    let cell = |(place, slot): (usize, &Slot)| {
        let standing = answer.standing.get(place).copied().unwrap_or_default();
        let weight = match standing {
            _ if is_empty(answer, place) => Weight::Known,
            _ if !rules.enough(slot) => Weight::Small,
            Standing::Free => Weight::Free,
            Standing::Known | Standing::Kept => Weight::Known,
            Standing::Close | Standing::Barred => Weight::Small,
        };
        Cell { people: slot.rows.0, weight }
    };
    let weighed: Vec<Cell> = base.iter().enumerate().map(cell).collect();
    let lawful =
        total.value().is_some() && !(lengths.len() == 1 && gappy(answer, &weighed)) && !too_sparse(answer, &weighed);
    let axes: Vec<(Table, usize)> =
        lengths.iter().enumerate().map(|(axis, length)| (Table::Axis(axis), *length)).collect();
    let order = keyed(answer, Table::Cells, weighed.len(), &axes);
    let secondary = rules.defences.has(Defence::Secondary);
    let out = if !lawful && secondary {
        vec![false; base.len()]
    } else if base.len() > 1 && secondary {
        suppress::pattern(&lengths, &weighed, rules.threshold.least(), &order)
    } else {
        weighed.iter().map(|cell| cell.weight != Weight::Small).collect()
    };
    Cells { out, total }
}

/// R5: more than half of the cells are small. Not of a series, which has a rule of its own.
fn too_sparse(answer: &Answer<'_>, cells: &[Cell]) -> bool {
    let series = answer.axes.iter().any(|axis| axis.span == Span::Time);
    !series && suppress::sparse(cells)
}

/// Whether too many periods of a series are small, between the first and the last that are not.
fn gappy(answer: &Answer<'_>, cells: &[Cell]) -> bool {
    if answer.axes.iter().all(|axis| axis.span == Span::Groups) {
        return false;
    }
    let free = |cell: &Cell| matches!(cell.weight, Weight::Free | Weight::Known) && cell.people > 0;
    let (Some(first), Some(last)) = (cells.iter().position(free), cells.iter().rposition(free)) else { return true };
    let within = cells.get(first..=last).unwrap_or_default();
    let small = within.iter().filter(|cell| cell.weight == Weight::Small).count();
    small * WITHHELD_PERIODS > within.len()
}

pub(crate) fn is_empty(answer: &Answer<'_>, cell: usize) -> bool {
    answer.empty.get(cell).copied().unwrap_or_default()
}

/// Everybody in a cell, whether they have a value or not.
pub(crate) fn everybody(frame: &Frame, unit: Unit) -> Slot {
    let parts: Vec<Slot> = frame.slots.iter().chain([&frame.missing]).cloned().collect();
    together(&parts, unit)
}

/// All of these slots together. Of rows, a person may be in several slots; then only the most people of one slot are sure
/// to be distinct.
pub(crate) fn together(slots: &[Slot], unit: Unit) -> Slot {
    let people = slots.iter().map(|slot| slot.people.0);
    let people = match unit {
        Unit::People => people.sum(),
        Unit::Rows(_) => people.max().unwrap_or_default(),
    };
    Slot { people: People(people), rows: Rows(slots.iter().map(|slot| slot.rows.0).sum()), ..Slot::default() }
}

/// A count that may be told. Of rows, only that there are enough people.
pub(crate) fn count(slot: &Slot, unit: Unit, rules: &Rules) -> Count {
    let people = match unit {
        Unit::People => slot.people,
        Unit::Rows(_) => People(rules.threshold.least()),
    };
    Count { people, rows: slot.rows }
}
