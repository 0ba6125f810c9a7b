//! Frames of several sites into one, by addition. What a site withholds becomes an interval, never 0 and never a hole
//! (disclosure.md 1.12 A).

mod totals;

use coda_model::{
    estimate::Figure,
    frame::{Guard, Shown, ShownFrame, SiteFrames},
    plan::{Classes, Plan},
    scale::Scale,
};

use crate::{distribution::Distribution, moments::Moments, statistic::Operands, statistics::find};

pub use totals::{Most, Totals};

/// The merged frames of one ask in one cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Merged {
    /// The slots.
    pub slots: Vec<MergedSlot>,
    /// People and rows that miss a value; `None` when none can.
    pub missing: Option<MergedCount>,
    /// The distribution, of statistics that ask for one.
    pub distribution: Distribution,
    /// Rows in any of the slots.
    pub valid: Bounds,
    /// The largest threshold of the sites.
    pub threshold: u64,
}

/// A merged slot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MergedSlot {
    /// People and rows.
    pub count: MergedCount,
    /// Sums, over the sites whose slot is out.
    pub sums: Vec<i128>,
}

/// People and rows, each between two bounds that are equal when nothing is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MergedCount {
    /// Distinct people.
    pub people: Bounds,
    /// Rows.
    pub rows: Bounds,
}

/// A whole number known to lie between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bounds {
    /// Not less.
    pub low: u64,
    /// Not more.
    pub high: u64,
}

/// What part a site has in a merged cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Some or all of its frame is in.
    In,
    /// It withheld the whole frame.
    Out,
}

impl Bounds {
    /// The number, if it is known.
    pub fn exact(self) -> Option<u64> {
        (self.low == self.high).then_some(self.low)
    }

    fn add(&mut self, low: u64, high: u64) {
        self.low += low;
        self.high = self.high.saturating_add(high.max(low));
    }
}

impl MergedSlot {
    /// The moments of the slot's sums.
    pub fn moments(&self, scale: Scale) -> Moments {
        Moments::new(scale, self.count.rows.low, &self.sums)
    }
}

impl Merged {
    /// Quantiles of the first operand, each with its certain interval.
    pub fn quantiles(&self, operands: &Operands<'_>, percents: &[(&str, u64)]) -> Vec<Figure> {
        let scale = operands.scale(0);
        let Classes::Edges(edges) = operands.grid(0).classes else { return Vec::new() };
        let figure = |(name, percent): &(&str, u64)| {
            let Some(found) = self.distribution.quantile(*percent, &edges, scale) else {
                return Figure::withheld(name);
            };
            Figure::number(name, scale.value(found.value), operands.unit(0))
                .certain(scale.value(found.low), scale.value(found.high))
        };
        percents.iter().map(figure).collect()
    }
}

/// Merges one ask in one cell over sites, each with [`Totals::of`] the ask. All answers must have passed
/// [`crate::verify::verify`].
pub fn merge(plan: &Plan, ask: usize, cell: usize, sites: &[(&SiteFrames, &[Totals])]) -> (Merged, Vec<Part>) {
    let mut merged = Merged::default();
    let mut parts = Vec::with_capacity(sites.len());
    let Some(planned) = plan.asks.get(ask) else { return (merged, parts) };
    let Some(statistic) = find(&planned.statistic) else { return (merged, parts) };
    let operands = Operands::of(plan, &planned.operands);
    let guard = statistic.guard();
    let grid = match guard {
        Guard::Distribution { .. } => statistic.shape(&operands).axes.into_iter().next(),
        _ => None,
    };
    for (site, totals) in sites {
        let frame = site.asks.get(ask).and_then(|cells| cells.get(cell));
        let (Some(frame), Some(totals)) = (frame, totals.get(cell)) else {
            parts.push(Part::Out);
            continue;
        };
        merged.threshold = merged.threshold.max(site.threshold);
        let out = frame.slots.iter().all(|slot| slot.value().is_none());
        parts.push(if out { Part::Out } else { Part::In });
        if out && guard != Guard::Table {
            continue;
        }
        add_counts(&mut merged, frame, totals);
        if let Some(Classes::Edges(edges)) = grid.as_ref().map(|grid| &grid.classes) {
            merged.distribution.add(&frame.slots, edges, operands.scale(0).span(), site.slack);
        }
    }
    (merged, parts)
}

fn add_counts(merged: &mut Merged, frame: &ShownFrame, totals: &Totals) {
    let out = frame.slots.iter().filter_map(Shown::value).map(|slot| slot.count.rows.0).sum::<u64>();
    let hidden = frame.slots.iter().filter(|slot| slot.value().is_none()).count() as u64;
    // What is withheld in several slots is one rest, and no such rest for each.
    let withheld = match &frame.rest {
        Shown::Value(rest) => rest.rows.0,
        Shown::Withheld => hidden.saturating_mul(totals.slot.rows).min(totals.together),
    };
    merged.valid.add(out, out.saturating_add(if hidden > 0 { withheld } else { 0 }));
    merged.slots.resize_with(frame.slots.len().max(merged.slots.len()), MergedSlot::default);
    for (slot, shown) in merged.slots.iter_mut().zip(&frame.slots) {
        match shown {
            Shown::Value(value) => {
                slot.count.people.add(value.count.people.0, value.count.people.0);
                slot.count.rows.add(value.count.rows.0, value.count.rows.0);
                slot.sums.resize(value.sums.len().max(slot.sums.len()), 0);
                for (sum, part) in slot.sums.iter_mut().zip(&value.sums) {
                    *sum += part;
                }
            }
            Shown::Withheld => {
                slot.count.people.add(0, totals.slot.people);
                slot.count.rows.add(0, totals.slot.rows);
            }
        }
    }
    if let Some(missing) = &frame.missing {
        let sum = merged.missing.get_or_insert_default();
        match missing {
            Shown::Value(count) => {
                sum.people.add(count.people.0, count.people.0);
                sum.rows.add(count.rows.0, count.rows.0);
            }
            Shown::Withheld => {
                sum.people.add(0, totals.missing.people);
                sum.rows.add(0, totals.missing.rows);
            }
        }
    }
}
