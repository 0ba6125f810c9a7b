//! Tables of two axes (disclosure.md 1.5).

use super::{
    Cell,
    array::{Array, Node},
    line, path,
};

/// A small cell, and how far it can move if nothing but margins is known: no pattern can give it more.
struct Small {
    spot: (usize, usize),
    above: u64,
    below: u64,
}

/// Withholds large cells of a table of two axes until each small cell may be anything from none to one under the threshold,
/// as far as margins alone leave it open, and each line with a small cell is protected as a table of one axis is.
pub(super) fn protect(columns: usize, cells: &[Cell], out: &mut [bool], least: u64, keys: &[u64]) {
    let table = Table { columns, cells, least, keys };
    let small = table.small();
    if small.is_empty() {
        return;
    }
    table.open_ways(&small, out);
    table.protect_lines(out);
    table.repair(&small, out);
    let array = table.array(out);
    if !small.iter().all(|small| is_safe(&array, small)) {
        out.fill(false);
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
    fn small(&self) -> Vec<Small> {
        let is_small = |(place, cell): (usize, &Cell)| (!cell.is_large(self.least)).then_some(place);
        let places = self.in_keyed_order(self.cells.iter().enumerate().filter_map(is_small).collect());
        if places.is_empty() {
            return vec![];
        }
        let open = self.array(&vec![false; self.cells.len()]);
        let most = self.least.saturating_sub(1);
        let small = |place: usize| {
            let spot = (place / self.columns, place % self.columns);
            let people = open.people(spot);
            let above = open.room_above(spot, most.saturating_sub(people));
            Small { spot, above, below: open.room_below(spot, people.min(most)) }
        };
        places.into_iter().map(small).collect()
    }

    /// Withholds for each small cell the cheapest cells that let it rise, then those that let it fall.
    fn open_ways(&self, small: &[Small], out: &mut [bool]) {
        let mut array = self.array(out);
        for Small { spot, above, below } in small {
            let (tail, head) = array.ends(*spot);
            if array.room_above(*spot, *above) < *above {
                self.open_way(&mut array, (head, tail), *spot, out);
            }
            if array.room_below(*spot, *below) < *below {
                self.open_way(&mut array, (tail, head), *spot, out);
            }
        }
    }

    fn open_way(&self, array: &mut Array, ends: (Node, Node), without: (usize, usize), out: &mut [bool]) {
        let price = |spot| self.keys.get(self.place(spot)).copied().unwrap_or_default() >> 44;
        let way = path::cheapest(array, ends, without, self.least, &price);
        for spot in way.into_iter().flatten().filter(|spot| array.is_inner(*spot)).collect::<Vec<_>>() {
            if let Some(flag) = out.get_mut(self.place(spot)) {
                *flag = false;
                array.set_unknown(spot, true);
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

    /// Withholds more in the lines of a small cell that still cannot move, then anywhere.
    fn repair(&self, small: &[Small], out: &mut [bool]) {
        let mut array = self.array(out);
        for small in small {
            if is_safe(&array, small) {
                continue;
            }
            let shown = self.in_keyed_order((0..out.len()).filter(|place| out.get(*place) == Some(&true)).collect());
            let crosses = |place: &usize| place / self.columns == small.spot.0 || place % self.columns == small.spot.1;
            let (near, far): (Vec<usize>, Vec<usize>) = shown.into_iter().partition(crosses);
            // A few at a time: one by one takes long in large tables.
            let step = 1 + out.len() / 64;
            for places in near.chunks(step).chain(far.chunks(step)) {
                for place in places {
                    if let Some(flag) = out.get_mut(*place) {
                        *flag = false;
                        array.set_unknown((place / self.columns, place % self.columns), true);
                    }
                }
                if is_safe(&array, small) {
                    break;
                }
            }
        }
    }
}

/// Whether a small cell can move as far as margins alone let it.
fn is_safe(array: &Array, small: &Small) -> bool {
    let Small { spot, above, below } = small;
    array.room_above(*spot, *above) >= *above && array.room_below(*spot, *below) >= *below
}
