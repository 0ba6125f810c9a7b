//! Frames of several sites into one, by addition of what they told (docs/disclosure.md, R9).

mod count;
mod rate;
mod sums;

use coda_model::{
    estimate::{CountFigure, Figure},
    frame::{Count, Guard, Shown, ShownFrame, ShownSlot, SiteFrames},
    plan::{Classes, Plan, Unit},
    rounding::Sensitivity,
    scale::Scale,
};

use crate::{
    distribution::{Distribution, Grid},
    shape::Shape,
    statistic::Operands,
    statistics::find,
    tabulation::bin_ends,
};

pub use count::{MergedCount, SiteCount};
pub use sums::MergedSums;

/// The merged frames of one ask in one cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Merged {
    /// The slots.
    pub slots: Vec<MergedSlot>,
    /// All who are in one of the slots.
    pub valid: MergedCount,
    /// Those who miss a value; `None` when none can.
    pub missing: Option<MergedCount>,
    /// The distribution, of statistics that ask for one.
    pub distribution: Distribution,
}

/// A merged slot.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MergedSlot {
    /// People, or rows.
    pub count: MergedCount,
    /// Sums, over the sites that told the slot.
    pub sums: MergedSums,
}

/// What part a site has in a merged cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Its people are in the figures.
    In,
    /// They are not: it suppresses what the figures need.
    Out,
}

impl Merged {
    /// Quantiles of the first operand: the value, its 95 % interval, and the interval that certainly contains it.
    pub fn quantiles(&self, operands: &Operands<'_>, percents: &[(&str, u64)]) -> Vec<Figure> {
        let scale = operands.scale(0);
        let Classes::Edges(edges) = operands.grid(0).classes else { return Vec::new() };
        let figure = |(name, percent): &(&str, u64)| {
            let Some(found) = self.distribution.quantile(*percent, &edges, scale) else {
                return Figure::suppressed(name);
            };
            let value = |code: f64| scale.value(code);
            Figure::number(name, value(found.value), operands.unit(0))
                .confidence(value(found.confidence.0), value(found.confidence.1))
                .certain(value(found.certain.0), value(found.certain.1))
        };
        percents.iter().map(figure).collect()
    }

    /// What a statistic's figures are called, when there is nothing to work them out from.
    pub(crate) fn blank(shape: &Shape) -> Self {
        let slot = MergedSlot { count: MergedCount::blank(), sums: MergedSums::blank() };
        Self { slots: vec![slot; shape.slots()], valid: MergedCount::blank(), ..Self::default() }
    }
}

/// Merges one ask in one cell over sites. All answers must have passed [`crate::verify::verify`].
pub fn merge(plan: &Plan, ask: usize, cell: usize, sites: &[&SiteFrames]) -> (Merged, Vec<Part>) {
    let Some(planned) = plan.asks.get(ask) else { return (Merged::default(), Vec::new()) };
    let Some(statistic) = find(&planned.statistic) else { return (Merged::default(), Vec::new()) };
    let operands = Operands::of(plan, &planned.operands);
    let shape = statistic.shape(&operands);
    let guard = statistic.guard();
    let of_cell = plan.sensitivity(&[]);
    let slots: Vec<usize> = shape.axes.iter().map(|axis| axis.column).collect();
    let merging = Merging {
        unit: plan.unit,
        records: u64::from(plan.records_per_person.max(1)),
        of_cell,
        of_slots: plan.sensitivity(&slots),
        scale: operands.scale(0),
        edges: match (guard, shape.axes.first().map(|axis| &axis.classes)) {
            (Guard::Distribution { .. }, Some(Classes::Edges(edges))) => edges.clone(),
            _ => Vec::new(),
        },
        bin_ends: bin_ends(plan, guard, &shape),
    };
    let frames = sites.iter().map(|site| (*site, site.asks.get(ask).and_then(|cells| cells.get(cell))));
    let found: Vec<(&SiteFrames, Option<&ShownFrame>)> = frames.collect();
    let part = |(_, frame): &(&SiteFrames, Option<&ShownFrame>)| {
        let told = |slot: &Shown<ShownSlot>| slot.value().is_some();
        let is_in = frame.is_some_and(|frame| match guard {
            Guard::Each => true,
            Guard::All => frame.slots.iter().all(told),
            Guard::Distribution { .. } => frame.slots.iter().any(told),
        });
        if is_in { Part::In } else { Part::Out }
    };
    let parts: Vec<Part> = found.iter().map(part).collect();
    let inside = found.iter().zip(&parts).filter(|(_, part)| **part == Part::In);
    let inside: Vec<(&SiteFrames, &ShownFrame)> =
        inside.filter_map(|((site, frame), _)| Some((*site, (*frame)?))).collect();
    (merging.merged(&shape, &inside), parts)
}

struct Merging {
    unit: Unit,
    records: u64,
    of_cell: Sensitivity,
    of_slots: Sensitivity,
    scale: Scale,
    edges: Vec<i32>,
    bin_ends: Vec<usize>,
}

impl Merging {
    fn merged(&self, shape: &Shape, sites: &[(&SiteFrames, &ShownFrame)]) -> Merged {
        let slot = |place: usize| {
            let told = |frame: &ShownFrame| frame.slots.get(place).and_then(Shown::value).map(|slot| slot.count);
            let counts = sites.iter().map(|(site, frame)| self.count(site, told(frame), self.of_slots));
            let sums = sites.iter().filter_map(|(site, frame)| {
                let slot = frame.slots.get(place)?.value()?;
                Some((&site.rounding, slot, slot.sums.as_ref()?))
            });
            MergedSlot {
                count: MergedCount::of(&counts.collect::<Vec<_>>()),
                sums: MergedSums::of(sums, self.scale.span(), self.of_slots, self.unit),
            }
        };
        let distributed = !self.edges.is_empty();
        let mut merged = Merged {
            slots: if distributed { Vec::new() } else { (0..shape.slots()).map(slot).collect() },
            ..Merged::default()
        };
        let valid = sites.iter().map(|(site, frame)| self.count(site, frame.valid.value().copied(), self.of_cell));
        merged.valid = MergedCount::of(&valid.collect::<Vec<_>>());
        if sites.iter().any(|(_, frame)| frame.missing.is_some()) {
            let missing = sites.iter().map(|(site, frame)| {
                let told = frame.missing.as_ref().and_then(Shown::value).copied();
                self.count(site, told, self.of_cell)
            });
            merged.missing = Some(MergedCount::of(&missing.collect::<Vec<_>>()));
        }
        if distributed {
            for (site, frame) in sites {
                let all = frame.valid.value().map_or(0, |valid| valid.people.0);
                merged.distribution.add(
                    &frame.slots,
                    &Grid { edges: &self.edges, bin_ends: &self.bin_ends, highest: self.scale.span() },
                    all,
                    (&site.rounding, self.of_cell),
                );
            }
        }
        merged
    }

    fn count<'a>(&self, site: &'a SiteFrames, told: Option<Count>, sensitivity: Sensitivity) -> SiteCount<'a> {
        let cohort = site.total.value().map(|total| total.people.0);
        SiteCount { rounding: &site.rounding, told, cohort, sensitivity, unit: self.unit, records: self.records }
    }
}

/// A figure of a merged count.
pub fn figure(count: &MergedCount) -> CountFigure {
    CountFigure { value: count.value(), certain: count.certain, estimate: count.estimate }
}

/// A standard step of told digits: the largest of 1, 2, 5 × 10^j that is at most this.
pub(crate) fn step(at_most: f64) -> f64 {
    if at_most <= 0.0 {
        return 0.0;
    }
    let decade = 10f64.powi(at_most.log10().floor() as i32);
    [5.0, 2.0].into_iter().map(|step| step * decade).find(|step| *step <= at_most).unwrap_or(decade)
}
