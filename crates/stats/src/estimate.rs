//! Answers of sites into the figures a researcher sees.

use coda_model::{
    estimate::{AskEstimates, CellEstimates, Estimate, Figure, Quantity},
    frame::{Guard, SiteFrames, UNBOUNDED},
    ids::SiteId,
    plan::{Plan, Unit},
};

use crate::{
    merge::{Bounds, Merged, Part, Totals, merge},
    statistic::{Operands, Statistic},
    statistics::find,
};

/// The estimates of a plan from the answers of sites, each verified by [`crate::verify::verify`]: each site's own, and
/// the network's.
pub fn estimate(plan: &Plan, sites: &[(SiteId, SiteFrames)]) -> Vec<AskEstimates> {
    let one_ask = |ask: usize| {
        let totals: Vec<Vec<Totals>> = sites.iter().map(|(_, frames)| Totals::of(plan, frames, ask)).collect();
        let answers = sites.iter().zip(&totals);
        let answers: Vec<Answer<'_>> = answers.map(|((site, frames), totals)| (site, (frames, &totals[..]))).collect();
        AskEstimates {
            ask: plan.asks.get(ask).map(|planned| planned.text.clone()).unwrap_or_default(),
            cells: (0..plan.cells()).map(|cell| one_cell(plan, ask, cell, &answers)).collect(),
        }
    };
    (0..plan.asks.len()).map(one_ask).collect()
}

/// A site's answer, with what it says of the withheld counts of an ask.
type Answer<'a> = (&'a SiteId, (&'a SiteFrames, &'a [Totals]));

fn one_cell(plan: &Plan, ask: usize, cell: usize, sites: &[Answer<'_>]) -> CellEstimates {
    let over = |sites: &[Answer<'_>]| over(plan, ask, cell, sites);
    CellEstimates {
        labels: plan.labels(cell).into_iter().map(str::to_owned).collect(),
        sites: sites.iter().map(|site| (site.0.clone(), over(std::slice::from_ref(site)))).collect(),
        network: over(sites),
    }
}

fn over(plan: &Plan, ask: usize, cell: usize, sites: &[Answer<'_>]) -> Estimate {
    let frames: Vec<_> = sites.iter().map(|(_, frames)| *frames).collect();
    let (merged, parts) = merge(plan, ask, cell, &frames);
    let with = |wanted: Part| {
        let chosen = sites.iter().zip(&parts).filter(|(_, part)| **part == wanted);
        chosen.map(|((site, _), _)| (*site).clone()).collect::<Vec<_>>()
    };
    let planned = plan.asks.get(ask);
    let figures = planned.and_then(|planned| {
        let statistic = find(&planned.statistic)?;
        Some(figures(plan, statistic, &Operands::of(plan, &planned.operands), &merged, !with(Part::In).is_empty()))
    });
    Estimate { figures: figures.unwrap_or_default(), from: with(Part::In), without: with(Part::Out) }
}

fn figures(
    plan: &Plan,
    statistic: &dyn Statistic,
    operands: &Operands<'_>,
    merged: &Merged,
    anything: bool,
) -> Vec<Figure> {
    if !anything && (statistic.guard() != Guard::Table || merged.slots.is_empty()) {
        return vec![Figure::withheld(statistic.name())];
    }
    let mut figures: Vec<Figure> = statistic.figures(merged, operands).into_iter().map(finite).collect();
    if operands.count() > 0 {
        figures.push(Figure::count("n", valid(statistic.guard(), merged)));
        if let Some(missing) = merged.missing {
            figures.push(Figure::count("missing", quantity(missing.rows)));
        }
    }
    // Beside a value, how many people have one is not told: with the people of the cell it would count those who have none.
    if let (Unit::Rows(_), [slot], 0) = (plan.unit, merged.slots.as_slice(), operands.count()) {
        figures.push(Figure::count("people", quantity(slot.count.people)));
    }
    figures
}

/// A figure that is no number, as a ratio to a spread of nothing, is withheld.
fn finite(figure: Figure) -> Figure {
    let interval = figure.interval.filter(|interval| interval.low.is_finite() && interval.high.is_finite());
    match figure.quantity {
        Quantity::Number(number) if !number.is_finite() => {
            Figure { quantity: Quantity::Withheld, interval: None, ..figure }
        }
        _ => Figure { interval, ..figure },
    }
}

/// Rows that have a value.
fn valid(guard: Guard, merged: &Merged) -> Quantity {
    if matches!(guard, Guard::Distribution { .. }) {
        return Quantity::Count(merged.distribution.total());
    }
    quantity(merged.valid)
}

/// A count, or the interval it lies in; withheld where nothing bounds it.
pub fn quantity(bounds: Bounds) -> Quantity {
    if bounds.high == UNBOUNDED {
        return Quantity::Withheld;
    }
    bounds.exact().map_or(Quantity::CountBetween(bounds.low, bounds.high), Quantity::Count)
}
