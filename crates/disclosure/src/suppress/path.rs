//! The cheapest way to let a small cell move (disclosure.md 1.5).

use std::{cmp::Reverse, collections::BinaryHeap};

use super::array::{Array, Node, Spot, Step};

/// What withholding one more cell costs; its key decides among ways of as many cells.
const CELL: u64 = 1 << 20;

/// The cells of the cheapest way between two lines on which every cell can move by the threshold: over cells already unknown
/// for nothing, over cells that may be withheld, which have a price, for [`CELL`] and a little. Cells to be lowered must be large.
///
/// Nothing if there is no way.
pub(super) fn cheapest(
    array: &Array,
    ends: (Node, Node),
    without: Spot,
    least: u64,
    price: &dyn Fn(Spot) -> Option<u64>,
) -> Option<Vec<Spot>> {
    let (from, to) = ends;
    let mut cost: Vec<u64> = vec![u64::MAX; array.nodes()];
    let mut came: Vec<Option<(Node, Spot)>> = vec![None; array.nodes()];
    let mut open = BinaryHeap::from([Reverse((0, from))]);
    *cost.get_mut(array.number(from))? = 0;
    while let Some(Reverse((so_far, node))) = open.pop() {
        if node == to {
            break;
        }
        if cost.get(array.number(node)) != Some(&so_far) {
            continue;
        }
        for (next, spot, step) in array.crossings(node) {
            let known_margin = !array.is_inner(spot) && !array.is_unknown(spot);
            if spot == without || known_margin || (step == Step::Lowers && array.people(spot) < least) {
                continue;
            }
            let step = match (array.is_unknown(spot), price(spot)) {
                (true, _) => 0,
                (false, Some(price)) => CELL + price,
                // What everybody knows is not withheld.
                (false, None) => continue,
            };
            // Nothing dearer than a way already found is worth looking at.
            let number = array.number(next);
            if cost.get(array.number(to)).is_some_and(|found| so_far + step >= *found) {
                continue;
            }
            let (Some(known), Some(place)) = (cost.get_mut(number), came.get_mut(number)) else { continue };
            if so_far + step < *known {
                *known = so_far + step;
                open.push(Reverse((*known, next)));
                *place = Some((node, spot));
            }
        }
    }
    let mut path = Vec::new();
    let mut node = to;
    while node != from {
        let (before, spot) = came.get(array.number(node)).copied().flatten()?;
        path.push(spot);
        node = before;
    }
    Some(path)
}
