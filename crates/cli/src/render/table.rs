//! Tables to read. Asks of the same variables share a table; figures with many parts, such as histograms, have one of
//! their own with a row for each part.

use coda_model::estimate::{Answer, AskEstimates, CellEstimates, Estimate, Figure};
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use super::number;

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

/// All tables of an answer.
pub(crate) fn answer(answer: &Answer) -> String {
    let told_from = answer.sites.iter().filter_map(|site| site.terms.as_ref()).map(|terms| terms.rounding.told_from);
    let tables = Tables { answer, told_from: told_from.max().unwrap_or_default() };
    let mut text = String::new();
    let mut asks = answer.asks.as_slice();
    while let Some((first, rest)) = asks.split_first() {
        if long(first) {
            text.push_str(&tables.parts(first));
            asks = rest;
            continue;
        }
        let alike = |ask: &&AskEstimates| !long(ask) && operands(&ask.ask) == operands(&first.ask);
        let count = asks.iter().take_while(alike).count();
        let (together, rest) = asks.split_at(count);
        text.push_str(&tables.side_by_side(together));
        asks = rest;
    }
    text
}

struct Tables<'a> {
    answer: &'a Answer,
    told_from: u64,
}

/// A column: a figure of an ask.
#[derive(Clone, PartialEq)]
struct Column {
    ask: usize,
    title: String,
}

impl Tables<'_> {
    /// One table for asks of the same variables: a row for each cell and site, a column for each figure.
    fn side_by_side(&self, asks: &[AskEstimates]) -> String {
        let Some(first) = asks.first() else { return String::new() };
        let (columns, support) = (self.columns(asks), support(asks));
        let mut table = empty();
        let mut header = self.answer.axes.clone();
        header.push("site".to_owned());
        header.extend(support.iter().map(|name| (*name).to_owned()));
        header.extend(columns.iter().map(|Column { ask, title }| {
            let twice = columns.iter().filter(|other| other.title == *title).count() > 1;
            let statistic = statistic(asks, *ask);
            if twice && statistic != title { format!("{title} ({statistic})") } else { title.clone() }
        }));
        table.set_header(header);
        for (row, cell) in first.cells.iter().enumerate() {
            let beside: Vec<&CellEstimates> = asks.iter().filter_map(|ask| ask.cells.get(row)).collect();
            let sites = cell.sites.iter().map(|(site, _)| site.to_string()).chain(["network".to_owned()]);
            for (place, name) in sites.enumerate() {
                let estimates: Vec<&Estimate> = beside.iter().filter_map(|cell| all(cell).nth(place)).collect();
                let mut cells: Vec<Cell> = cell.labels.iter().map(Cell::new).collect();
                cells.push(Cell::new(name));
                cells.extend(support.iter().map(|name| right(self.supporting(&estimates, name))));
                let told = |Column { ask, title }: &Column| {
                    let ask_text = asks.get(*ask).map_or("", |ask| ask.ask.as_str());
                    estimates.get(*ask).map_or_else(String::new, |estimate| self.one(ask_text, estimate, title))
                };
                cells.extend(columns.iter().map(|column| right(told(column))));
                table.add_row(cells);
            }
        }
        let unit = estimates(asks).flat_map(|estimate| &estimate.figures).find_map(|figure| figure.unit.as_ref());
        let title = match (operands(&first.ask), unit) {
            ("", _) => "people".to_owned(),
            (operands, Some(unit)) => format!("{operands}, in {unit}"),
            (operands, None) => operands.to_owned(),
        };
        format!("\n{title}\n{}\n", trimmed(&table))
    }

    /// The figures of asks. Statistics of the same variables may tell the same figure, such as the risks beside each ratio; it
    /// has one column.
    fn columns(&self, asks: &[AskEstimates]) -> Vec<Column> {
        let mut columns: Vec<Column> = Vec::new();
        let texts = |ask: usize, title: &str| -> Vec<String> {
            let of = asks.get(ask);
            let estimates = of.into_iter().flat_map(|ask| &ask.cells).flat_map(all);
            let text = of.map_or("", |ask| ask.ask.as_str());
            estimates.map(|estimate| self.one(text, estimate, title)).collect()
        };
        for (ask, of) in asks.iter().enumerate() {
            for figure in of.cells.iter().flat_map(all).flat_map(measured) {
                let title = title(figure);
                let known = columns
                    .iter()
                    .filter(|column| column.title == title)
                    .any(|column| column.ask == ask || texts(column.ask, &title) == texts(ask, &title));
                if !known {
                    columns.push(Column { ask, title });
                }
            }
        }
        columns
    }

    /// One table for each cell of an ask with many figures: a row for each figure, a column for each site.
    fn parts(&self, ask: &AskEstimates) -> String {
        let mut text = String::new();
        for cell in &ask.cells {
            let axes = self.answer.axes.iter().zip(&cell.labels);
            let labels: Vec<_> = axes.map(|(axis, label)| format!("{axis}: {label}")).collect();
            let mut titles: Vec<String> = Vec::new();
            for figure in all(cell).flat_map(|estimate| &estimate.figures) {
                let title = title(figure);
                if !titles.contains(&title) {
                    titles.push(title);
                }
            }
            let unit = cell.network.figures.iter().find_map(|figure| figure.unit.clone());
            let mut table = empty();
            let mut header = vec![String::new()];
            header.extend(cell.sites.iter().map(|(site, _)| site.to_string()));
            header.push("network".to_owned());
            table.set_header(header);
            for title in titles {
                let mut row = vec![Cell::new(&title)];
                row.extend(all(cell).map(|estimate| right(self.one(&ask.ask, estimate, &title))));
                table.add_row(row);
            }
            let unit = unit.map(|unit| format!(", in {unit}")).unwrap_or_default();
            let labels = if labels.is_empty() { String::new() } else { format!("; {}", labels.join(", ")) };
            text.push_str(&format!("\n{}{unit}{labels}\n{}\n", ask.ask, trimmed(&table)));
        }
        text
    }

    /// A figure of an estimate by its title.
    fn one(&self, ask: &str, estimate: &Estimate, of: &str) -> String {
        let found = estimate.figures.iter().find(|figure| title(figure) == of);
        found.map_or_else(String::new, |figure| number::figure(ask, figure, self.told_from))
    }

    /// A supporting count, from the first of the estimates that has it.
    fn supporting(&self, estimates: &[&Estimate], name: &str) -> String {
        let found = estimates.iter().flat_map(|estimate| &estimate.figures).find(|figure| figure.name == name);
        found.map_or_else(String::new, |figure| number::figure("", figure, self.told_from))
    }
}

/// What a figure is called in a table: a count of a level by the level.
fn title(figure: &Figure) -> String {
    match (figure.name.as_str(), &figure.level) {
        (name, None) => name.to_owned(),
        ("count", Some(level)) => level.clone(),
        ("share", Some(level)) => format!("share of {level}"),
        (name, Some(level)) => format!("{name}, {level}"),
    }
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

/// The sites' estimates of a cell, then the network's.
fn all(cell: &CellEstimates) -> impl Iterator<Item = &Estimate> {
    cell.sites.iter().map(|(_, estimate)| estimate).chain([&cell.network])
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
