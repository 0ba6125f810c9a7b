//! Tables to read. Asks of the same variables share a table; figures with many parts, such as histograms, have one of
//! their own with a row for each part.

use coda_model::estimate::{Answer, AskEstimates, CellEstimates, Estimate, Figure};
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use super::{coverage, number};

/// More figures than this make a table of their own.
const WIDE: usize = 4;
/// Counts that stand beside the figures of any statistic.
const SUPPORT: [&str; 3] = ["n", "missing", "people"];

/// A table with a header and rows of text.
pub(crate) fn plain(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = empty();
    table.set_header(header);
    for row in rows {
        table.add_row(row);
    }
    trimmed(&table)
}

/// A table with a header and rows of a name and numbers.
pub(crate) fn numbers(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = empty();
    table.set_header(header);
    for row in rows {
        let cell = |(place, text)| if place == 0 { Cell::new(text) } else { right(text) };
        table.add_row(row.into_iter().enumerate().map(cell));
    }
    trimmed(&table)
}

/// All tables of an answer.
pub(crate) fn answer(answer: &Answer) -> String {
    let mut text = String::new();
    let mut asks = answer.asks.as_slice();
    while let Some((first, rest)) = asks.split_first() {
        if long(first) {
            text.push_str(&parts(answer, first));
            asks = rest;
            continue;
        }
        let alike = |ask: &&AskEstimates| {
            !long(ask) && operands(&ask.ask) == operands(&first.ask) && are_of_as_many(first, ask)
        };
        let count = asks.iter().take_while(alike).count();
        let (together, rest) = asks.split_at(count);
        text.push_str(&side_by_side(answer, together));
        asks = rest;
    }
    text
}

/// Whether two asks that share a table are of as many people in every line, as far as both say it.
fn are_of_as_many(one: &AskEstimates, other: &AskEstimates) -> bool {
    let told = |estimate: &Estimate, name: &str| {
        // What a count counts is its own `n`.
        let is_it = |figure: &&Figure| figure.name == name || (name == "n" && figure.name == "count");
        estimate.figures.iter().find(is_it).map(|figure| figure.quantity.clone())
    };
    let agree = |(one, other): (&Estimate, &Estimate)| {
        SUPPORT.iter().all(|name| {
            let both = told(one, name).zip(told(other, name));
            both.is_none_or(|(one, other)| one == other)
        })
    };
    one.cells.iter().flat_map(all).zip(other.cells.iter().flat_map(all)).all(agree)
}

fn operands(ask: &str) -> &str {
    ask.split_once(':').map_or("", |(_, operands)| operands)
}

fn long(ask: &AskEstimates) -> bool {
    ask.cells.iter().any(|cell| measured(&cell.network).count() > WIDE)
}

/// The figures of the statistic itself, without the counts of people that stand beside them.
fn measured(estimate: &Estimate) -> impl Iterator<Item = &Figure> {
    estimate.figures.iter().filter(|figure| !SUPPORT.contains(&figure.name.as_str()))
}

/// One table for asks of the same variables: a row for each cell and site, a column for each figure.
fn side_by_side(answer: &Answer, asks: &[AskEstimates]) -> String {
    let Some(first) = asks.first() else { return String::new() };
    let (columns, support) = (columns(asks), support(asks));
    let mut table = empty();
    let mut header = answer.axes.clone();
    header.push("site".to_owned());
    header.extend(support.iter().map(|name| (*name).to_owned()));
    header.extend(columns.iter().map(|(index, name)| {
        let twice = columns.iter().filter(|(_, other)| other == name).count() > 1;
        let statistic = statistic(asks, *index);
        if twice && statistic != name { format!("{name} ({statistic})") } else { name.clone() }
    }));
    table.set_header(header);
    for (row, cell) in first.cells.iter().enumerate() {
        let beside: Vec<&CellEstimates> = asks.iter().filter_map(|ask| ask.cells.get(row)).collect();
        let sites = cell.sites.iter().map(|(site, _)| site.to_string()).chain(["network".to_owned()]);
        for (place, name) in sites.enumerate() {
            let estimates: Vec<&Estimate> = beside.iter().filter_map(|cell| all(cell).nth(place)).collect();
            let mut cells: Vec<Cell> = cell.labels.iter().map(Cell::new).collect();
            cells.push(Cell::new(name));
            cells.extend(support.iter().map(|name| right(supporting(&estimates, name))));
            let told =
                |(index, name): &(usize, String)| estimates.get(*index).map_or_else(String::new, |e| one(e, name));
            cells.extend(columns.iter().map(|column| right(told(column))));
            table.add_row(cells);
        }
    }
    let title = match (operands(&first.ask), estimates(asks).flat_map(|e| &e.figures).find_map(|f| f.unit.as_ref())) {
        ("", _) => "people".to_owned(),
        (operands, Some(unit)) => format!("{operands}, in {unit}"),
        (operands, None) => operands.to_owned(),
    };
    format!("\n{title}\n{}\n", trimmed(&table))
}

/// The figures of asks, each with the place of its ask. Statistics of the same variables may tell the same figure, such as
/// the risks beside each ratio; it has one column. An ask that is withheld somewhere stands there under its own name, which
/// is no column where its figures have columns of their own.
fn columns(asks: &[AskEstimates]) -> Vec<(usize, String)> {
    let mut columns: Vec<(usize, String)> = Vec::new();
    for (index, ask) in asks.iter().enumerate() {
        for figure in ask.cells.iter().flat_map(all).flat_map(measured) {
            let same = |of: usize| of == index || told(asks, of, &figure.name) == told(asks, index, &figure.name);
            if !columns.iter().any(|(of, name)| *name == figure.name && same(*of)) {
                columns.push((index, figure.name.clone()));
            }
        }
    }
    let alone = |index: usize| columns.iter().filter(|(of, _)| *of == index).count() == 1;
    let stands_in = |(index, name): &&(usize, String)| {
        !alone(*index)
            && statistic(asks, *index) == name
            && told(asks, *index, name).iter().all(|text| text == "withheld")
    };
    columns.iter().filter(|column| !stands_in(column)).cloned().collect()
}

/// The counts of people that stand beside the figures.
fn support(asks: &[AskEstimates]) -> Vec<&'static str> {
    let told = |name: &&str| estimates(asks).flat_map(|estimate| &estimate.figures).any(|figure| figure.name == *name);
    SUPPORT.into_iter().filter(told).collect()
}

fn statistic(asks: &[AskEstimates], index: usize) -> &str {
    asks.get(index).and_then(|ask| ask.ask.split(':').next()).unwrap_or_default()
}

fn estimates(asks: &[AskEstimates]) -> impl Iterator<Item = &Estimate> {
    asks.iter().flat_map(|ask| &ask.cells).flat_map(all)
}

/// A figure of an ask as it stands in every row.
fn told(asks: &[AskEstimates], index: usize, name: &str) -> Vec<String> {
    let estimates = asks.get(index).into_iter().flat_map(|ask| &ask.cells).flat_map(all);
    estimates.map(|estimate| one(estimate, name)).collect()
}

/// One table for each cell of an ask with many figures: a row for each figure, a column for each site.
fn parts(answer: &Answer, ask: &AskEstimates) -> String {
    let mut text = String::new();
    for cell in &ask.cells {
        let labels: Vec<_> =
            answer.axes.iter().zip(&cell.labels).map(|(axis, label)| format!("{axis}: {label}")).collect();
        let mut names: Vec<&str> = Vec::new();
        for figure in [&cell.network].into_iter().chain(cell.sites.iter().map(|(_, e)| e)).flat_map(|e| &e.figures) {
            if !names.contains(&figure.name.as_str()) {
                names.push(&figure.name);
            }
        }
        if names.len() > 1 {
            names.retain(|name| Some(*name) != ask.ask.split(':').next());
        }
        let unit = cell.network.figures.iter().find_map(|figure| figure.unit.clone());
        let mut table = empty();
        let mut header = vec![String::new()];
        header.extend(cell.sites.iter().map(|(site, _)| site.to_string()));
        header.push("network".to_owned());
        table.set_header(header);
        for name in names {
            let mut row = vec![Cell::new(name)];
            row.extend(all(cell).map(|estimate| right(one(estimate, name))));
            table.add_row(row);
        }
        let unit = unit.map(|unit| format!(", in {unit}")).unwrap_or_default();
        let labels = if labels.is_empty() { String::new() } else { format!("; {}", labels.join(", ")) };
        text.push_str(&format!("\n{}{unit}{labels}\n{}\n", ask.ask, trimmed(&table)));
    }
    text
}

/// The sites' estimates of a cell, then the network's.
fn all(cell: &CellEstimates) -> impl Iterator<Item = &Estimate> {
    cell.sites.iter().map(|(_, estimate)| estimate).chain([&cell.network])
}

/// A figure of an estimate by name; withheld where the estimate has none. A mark says that sites withhold their part.
fn one(estimate: &Estimate, name: &str) -> String {
    let found = estimate.figures.iter().find(|figure| figure.name == name);
    let text = found.map_or_else(|| "withheld".to_owned(), number::figure);
    let is_without_some = found.is_some_and(|figure| coverage::is_without_some(estimate, figure));
    if is_without_some { format!("{text}*") } else { text }
}

/// A supporting count, from the first of the estimates that has it.
fn supporting(estimates: &[&Estimate], name: &str) -> String {
    let found = estimates.iter().flat_map(|estimate| &estimate.figures).find(|figure| figure.name == name);
    found.map_or_else(|| "withheld".to_owned(), number::figure)
}

fn right(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

fn empty() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table
}

fn trimmed(table: &Table) -> String {
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}
