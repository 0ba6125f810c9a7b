//! Which cells of a one-dimensional table leave when its totals are known (disclosure.md 1.1 R1, R2, R4; 1.4).

/// Which cells leave. `passes` says of each cell whether it is large enough by itself: `slots` levels, then the missing if
/// they are a cell.
///
/// `base_out`: the total over levels and missing is known. `valid_out`: the total over the levels is known.
pub(super) fn pattern(passes: &[bool], slots: usize, base_out: bool, valid_out: bool) -> Vec<bool> {
    let mut out = passes.to_vec();
    if valid_out {
        protect(passes, &mut out, 0..slots);
    }
    if base_out {
        protect(passes, &mut out, 0..passes.len());
    }
    out
}

/// Withholds one large cell beside the small ones of a line with a known total, so that their sum is no small number.
///
/// The cell is the next large one after the first small one in the dictionary's order, round the end: chosen by place and
/// never by count, because "the smallest" would bound it (1.4, minimality attack).
fn protect(passes: &[bool], out: &mut [bool], line: std::ops::Range<usize>) {
    let at = |flags: &[bool], index: usize| flags.get(index).copied().unwrap_or_default();
    let withheld = || line.clone().filter(|index| !at(out, *index));
    let protected = withheld().any(|index| at(passes, index));
    let Some(first) = withheld().next() else { return };
    if protected {
        return;
    }
    let round = (first..line.end).chain(line.start..first);
    if let Some(flag) = round.into_iter().find(|index| at(passes, *index)).and_then(|index| out.get_mut(index)) {
        *flag = false;
    }
}
