//! Answers of sites into the figures a researcher sees.

use coda_model::{
    estimate::{AskEstimates, CellEstimates, CountFigure, Estimate, Figure, Quantity},
    frame::{Guard, SiteFrames},
    ids::SiteId,
    plan::{Plan, Unit},
};

use crate::{
    merge::{Merged, Part, figure, merge},
    statistic::{Operands, Statistic},
    statistics::find,
};

/// The estimates of a plan from the answers of sites, each verified by [`crate::verify::verify`]: each site's own, and
/// the network's. `others` were asked and did not answer; the network's figures say that they are without them.
pub fn estimate(plan: &Plan, sites: &[(SiteId, SiteFrames)], others: &[SiteId]) -> Vec<AskEstimates> {
    let one_ask = |ask: usize| AskEstimates {
        ask: plan.asks.get(ask).map(|planned| planned.text.clone()).unwrap_or_default(),
        cells: (0..plan.cells()).map(|cell| one_cell(plan, (ask, cell), sites, others)).collect(),
    };
    (0..plan.asks.len()).map(one_ask).collect()
}

fn one_cell(plan: &Plan, place: (usize, usize), sites: &[(SiteId, SiteFrames)], others: &[SiteId]) -> CellEstimates {
    let mut network = over(plan, place, sites);
    network.sites_out.extend(others.iter().cloned());
    CellEstimates {
        labels: plan.labels(place.1).into_iter().map(str::to_owned).collect(),
        sites: sites.iter().map(|site| (site.0.clone(), over(plan, place, std::slice::from_ref(site)))).collect(),
        network,
    }
}

fn over(plan: &Plan, (ask, cell): (usize, usize), sites: &[(SiteId, SiteFrames)]) -> Estimate {
    // Floating-point sums depend on the order of their terms: sites are merged by name, in whichever order they answered.
    let mut sites: Vec<&(SiteId, SiteFrames)> = sites.iter().collect();
    sites.sort_by(|one, other| one.0.cmp(&other.0));
    let frames: Vec<&SiteFrames> = sites.iter().map(|(_, frames)| frames).collect();
    let (merged, parts) = merge(plan, ask, cell, &frames);
    let with = |wanted: Part| {
        let chosen = sites.iter().zip(&parts).filter(|(_, part)| **part == wanted);
        chosen.map(|((site, _), _)| site.clone()).collect::<Vec<_>>()
    };
    let planned = plan.asks.get(ask);
    let figures = planned.and_then(|planned| {
        let statistic = find(&planned.statistic)?;
        Some(figures(plan, statistic, &Operands::of(plan, &planned.operands), &merged, !with(Part::In).is_empty()))
    });
    Estimate { figures: figures.unwrap_or_default(), sites_in: with(Part::In), sites_out: with(Part::Out) }
}

fn figures(
    plan: &Plan,
    statistic: &dyn Statistic,
    operands: &Operands<'_>,
    merged: &Merged,
    anybody: bool,
) -> Vec<Figure> {
    if !anybody {
        return suppressed(plan, statistic, operands);
    }
    let mut figures: Vec<Figure> = statistic.figures(merged, operands).into_iter().map(finite).collect();
    if operands.count() > 0 {
        figures.push(Figure::count("n", figure(&merged.valid)));
        if let Some(missing) = &merged.missing {
            figures.push(Figure::count("missing", figure(missing)));
        }
    }
    if let Unit::Rows(_) = plan.unit {
        let people = CountFigure { value: merged.valid.value().map(|_| merged.valid.people), ..CountFigure::default() };
        figures.push(Figure::count("people", people));
    }
    figures
}

/// The same figures by name, where no site's people are in them.
fn suppressed(plan: &Plan, statistic: &dyn Statistic, operands: &Operands<'_>) -> Vec<Figure> {
    let blank = Merged::blank(&statistic.shape(operands));
    let mut figures: Vec<Figure> = statistic.figures(&blank, operands);
    if operands.count() > 0 && statistic.guard() != Guard::Each {
        figures.push(Figure::suppressed("n"));
    }
    if let Unit::Rows(_) = plan.unit {
        figures.push(Figure::suppressed("people"));
    }
    let nothing = |figure: Figure| Figure { quantity: Quantity::Suppressed, confidence: None, certain: None, ..figure };
    figures.into_iter().map(nothing).collect()
}

/// A figure that is no number, as a ratio to a spread of 0, is undefined.
fn finite(figure: Figure) -> Figure {
    let confidence = figure.confidence.filter(|interval| interval.low.is_finite() && interval.high.is_finite());
    match figure.quantity {
        Quantity::Number(number) if !number.is_finite() => {
            Figure { quantity: Quantity::Undefined, confidence: None, ..figure }
        }
        _ => Figure { confidence, ..figure },
    }
}
