//! All asks of one cell together.
//!
//! A withheld count can be betrayed by a total: by the number of people in the cell (its base), or by the number with a value
//! in the same columns. The base need not be told to be known: an ask that withholds only small counts tells it to within
//! a few, and two of those with different columns would pin each other's small counts down. So
//!
//! 1. it is settled which asks tell the base;
//! 2. the others go through one by one, those that can only leave whole first. The first that leaves with small counts
//!    withheld is *tight*; whoever comes after it, with other columns or other classes, meets a base that is known.
//!
//! The order depends on the query and on what the query's reader sees, not on any withheld count.

use coda_model::{
    People,
    frame::{Count, Frame, Guard, Shown, ShownFrame, ShownSlot, Slot, Tabulated},
    plan::Unit,
    threshold::Threshold,
    variable::Missing,
};

use crate::{
    distribution,
    table::{self, TableCell},
};

/// One ask in one cell.
struct Ask<'a> {
    guard: Guard,
    missing: Missing,
    unit: Unit,
    columns: &'a [usize],
    /// The column divided by `edges`, and the codes where its classes begin.
    divided: Option<usize>,
    edges: Option<&'a [i32]>,
    frame: &'a Frame,
}

/// What may leave of each ask in this cell.
pub(super) fn release(tabulated: &[Tabulated], cell: usize, threshold: Threshold) -> Vec<ShownFrame> {
    let asks: Vec<Ask<'_>> = tabulated
        .iter()
        .filter_map(|ask| {
            let Tabulated { guard, missing, unit, columns, edges, frames } = ask;
            let (divided, edges) = edges.as_ref().map(|(column, edges)| (*column, edges.as_slice())).unzip();
            let (guard, missing, unit) = (*guard, *missing, *unit);
            Some(Ask { guard, missing, unit, columns, divided, edges, frame: frames.get(cell)? })
        })
        .collect();
    let tells: Vec<bool> = asks.iter().map(|ask| ask.tells_base(threshold)).collect();
    let mut order: Vec<usize> = (0..asks.len()).collect();
    order.sort_by_key(|index| asks.get(*index).map(|ask| ask.turn(threshold)));

    let mut out: Vec<Option<ShownFrame>> = vec![None; asks.len()];
    let mut tight: Option<&Ask<'_>> = None;
    for index in order {
        let Some(ask) = asks.get(index) else { continue };
        let told = tells.iter().enumerate().any(|(other, tells)| *tells && other != index);
        let base = told || tight.is_some_and(|tight| tight.columns != ask.columns);
        // Other columns may miss the same people, so any number of those with a value may be this one's.
        let whole = |(other, shown): (&Ask<'_>, &Option<ShownFrame>)| shown.as_ref().is_some_and(|s| other.is_whole(s));
        let valid = asks.iter().zip(&out).any(whole)
            || tight.is_some_and(|tight| tight.columns == ask.columns && tight.frame.slots != ask.frame.slots);
        // A table of a column whose distribution leaves is read off its steps.
        let steps =
            asks.iter().zip(&out).find_map(|(other, shown)| Some((other, ask.is_coarser(other)?, shown.as_ref()?)));
        if let Some((grid, edges, steps)) = steps
            && ask.guard == Guard::Table
        {
            let slots = distribution::read_off(&steps.slots, grid.edges.unwrap_or_default(), &ask.frame.slots, edges);
            let read = ShownFrame { slots, missing: steps.missing };
            if let Some(place) = out.get_mut(index) {
                *place = Some(read);
            }
            continue;
        }
        let shown = ask.release(base, valid, threshold);
        // With a known base every line that hides a small count hides a large one too, or hides all.
        if tight.is_none() && !base && !tells.get(index).copied().unwrap_or_default() && !is_hidden(&shown) {
            tight = Some(ask);
        }
        if let Some(place) = out.get_mut(index) {
            *place = Some(shown);
        }
    }
    asks.iter().zip(out).map(|(ask, shown)| ask.blurred(shown.unwrap_or_else(|| ask.nothing()), threshold)).collect()
}

impl Ask<'_> {
    /// Whether all slots pass on their own account.
    fn passes(&self, threshold: Threshold) -> bool {
        let enough = |slot: &Slot, least: u64| threshold.passes(slot.people, slot.rows) && slot.people.0 >= least;
        match self.guard {
            Guard::Table => self.frame.slots.iter().all(|slot| enough(slot, 0)),
            Guard::Sample { least } | Guard::Together { least } => {
                self.frame.slots.iter().all(|slot| enough(slot, least))
            }
            Guard::Distribution { least } => enough(&distribution::all(&self.frame.slots, self.unit), least),
        }
    }

    /// Whether the missing are few enough to be a count that is withheld; none at all is as few as one to four.
    fn hides_missing(&self, threshold: Threshold) -> bool {
        self.missing == Missing::May && !threshold.passes(self.frame.missing.people, self.frame.missing.rows)
    }

    /// Whether the ask, left to itself, tells how many people are in the cell.
    fn tells_base(&self, threshold: Threshold) -> bool {
        self.passes(threshold) && !self.hides_missing(threshold)
    }

    /// This ask's edges, if it divides the one column whose distribution the other is.
    fn is_coarser(&self, other: &Self) -> Option<&[i32]> {
        let distribution = matches!(other.guard, Guard::Distribution { .. });
        (distribution && other.divided == self.divided).then_some(self.edges).flatten()
    }

    /// When it is the ask's turn: those that leave whole or not at all, then tables whose levels all pass, then others.
    fn turn(&self, threshold: Threshold) -> u8 {
        match self.guard {
            Guard::Sample { .. } | Guard::Together { .. } | Guard::Distribution { .. } => 0,
            Guard::Table if self.passes(threshold) => 1,
            Guard::Table => 2,
        }
    }

    /// What may leave when the base is known or not, and the number of those with a value is known or not.
    fn release(&self, base: bool, valid: bool, threshold: Threshold) -> ShownFrame {
        let leaves = self.passes(threshold) && !(base && self.hides_missing(threshold));
        match self.guard {
            Guard::Table => self.table(base, valid, threshold),
            _ if !leaves => self.nothing(),
            Guard::Distribution { .. } => {
                self.shown(distribution::steps(&self.frame.slots, self.unit, threshold), threshold)
            }
            Guard::Sample { .. } | Guard::Together { .. } => {
                self.shown(self.frame.slots.iter().map(|slot| Shown::Value(shown(slot))).collect(), threshold)
            }
        }
    }

    /// Whether what is out adds up to the number of those with a value.
    fn is_whole(&self, shown: &ShownFrame) -> bool {
        match self.guard {
            Guard::Distribution { .. } => !is_hidden(shown),
            _ => shown.slots.iter().all(|slot| slot.value().is_some()),
        }
    }

    fn table(&self, base_out: bool, valid_out: bool, threshold: Threshold) -> ShownFrame {
        let cell = |slot: &Slot| TableCell { people: slot.people.0, passes: threshold.passes(slot.people, slot.rows) };
        let missing = (self.missing == Missing::May).then_some(&self.frame.missing);
        let cells: Vec<TableCell> = self.frame.slots.iter().chain(missing).map(cell).collect();
        let slots = self.frame.slots.len();
        let valid = valid_out || (base_out && missing.is_none());
        let out = table::pattern(&cells, slots, threshold.least(), base_out, valid);
        let mut out = out.into_iter();
        let decided = self.frame.slots.iter().zip(out.by_ref());
        ShownFrame {
            slots: decided.map(|(slot, out)| if out { Shown::Value(shown(slot)) } else { Shown::Withheld }).collect(),
            missing: missing
                .map(|slot| if out.next() == Some(true) { Shown::Value(shown(slot).count) } else { Shown::Withheld }),
        }
    }

    fn shown(&self, slots: Vec<Shown<ShownSlot>>, threshold: Threshold) -> ShownFrame {
        let missing = (self.missing == Missing::May).then(|| {
            if self.hides_missing(threshold) { Shown::Withheld } else { Shown::Value(shown(&self.frame.missing).count) }
        });
        ShownFrame { slots, missing }
    }

    /// Of rows that may miss a value, the people are only said to be enough: beside the people of the cell, their exact number
    /// would count those who have no value at all.
    fn blurred(&self, mut frame: ShownFrame, threshold: Threshold) -> ShownFrame {
        if self.unit == Unit::People || self.missing == Missing::Never {
            return frame;
        }
        let enough = People(match self.guard {
            Guard::Sample { least } | Guard::Together { least } => least.max(threshold.least()),
            Guard::Table | Guard::Distribution { .. } => threshold.least(),
        });
        for slot in &mut frame.slots {
            if let Shown::Value(slot) = slot {
                slot.count.people = enough;
            }
        }
        if let Some(Shown::Value(count)) = &mut frame.missing {
            count.people = enough;
        }
        frame
    }

    fn nothing(&self) -> ShownFrame {
        ShownFrame {
            slots: self.frame.slots.iter().map(|_| Shown::Withheld).collect(),
            missing: (self.missing == Missing::May).then_some(Shown::Withheld),
        }
    }
}

/// Whether no slot is out.
fn is_hidden(shown: &ShownFrame) -> bool {
    shown.slots.iter().all(|slot| slot.value().is_none())
}

fn shown(slot: &Slot) -> ShownSlot {
    let Slot { people, rows, sums } = slot;
    ShownSlot { count: Count { people: *people, rows: *rows }, sums: sums.clone() }
}
