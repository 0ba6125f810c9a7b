//! What a site's own answer says about how much it withheld: the total of a cell, where the answer gives one away, less
//! what is out.

use coda_model::{
    frame::{Count, Guard, Shown, ShownFrame, SiteFrames},
    plan::Plan,
};

use crate::{
    statistic::{Operands, Statistic},
    statistics::find,
};

/// How much the withheld parts of one frame can be at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// A slot.
    pub slot: Most,
    /// The missing.
    pub missing: Most,
}

/// At most so many people and rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    /// Distinct people.
    pub people: u64,
    /// Rows.
    pub rows: u64,
}

impl Totals {
    /// For one ask in one cell of a site's answer.
    pub fn of(plan: &Plan, site: &SiteFrames, ask: usize, cell: usize) -> Self {
        let small = site.threshold.saturating_sub(1);
        let unknown = Most { people: small, rows: small.max(1) * u64::from(plan.records_per_person) };
        let frame = |ask: usize| site.asks.get(ask).and_then(|cells| cells.get(cell));
        let Some(own) = frame(ask) else { return Self { slot: unknown, missing: unknown } };
        let columns = columns(plan, ask);
        // Hidden in slots and missing together, and in slots alone.
        let (mut in_cell, mut in_slots): (Option<u64>, Option<u64>) = (None, None);
        for other in 0..plan.asks.len() {
            let Some(frame) = frame(other) else { continue };
            let Some(valid) = valid_rows(frame, guard(plan, other)) else { continue };
            // Rows of the whole cell, or of those with a value in the same columns.
            let whole = match &frame.missing {
                None => Some(valid),
                Some(Shown::Value(missing)) => Some(valid + missing.rows.0),
                Some(Shown::Withheld) => None,
            };
            let of_cell = whole.map(|whole| whole.saturating_sub(out_rows(own) + missing_rows(own)));
            let of_valid = (columns == self::columns(plan, other)).then(|| valid.saturating_sub(out_rows(own)));
            in_cell = in_cell.into_iter().chain(of_cell).min();
            in_slots = in_slots.into_iter().chain(of_valid).min();
        }
        let most = |hidden: Option<u64>| hidden.map_or(unknown, |rows| Most { people: rows, rows });
        // How many have a value tells nothing of how many have none.
        Self { slot: most(in_cell.into_iter().chain(in_slots).min()), missing: most(in_cell) }
    }
}

fn columns(plan: &Plan, ask: usize) -> Vec<usize> {
    let planned = plan.asks.get(ask).and_then(|planned| Some((find(&planned.statistic)?, planned)));
    planned
        .map_or_else(Vec::new, |(statistic, planned)| statistic.shape(&Operands::of(plan, &planned.operands)).columns())
}

fn guard(plan: &Plan, ask: usize) -> Guard {
    plan.asks.get(ask).and_then(|planned| find(&planned.statistic)).map_or(Guard::Table, Statistic::guard)
}

/// Rows with a value, if the frame tells: all slots are out, or it is a distribution, whose steps add up.
fn valid_rows(frame: &ShownFrame, guard: Guard) -> Option<u64> {
    let out: Vec<_> = frame.slots.iter().filter_map(Shown::value).collect();
    let tells = match guard {
        Guard::Distribution { .. } => !out.is_empty(),
        _ => out.len() == frame.slots.len(),
    };
    tells.then(|| out.iter().map(|slot| slot.count.rows.0).sum())
}

fn out_rows(frame: &ShownFrame) -> u64 {
    frame.slots.iter().filter_map(Shown::value).map(|slot| slot.count.rows.0).sum()
}

fn missing_rows(frame: &ShownFrame) -> u64 {
    let value = frame.missing.as_ref().and_then(Shown::value);
    value.map_or(0, |Count { rows, .. }| rows.0)
}
