//! Tables of two axes (disclosure.md 1.5).

use std::collections::BTreeSet;

use super::{
    Cell, Weight,
    array::{Array, Node, Spot},
    line, margins, path,
};

/// Small cells by cells of the largest table that is worked through, in about a second; of larger ones nothing leaves.
/// (Withholding whole lines instead leaves nothing either: large tables have small cells in every line.)
const WORK: usize = 400_000_000;

/// Withholds large cells of a table of two axes until each small cell may be anything from none to one under the threshold,
/// as far as margins alone leave it open, and each line with a small cell is protected as a table of one axis is.
pub(super) fn protect(table: &Table<'_>, out: &mut [bool]) {
    let cells = table.cells;
    let small = table.small();
    if small.is_empty() {
        return;
    }
    if small.len().saturating_mul(cells.len()) > WORK {
        table.nothing(out);
        return;
    }
    let mut array = table.array(out);
    // Withholding more never tells more of a cell that was found safe.
    let unsure: BTreeSet<_> = small.into_iter().filter(|spot| table.open_ways(&mut array, *spot, out)).collect();
    let hidden = margins::open_ways(table, &mut array, out);
    table.protect_lines(out);
    let beside = hidden.values().map(BTreeSet::len).sum::<usize>().saturating_mul(cells.len()) <= WORK / 8;
    if !(beside
        && table.are_safe(&unsure, &[], out)
        && hidden.iter().all(|(hidden, small)| table.are_safe(small, hidden, out)))
    {
        table.nothing(out);
    }
}

/// A table of two axes.
pub(super) struct Table<'a> {
    pub(super) columns: usize,
    pub(super) cells: &'a [Cell],
    pub(super) least: u64,
    pub(super) keys: &'a [u64],
    /// Keys of the rows and of the columns as cells of a table of one axis; none if their margins are no such table.
    pub(super) lines: [&'a [u64]; 2],
}

impl Table<'_> {
    pub(super) fn line_keys(&self, axis: Node) -> &[u64] {
        let [rows, columns] = self.lines;
        if matches!(axis, Node::Row(_)) { rows } else { columns }
    }

    /// The table with the small cells taken to be empty: what is withheld must not depend on how small they are.
    fn array(&self, out: &[bool]) -> Array {
        let mut array = Array::new(self.columns, self.cells, out, self.least);
        for spot in self.small() {
            array.empty(spot);
        }
        array
    }

    fn rows(&self) -> usize {
        self.cells.len() / self.columns.max(1)
    }

    fn place(&self, spot: Spot) -> usize {
        spot.0 * self.columns + spot.1
    }

    fn in_keyed_order(&self, mut places: Vec<usize>) -> Vec<usize> {
        places.sort_by_key(|place| (self.keys.get(*place).copied(), *place));
        places
    }

    /// Whether a cell could be withheld to some end.
    fn is_free(&self, place: usize) -> bool {
        self.cells.get(place).is_some_and(|cell| cell.is_large(self.least))
    }

    /// Lets nothing leave but what is known.
    fn nothing(&self, out: &mut [bool]) {
        for (flag, cell) in out.iter_mut().zip(self.cells) {
            *flag = cell.weight == Weight::Known;
        }
    }

    /// The small cells in keyed order.
    pub(super) fn small(&self) -> Vec<Spot> {
        let is_small = |(place, cell): (usize, &Cell)| cell.is_small(self.least).then_some(place);
        let places = self.in_keyed_order(self.cells.iter().enumerate().filter_map(is_small).collect());
        places.into_iter().map(|place| (place / self.columns, place % self.columns)).collect()
    }

    /// Whether small cells are safe from a reader who does not know some margins either, if need be after repair.
    fn are_safe(&self, small: &BTreeSet<Spot>, hidden: &[Spot], out: &mut [bool]) -> bool {
        let mut array = self.array(out);
        let mut open = self.array(&vec![false; out.len()]);
        for margin in hidden {
            array.forget(*margin);
            open.forget(*margin);
        }
        small.iter().all(|spot| self.is_safe(&array, &open, *spot) || self.repair(&mut array, &open, *spot, out))
    }

    /// How far a small cell should be able to rise and fall, however many people are in it.
    pub(super) fn needs(&self) -> (u64, u64) {
        let most = self.least.saturating_sub(1);
        (most, most)
    }

    /// Whether a small cell can move as far as it should, or as far as margins alone let it: no pattern can give it more.
    fn is_safe(&self, array: &Array, open: &Array, spot: Spot) -> bool {
        let (above, below) = self.needs();
        let room = (array.room_above(spot, above), array.room_below(spot, below));
        (room.0 >= above || room.0 >= open.room_above(spot, above))
            && (room.1 >= below || room.1 >= open.room_below(spot, below))
    }

    /// Withholds the cheapest cells that let a small cell rise, then those that let it fall. Whether it was not safe before.
    fn open_ways(&self, array: &mut Array, spot: Spot, out: &mut [bool]) -> bool {
        let (above, below) = self.needs();
        let (tail, head) = array.ends(spot);
        let rises = array.room_above(spot, above) >= above;
        if !rises {
            self.open_way(array, (head, tail), spot, out);
        }
        let falls = array.room_below(spot, below) >= below;
        if !falls {
            self.open_way(array, (tail, head), spot, out);
        }
        !rises || !falls
    }

    /// Withholds the cheapest cells that let a change pass from one line on to another. Whether there is a way.
    pub(super) fn open_way(&self, array: &mut Array, ends: (Node, Node), without: Spot, out: &mut [bool]) -> bool {
        let price = |spot| {
            let place = self.place(spot);
            self.is_free(place).then(|| self.keys.get(place).copied().unwrap_or_default() >> 44)
        };
        let Some(way) = path::cheapest(array, ends, without, self.least, &price) else { return false };
        for spot in way {
            if let (true, Some(flag)) = (array.is_inner(spot), out.get_mut(self.place(spot))) {
                *flag = false;
                array.forget(spot);
            }
        }
        true
    }

    fn protect_lines(&self, out: &mut [bool]) {
        let (rows, columns) = (self.rows(), self.columns);
        let across = (0..rows).map(|row| (row * columns..(row + 1) * columns).collect::<Vec<_>>());
        let down = (0..columns).map(|column| (0..rows).map(|row| row * columns + column).collect());
        for places in across.chain(down) {
            line::protect(self.cells, out, self.least, self.keys, &places);
        }
    }

    /// Withholds more in the lines of a small cell that still cannot move, then anywhere. Whether it helped.
    fn repair(&self, array: &mut Array, open: &Array, small: Spot, out: &mut [bool]) -> bool {
        let shown = self.in_keyed_order(
            (0..out.len()).filter(|place| out.get(*place) == Some(&true) && self.is_free(*place)).collect(),
        );
        let crosses = |place: &usize| place / self.columns == small.0 || place % self.columns == small.1;
        let (near, far): (Vec<usize>, Vec<usize>) = shown.into_iter().partition(crosses);
        // A few at a time: one by one takes long in large tables.
        let step = 1 + out.len() / 64;
        for places in near.chunks(step).chain(far.chunks(step)) {
            for place in places {
                if let Some(flag) = out.get_mut(*place) {
                    *flag = false;
                    array.forget((place / self.columns, place % self.columns));
                }
            }
            if self.is_safe(array, open, small) {
                return true;
            }
        }
        false
    }
}
