//! Which cells of a one-dimensional table leave when its totals are known (disclosure.md 1.1 R1, R2, R4; 1.4).

use std::ops::Range;

/// A cell of a table: its people, and whether it is large enough by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct TableCell {
    pub(super) people: u64,
    pub(super) passes: bool,
}

/// Which cells leave. The cells are `slots` levels, then the missing if they are a cell; `least` is the threshold.
///
/// `base_out`: the total over levels and missing is known. `valid_out`: the total over the levels is known.
pub(super) fn pattern(cells: &[TableCell], slots: usize, least: u64, base_out: bool, valid_out: bool) -> Vec<bool> {
    let mut out: Vec<bool> = cells.iter().map(|cell| cell.passes).collect();
    if valid_out {
        protect(cells, &mut out, least, 0..slots);
    }
    if base_out {
        protect(cells, &mut out, least, 0..cells.len());
    }
    out
}

/// Withholds large cells beside the small ones of a line with a known total, until any of the small ones may be anything
/// from none to one under the threshold: one that is large at least, and `2 least - 1` people in all, because who knows that
/// one of them is large knows that the others share no more than the rest.
///
/// The next large one after the first small one is taken, in the dictionary's order, round the end: by place and never by
/// count, because "the smallest" would bound it (1.4, minimality attack).
fn protect(cells: &[TableCell], out: &mut [bool], least: u64, line: Range<usize>) {
    let withheld = |out: &[bool]| -> Vec<usize> {
        line.clone().filter(|index| !out.get(*index).copied().unwrap_or_default()).collect()
    };
    let Some(first) = withheld(out).first().copied() else { return };
    for index in (first..line.end).chain(line.start..first) {
        let hidden: Vec<TableCell> = withheld(out).into_iter().filter_map(|index| cells.get(index)).copied().collect();
        let people: u64 = hidden.iter().map(|cell| cell.people).sum();
        if hidden.iter().any(|cell| cell.passes) && people + 1 >= 2 * least {
            return;
        }
        if let (Some(cell), Some(flag)) = (cells.get(index), out.get_mut(index))
            && cell.passes
        {
            *flag = false;
        }
    }
}
