//! Small margins of tables of two axes.
//!
//! A small margin follows from the total and the other margins, unless a large one is withheld beside it: as it is, by key,
//! when the margins are asked as a table of one axis. A table that showed all cells of that one's line would give it away,
//! and with it the small one. So a change of a small cell in a line with a small margin must be able to pass on to the line
//! whose margin is withheld beside it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Cell, Weight,
    array::{Array, Node, Spot, Step},
    line,
    plane::Table,
};

/// Small cells by the large margins that are withheld beside their line's.
pub(super) type Hidden = BTreeMap<Vec<Spot>, BTreeSet<Spot>>;

/// Withholds cells until changes of small cells in lines with small margins can pass on to the lines withheld beside these.
/// Returns those for which there is no such way, which tells nothing yet of whether they are safe.
pub(super) fn open_ways(table: &Table<'_>, array: &mut Array, out: &mut [bool]) -> Hidden {
    let mut hidden = Hidden::new();
    let (small_rows, rows) = withheld(table, array, Node::Row(0));
    let (small_columns, columns) = withheld(table, array, Node::Column(0));
    if rows.is_empty() && columns.is_empty() {
        return hidden;
    }
    for spot in table.small() {
        let (row, column) = (Node::Row(spot.0), Node::Column(spot.1));
        let (above, below) = table.needs();
        // To raise the cell, lower others of its column, or raise the column's margin and lower another's; and so on to the
        // row, or to the rows whose margin may be lowered while that of the row is raised.
        let (from, others, to_rise) = match (small_rows.contains(&row), small_columns.contains(&column)) {
            (false, false) => continue,
            (true, false) => (vec![column], &rows, Step::Raises),
            (false, true) => (vec![row], &columns, Step::Lowers),
            (true, true) => (columns.clone(), &rows, Step::Raises),
        };
        let to_fall = if to_rise == Step::Raises { Step::Lowers } else { Step::Raises };
        for from in from {
            for step in [(above > 0).then_some(to_rise), (below > 0).then_some(to_fall)].into_iter().flatten() {
                for other in open_all(table, array, (from, others), (step, spot), out) {
                    let lines = [from, other].into_iter().filter(|line| *line != row && *line != column);
                    hidden.entry(lines.map(|line| array.margin(line)).collect()).or_default().insert(spot);
                }
            }
        }
    }
    hidden
}

/// The lines of an axis with small margins, and those with large ones that are withheld beside them; none if the lines have
/// no keys.
fn withheld(table: &Table<'_>, array: &Array, axis: Node) -> (Vec<Node>, Vec<Node>) {
    let (lines, keys) = (array.lines(axis), table.line_keys(axis));
    if keys.len() != lines.len() {
        return (vec![], vec![]);
    }
    let margin = |line: &Node| {
        let people = array.people(array.margin(*line));
        Cell { people, weight: if people >= table.least { Weight::Free } else { Weight::Small } }
    };
    let cells: Vec<Cell> = lines.iter().map(margin).collect();
    let mut out: Vec<bool> = cells.iter().map(|cell| cell.is_out(table.least)).collect();
    line::protect(&cells, &mut out, table.least, keys, &(0..cells.len()).collect::<Vec<_>>());
    let held = lines.into_iter().zip(cells).zip(out).filter(|(_, out)| !out).map(|(line, _)| line);
    let (large, small): (Vec<_>, Vec<_>) = held.partition(|(_, cell)| cell.is_large(table.least));
    let lines = |of: Vec<(Node, Cell)>| of.into_iter().map(|(line, _)| line).collect();
    (lines(small), lines(large))
}

/// Opens ways from one line to others, or the other way round. Returns those without a way.
fn open_all(
    table: &Table<'_>,
    array: &mut Array,
    (from, others): (Node, &[Node]),
    (step, spot): (Step, Spot),
    out: &mut [bool],
) -> Vec<Node> {
    let mut reached = array.reached(from, step, table.least);
    let mut missed = Vec::new();
    for other in others {
        if array.is_reached(&reached, *other) {
            continue;
        }
        let way = if step == Step::Raises { (from, *other) } else { (*other, from) };
        if table.open_way(array, way, spot, out) {
            reached = array.reached(from, step, table.least);
        } else {
            missed.push(*other);
        }
    }
    missed
}
