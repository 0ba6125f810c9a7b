//! The answer as CSV: one line a figure.

use std::io::{self, Write};

use coda_model::estimate::{Answer, Estimate, Figure, Interval, IntervalKind, Quantity};

use super::number::exact;

/// Writes a header line and a line for each figure of each site and of the network.
pub(crate) fn csv(answer: &Answer, output: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(output);
    let mut header: Vec<&str> = vec!["ask"];
    header.extend(answer.axes.iter().map(String::as_str));
    header.extend(["site", "figure", "value", "low", "high", "interval", "unit", "status"]);
    writer.write_record(&header)?;
    for ask in &answer.asks {
        for cell in &ask.cells {
            let sites = cell.sites.iter().map(|(site, estimate)| (site.as_str(), estimate));
            for (site, Estimate { figures, .. }) in sites.chain([("network", &cell.network)]) {
                for figure in figures {
                    let mut record = vec![ask.ask.clone()];
                    record.extend(cell.labels.iter().cloned());
                    record.push(site.to_owned());
                    record.extend(line(figure));
                    writer.write_record(&record)?;
                }
            }
        }
    }
    writer.flush()
}

/// Name, value, low, high, kind of interval, unit, status.
fn line(figure: &Figure) -> [String; 7] {
    let Figure { name, quantity, interval, unit } = figure;
    let (value, status) = match quantity {
        Quantity::Number(number) => (exact(*number).to_string(), "value"),
        Quantity::Count(count) => (count.to_string(), "value"),
        Quantity::Level(level) => (level.clone(), "value"),
        Quantity::CountBetween(..) => (String::new(), "between"),
        Quantity::Withheld => (String::new(), "withheld"),
    };
    let (low, high, kind) = match (quantity, interval) {
        (Quantity::CountBetween(low, high), _) => (low.to_string(), high.to_string(), "certain"),
        (_, Some(Interval { low, high, kind: IntervalKind::Certain })) => {
            (exact(*low).to_string(), exact(*high).to_string(), "certain")
        }
        (_, Some(Interval { low, high, kind: IntervalKind::Confidence95 })) => {
            (exact(*low).to_string(), exact(*high).to_string(), "confidence_95")
        }
        (_, None) => (String::new(), String::new(), ""),
    };
    [name.clone(), value, low, high, kind.to_owned(), unit.clone().unwrap_or_default(), status.to_owned()]
}
