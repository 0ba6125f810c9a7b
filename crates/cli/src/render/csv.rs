//! The answer as CSV: one line a figure.

use std::io::{self, Write};

use coda_model::{
    SiteId,
    estimate::{Answer, CountFigure, Estimate, Figure, Interval, Quantity},
};

use super::number::exact;

/// The columns after the labels of the cell.
const COLUMNS: [&str; 14] = [
    "site",
    "figure",
    "level",
    "value",
    "unit",
    "confidence_low",
    "confidence_high",
    "certain_low",
    "certain_high",
    "estimate",
    "estimate_low",
    "estimate_high",
    "status",
    "sites_in",
];

/// Writes a header line and a line for each figure of each site and of the network.
pub(crate) fn csv(answer: &Answer, output: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(output);
    let mut header: Vec<&str> = vec!["ask"];
    header.extend(answer.axes.iter().map(String::as_str));
    header.extend(COLUMNS);
    header.push("sites_out");
    writer.write_record(&header)?;
    for ask in &answer.asks {
        for cell in &ask.cells {
            let sites = cell.sites.iter().map(|(site, estimate)| (site.as_str(), estimate));
            for (site, Estimate { figures, sites_in, sites_out }) in sites.chain([("network", &cell.network)]) {
                for figure in figures {
                    let mut record = vec![ask.ask.clone()];
                    record.extend(cell.labels.iter().cloned());
                    record.push(site.to_owned());
                    record.extend(line(figure));
                    record.extend([names(sites_in), names(sites_out)]);
                    writer.write_record(&record)?;
                }
            }
        }
    }
    writer.flush()
}

fn names(sites: &[SiteId]) -> String {
    sites.iter().map(SiteId::as_str).collect::<Vec<_>>().join(" ")
}

/// What stands of a figure between its site and the sites in it.
fn line(figure: &Figure) -> [String; 12] {
    let Figure { name, level, quantity, confidence, certain, unit } = figure;
    let number = |number: f64| exact(number).to_string();
    let ends = |interval: Option<Interval>| {
        interval.map_or_else(Default::default, |Interval { low, high }| [number(low), number(high)])
    };
    let count = match quantity {
        Quantity::Count(count) => *count,
        _ => CountFigure::default(),
    };
    let (value, status) = match quantity {
        Quantity::Number(value) if !value.is_finite() => (String::new(), "undefined"),
        Quantity::Number(value) => (number(*value), "told"),
        Quantity::Level(level) => (level.clone(), "told"),
        Quantity::Count(count) => match (count.value, count.estimate) {
            (Some(value), None) => (value.to_string(), "told"),
            (value, Some(_)) => (value.map(|value| value.to_string()).unwrap_or_default(), "estimated in part"),
            (None, None) => (String::new(), "suppressed"),
        },
        Quantity::Suppressed => (String::new(), "suppressed"),
        Quantity::Undefined => (String::new(), "undefined"),
    };
    let [confidence_low, confidence_high] = ends(*confidence);
    let [certain_low, certain_high] = match count.certain {
        Some((low, high)) => [low.to_string(), high.to_string()],
        None => ends(*certain),
    };
    let estimate = count.estimate.map(|estimate| number(estimate.value)).unwrap_or_default();
    let [estimate_low, estimate_high] = ends(count.estimate.and_then(|estimate| estimate.interval));
    [
        name.clone(),
        level.clone().unwrap_or_default(),
        value,
        unit.clone().unwrap_or_default(),
        confidence_low,
        confidence_high,
        certain_low,
        certain_high,
        estimate,
        estimate_low,
        estimate_high,
        status.to_owned(),
    ]
}
