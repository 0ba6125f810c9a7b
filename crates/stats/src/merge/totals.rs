//! What a site's own answer says about how much it withheld: the total of a cell, where the answer gives one away, less
//! what is out.

use coda_model::{
    frame::{Count, Guard, Shown, ShownFrame, SiteFrames},
    plan::{Plan, PlannedAsk},
};

use crate::{shape::Shape, statistic::Operands, statistics::find};

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

/// What each ask of a plan needs. Worked out once for a plan, because every cell of every site asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs(Vec<Need>);

/// What an ask needs: its shape, the columns in which there must be a value, and what must hold for it to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Need {
    shape: Shape,
    columns: Vec<usize>,
    guard: Guard,
}

impl Needs {
    /// Of all asks of a plan.
    pub fn of(plan: &Plan) -> Self {
        let need = |planned: &PlannedAsk| {
            let Some(statistic) = find(&planned.statistic) else {
                return Need { shape: Shape::everybody(), columns: Vec::new(), guard: Guard::Table };
            };
            let shape = statistic.shape(&Operands::of(plan, &planned.operands));
            Need { columns: shape.columns(), shape, guard: statistic.guard() }
        };
        Self(plan.asks.iter().map(need).collect())
    }
}

impl Totals {
    /// For one ask in one cell of a site's answer.
    pub fn of(plan: &Plan, Needs(needs): &Needs, site: &SiteFrames, ask: usize, cell: usize) -> Self {
        let small = site.threshold.saturating_sub(1);
        let unknown = Most { people: small, rows: small.max(1) * u64::from(plan.records_per_person) };
        let frame = |ask: usize| site.asks.get(ask).and_then(|cells| cells.get(cell));
        let small_ones = Self { slot: unknown, missing: unknown };
        let (Some(own), Some(need)) = (frame(ask), needs.get(ask)) else { return small_ones };
        let Need { shape, columns, .. } = need;
        if !withholds(own) {
            return small_ones;
        }
        // Hidden in slots and missing together, and in slots alone.
        let (mut in_cell, mut in_slots): (Option<u64>, Option<u64>) = (None, None);
        for (other, need) in needs.iter().enumerate() {
            let Some(frame) = frame(other) else { continue };
            let Some(valid) = valid_rows(frame, need.guard) else { continue };
            // Rows of the whole cell, or of those with a value in the same columns.
            let whole = match &frame.missing {
                None => Some(valid),
                Some(Shown::Value(missing)) => Some(valid + missing.rows.0),
                Some(Shown::Withheld) => None,
            };
            let of_cell = whole.map(|whole| whole.saturating_sub(out_rows(own) + missing_rows(own)));
            let of_valid = (*columns == need.columns).then(|| valid.saturating_sub(out_rows(own)));
            in_cell = in_cell.into_iter().chain(of_cell).min();
            in_slots = in_slots.into_iter().chain(of_valid).min();
        }
        let most = |rows: u64| Most { people: rows, rows };
        // Nobody tells the base. Then the first ask that withheld only small counts is the one the site let out so; after
        // it the site treated the base as known, and may have withheld large counts too (`coda_disclosure`, cell).
        let frames: Vec<_> = needs.iter().enumerate().filter_map(|(other, need)| Some((need, frame(other)?))).collect();
        let tight = tight(&frames);
        let below = |frame: &ShownFrame| {
            tight.map(|(_, tight)| ceiling(tight, unknown.rows).saturating_sub(out_rows(frame) + missing_rows(frame)))
        };
        let loose = below(own).map_or(unknown, most);
        let slot_is_small = tight.is_none_or(|(need, _)| need.shape.axes == shape.axes && need.columns == *columns);
        let missing_is_small = tight.is_none_or(|(need, _)| need.columns == *columns);
        let slot = in_cell.into_iter().chain(in_slots).min().map(most);
        Self {
            slot: slot.unwrap_or(if slot_is_small { unknown } else { loose }),
            // How many have a value tells nothing of how many have none.
            missing: in_cell.map_or(if missing_is_small { unknown } else { loose }, most),
        }
    }
}

/// The ask that a site let out first with small counts withheld, in the order in which a site takes them.
fn tight<'a>(frames: &[(&'a Need, &'a ShownFrame)]) -> Option<(&'a Need, &'a ShownFrame)> {
    let hidden = |frame: &ShownFrame| frame.slots.iter().all(|slot| slot.value().is_none());
    let find = |fits: &dyn Fn(&Need, &ShownFrame) -> bool| {
        frames.iter().copied().find(|(need, frame)| withholds(frame) && !hidden(frame) && fits(need, frame))
    };
    find(&|need, _| need.guard != Guard::Table)
        .or_else(|| find(&|_, frame| frame.slots.iter().all(|slot| slot.value().is_some())))
        .or_else(|| find(&|_, _| true))
}

/// The most rows a cell can have when this frame withholds only small counts of it.
fn ceiling(frame: &ShownFrame, small: u64) -> u64 {
    let hidden = frame.slots.iter().filter(|slot| slot.value().is_none()).count() as u64;
    let missing = u64::from(frame.missing.is_some_and(|missing| missing.value().is_none()));
    out_rows(frame) + missing_rows(frame) + (hidden + missing) * small
}

fn withholds(frame: &ShownFrame) -> bool {
    frame.slots.iter().any(|slot| slot.value().is_none())
        || frame.missing.is_some_and(|missing| missing.value().is_none())
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
