//! Tables of two axes (disclosure.md 1.5).

use super::{
    Cell,
    array::{Array, Node},
    line, path,
};

/// Small cells by cells of the largest table that is worked through, in about a second; of larger ones nothing leaves.
/// (Withholding whole lines instead leaves nothing either: large tables have small cells in every line.)
const WORK: usize = 400_000_000;

/// Withholds large cells of a table of two axes until each small cell may be anything from none to one under the threshold,
/// as far as margins alone leave it open, and each line with a small cell is protected as a table of one axis is.
pub(super) fn protect(columns: usize, cells: &[Cell], out: &mut [bool], least: u64, keys: &[u64]) {
    let table = Table { columns, cells, least, keys };
    let small = table.small();
    if small.is_empty() {
        return;
    }
    if small.len().saturating_mul(cells.len()) > WORK {
        out.fill(false);
        return;
    }
    let mut array = table.array(out);
    // Withholding more never tells more of a cell that was found safe.
    let unsure: Vec<_> = small.into_iter().filter(|spot| table.open_ways(&mut array, *spot, out)).collect();
    table.protect_lines(out);
    let mut array = table.array(out);
    let open = table.array(&vec![false; cells.len()]);
    for spot in unsure {
        if !table.is_safe(&array, &open, spot) && !table.repair(&mut array, &open, spot, out) {
            out.fill(false);
            return;
        }
    }
}

struct Table<'a> {
    columns: usize,
    cells: &'a [Cell],
    least: u64,
    keys: &'a [u64],
}

impl Table<'_> {
    fn array(&self, out: &[bool]) -> Array {
        Array::new(self.columns, self.cells, out, self.least)
    }

    fn rows(&self) -> usize {
        self.cells.len() / self.columns.max(1)
    }

    fn place(&self, spot: (usize, usize)) -> usize {
        spot.0 * self.columns + spot.1
    }

    fn in_keyed_order(&self, mut places: Vec<usize>) -> Vec<usize> {
        places.sort_by_key(|place| (self.keys.get(*place).copied(), *place));
        places
    }

    /// The small cells in keyed order.
    fn small(&self) -> Vec<(usize, usize)> {
        let is_small = |(place, cell): (usize, &Cell)| (!cell.is_large(self.least)).then_some(place);
        let places = self.in_keyed_order(self.cells.iter().enumerate().filter_map(is_small).collect());
        places.into_iter().map(|place| (place / self.columns, place % self.columns)).collect()
    }

    /// How far a small cell should be able to rise and fall.
    fn needs(&self, people: u64) -> (u64, u64) {
        let most = self.least.saturating_sub(1);
        (most.saturating_sub(people), people.min(most))
    }

    /// Whether a small cell can move as far as it should, or as far as margins alone let it: no pattern can give it more.
    fn is_safe(&self, array: &Array, open: &Array, spot: (usize, usize)) -> bool {
        let (above, below) = self.needs(array.people(spot));
        let room = (array.room_above(spot, above), array.room_below(spot, below));
        (room.0 >= above || room.0 >= open.room_above(spot, above))
            && (room.1 >= below || room.1 >= open.room_below(spot, below))
    }

    /// Withholds the cheapest cells that let a small cell rise, then those that let it fall. Whether it was not safe before.
    fn open_ways(&self, array: &mut Array, spot: (usize, usize), out: &mut [bool]) -> bool {
        let (above, below) = self.needs(array.people(spot));
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

    fn open_way(&self, array: &mut Array, ends: (Node, Node), without: (usize, usize), out: &mut [bool]) {
        let price = |spot| self.keys.get(self.place(spot)).copied().unwrap_or_default() >> 44;
        let way = path::cheapest(array, ends, without, self.least, &price);
        for spot in way.into_iter().flatten().filter(|spot| array.is_inner(*spot)).collect::<Vec<_>>() {
            if let Some(flag) = out.get_mut(self.place(spot)) {
                *flag = false;
                array.forget(spot);
            }
        }
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
    fn repair(&self, array: &mut Array, open: &Array, small: (usize, usize), out: &mut [bool]) -> bool {
        let shown = self.in_keyed_order((0..out.len()).filter(|place| out.get(*place) == Some(&true)).collect());
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
