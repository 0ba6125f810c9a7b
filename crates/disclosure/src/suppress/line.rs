//! One line of cells with a known total (disclosure.md 1.4).

use super::Cell;

/// Withholds large cells of a line beside its small ones, in keyed order, until one is large at least and the withheld
/// people are `2 least - 1` in all: who knows that one of the withheld is large knows that the others share no more than
/// the rest, and that must still let each of them be anything from none to one under the threshold.
///
/// A line without large cells has nothing that could leave.
pub(super) fn protect(cells: &[Cell], out: &mut [bool], least: u64, keys: &[u64], line: &[usize]) {
    let at = |place: usize| cells.get(place).copied().unwrap_or(Cell { people: 0, passes: false });
    if line.iter().all(|place| at(*place).is_large(least)) {
        return;
    }
    let withheld = line.iter().filter(|place| !out.get(**place).copied().unwrap_or_default());
    let (mut people, mut large) = withheld.fold((0u64, 0usize), |(people, large), place| {
        let cell = at(*place);
        (people.saturating_add(cell.people), large + usize::from(cell.is_large(least)))
    });
    let mut rest: Vec<usize> = line.iter().copied().filter(|place| out.get(*place) == Some(&true)).collect();
    rest.sort_by_key(|place| (keys.get(*place).copied(), *place));
    for place in rest {
        if large > 0 && people.saturating_add(1) >= least.saturating_mul(2) {
            return;
        }
        if let Some(flag) = out.get_mut(place) {
            *flag = false;
        }
        large += 1;
        people = people.saturating_add(at(place).people);
    }
}
