//! Secondary suppression: which large cells of a table stay behind with the small ones, so that no small count follows
//! from totals (disclosure.md 1.4, 1.5, 1.6; R2, R5).
//!
//! Everything here depends on counts only through which cells pass, through sums reaching `2 least - 1`, and through exact
//! checks; among large cells the choice is by a keyed order, because "the smallest" would bound it (1.4, minimality attack).

mod array;
mod line;
mod margins;
mod path;
mod plane;

use array::Array;
use plane::Table;

/// A cell of a table as suppression sees it.
#[derive(Clone, Copy)]
pub struct Cell {
    /// The people in it.
    pub people: u64,
    /// What may be done with it.
    pub weight: Weight,
}

/// What suppression may do with a cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weight {
    /// It must not leave (R1), and nobody may work it out.
    Small,
    /// It is large enough by itself; it leaves, or is withheld beside a small one.
    Free,
    /// It is large enough by itself, and is withheld already beside a small one.
    Withheld,
    /// Everybody knows it, from an earlier answer or from the question: to withhold it would hide nothing.
    Known,
}

impl Cell {
    /// Whether the cell may leave if nothing else speaks against it.
    fn is_large(self, least: u64) -> bool {
        matches!(self.weight, Weight::Free | Weight::Withheld) && self.people >= least
    }

    /// Whether it must not leave.
    fn is_small(self, least: u64) -> bool {
        self.weight != Weight::Known && !self.is_large(least)
    }

    /// Whether it leaves if nothing is done.
    fn is_out(self, least: u64) -> bool {
        self.weight != Weight::Withheld && !self.is_small(least)
    }
}

/// What a count may be, as far as a reader can tell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// The least it may be.
    pub low: u64,
    /// The most it may be; nothing if there is no bound.
    pub high: Option<u64>,
}

/// Whether so many cells of a table are small that nothing of it should leave: more than half of at least four (R5).
pub fn sparse(cells: &[Cell]) -> bool {
    let small = cells.iter().filter(|cell| cell.weight == Weight::Small).count();
    cells.len() >= 4 && 2 * small > cells.len()
}

/// Which cells of a table may leave; always some of those that pass.
///
/// `lengths` are the lengths of the table's axes; the last changes fastest, and their product is the number of cells (if
/// not, nothing leaves). `least` is the threshold k. `order` gives a keyed pseudo-random number for a place among the
/// cells; it must depend on no count. From `cells.len()` on, places are the levels of the axes, one axis after the other: a
/// level should have the number that it has as a cell of its axis alone, so that the same margins are withheld in both.
///
/// All margins of at least k, and the grand total, are taken as known to everybody, because they may be asked at any time.
/// What margins alone tell of a small cell no pattern can hide; the table then adds nothing to it. Smaller margins are
/// unknown, and the table does not give away the large ones that are withheld beside them by `order`.
///
/// * One axis: with a small cell, large ones are withheld until they are one at least and the withheld people are
///   `2k - 1` in all (1.4). R2 follows: what a shown cell leaves over is never a small group.
/// * Two axes: each small cell may be anything from 0 to k - 1 given all shown cells and known margins, by an exact check
///   (1.5); and each line with a small cell is protected as a table of one axis is.
/// * More axes: each axis against all others is a table of two axes, until nothing changes. Exact for each of these
///   tables, not for all of them together.
pub fn pattern(lengths: &[usize], cells: &[Cell], least: u64, order: &dyn Fn(usize) -> u64) -> Vec<bool> {
    let size = lengths.iter().try_fold(1usize, |size, length| size.checked_mul(*length));
    if size != Some(cells.len()) {
        return vec![false; cells.len()];
    }
    let keys: Vec<u64> = (0..cells.len()).map(order).collect();
    let mut out: Vec<bool> = cells.iter().map(|cell| cell.is_out(least)).collect();
    let mut axes = Vec::new();
    let mut place = cells.len();
    for length in lengths {
        if *length > 1 {
            axes.push(Axis { length: *length, keys: (place..place + length).map(order).collect() });
        }
        place += length;
    }
    match axes.as_slice() {
        [] => {}
        [_] => line::protect(cells, &mut out, least, &keys, &(0..cells.len()).collect::<Vec<_>>()),
        [rows, columns] => {
            let lines = [rows.keys.as_slice(), &columns.keys];
            plane::protect(&Table { columns: columns.length, cells, least, keys: &keys, lines }, &mut out);
        }
        _ => flatten(&axes, cells, &mut out, least, &keys),
    }
    out
}

/// What a withheld cell of a table with two axes may be, given the shown cells and all margins and the grand total, where
/// they are at least `least`; smaller ones are unknown. A shown cell is what it is.
///
/// Exact over the integers, by maximum flow (1.5; Gusfield 1988, doi:10.1137/0217031). Nothing if `place` is no cell, or the
/// lengths do not fit.
pub fn interval(lengths: [usize; 2], cells: &[Cell], shown: &[bool], least: u64, place: usize) -> Option<Interval> {
    let [rows, columns] = lengths;
    let cell = cells.get(place)?;
    if rows.checked_mul(columns) != Some(cells.len()) || shown.len() != cells.len() {
        return None;
    }
    if shown.get(place).copied()? {
        return Some(Interval { low: cell.people, high: Some(cell.people) });
    }
    let array = Array::new(columns, cells, shown, least);
    let spot = (place / columns, place % columns);
    let low = cell.people - array.room_below(spot, cell.people);
    let above = array.room_above(spot, u64::MAX);
    Some(Interval { low, high: (above < u64::MAX).then(|| cell.people + above) })
}

/// An axis with more than one level, and the keys of its levels.
struct Axis {
    length: usize,
    keys: Vec<u64>,
}

/// A table of three axes or more: each axis against the rest, until nothing changes.
fn flatten(axes: &[Axis], cells: &[Cell], out: &mut [bool], least: u64, keys: &[u64]) {
    fn picked<T: Copy>(of: &[T], places: &[usize]) -> Vec<T> {
        places.iter().filter_map(|place| of.get(*place)).copied().collect()
    }
    let mut inner = cells.len();
    let mut turned: Vec<(Vec<usize>, &Axis)> = Vec::new();
    for axis in axes {
        inner /= axis.length;
        let mut places: Vec<usize> = (0..cells.len()).collect();
        places.sort_by_key(|place| place / inner % axis.length);
        turned.push((places, axis));
    }
    loop {
        let before = out.to_vec();
        for (places, axis) in &turned {
            let (flat, keys, mut shown) = (picked(cells, places), picked(keys, places), picked(out, places));
            let columns = cells.len() / axis.length;
            // What the rest of the axes add up to is no table of one axis.
            let lines = [axis.keys.as_slice(), &[]];
            plane::protect(&Table { columns, cells: &flat, least, keys: &keys, lines }, &mut shown);
            for (place, shown) in places.iter().zip(shown) {
                if let Some(flag) = out.get_mut(*place) {
                    *flag = shown;
                }
            }
        }
        if before == out {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
