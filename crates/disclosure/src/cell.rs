//! All asks of one cell together.
//!
//! Two totals can betray a withheld count by subtraction: the number of people in the cell (its base), and the number with
//! a value in the same columns. So it is settled first which asks would give the base away; then which samples and
//! distributions leave; and tables last, which know what is out beside them.

use coda_model::{
    frame::{Count, Frame, Guard, Shown, ShownFrame, ShownSlot, Slot, Tabulated},
    threshold::Threshold,
    variable::Missing,
};

use crate::{distribution, table};

/// One ask in one cell.
struct Ask<'a> {
    guard: Guard,
    missing: Missing,
    columns: &'a [usize],
    frame: &'a Frame,
}

/// What may leave of each ask in this cell.
pub(super) fn release(tabulated: &[Tabulated], cell: usize, threshold: Threshold) -> Vec<ShownFrame> {
    let asks: Vec<Ask<'_>> = tabulated
        .iter()
        .filter_map(|ask| {
            let Tabulated { guard, missing, columns, frames } = ask;
            Some(Ask { guard: *guard, missing: *missing, columns, frame: frames.get(cell)? })
        })
        .collect();
    let others = |own: usize| asks.iter().enumerate().filter(move |(other, _)| *other != own).map(|(_, ask)| ask);
    let base_out: Vec<bool> = (0..asks.len()).map(|own| others(own).any(|ask| ask.tells_base(threshold))).collect();
    let whole: Vec<bool> = asks.iter().zip(&base_out).map(|(ask, base)| ask.leaves_whole(*base, threshold)).collect();
    asks.iter()
        .enumerate()
        .map(|(own, ask)| {
            let base = base_out.get(own).copied().unwrap_or(true);
            let beside = asks.iter().zip(&whole).enumerate().filter(|(other, _)| *other != own);
            let valid = beside.map(|(_, pair)| pair).any(|(other, whole)| *whole && other.columns == ask.columns);
            match ask.guard {
                Guard::Table => ask.table(base, valid, threshold),
                _ if whole.get(own) != Some(&true) => ask.nothing(),
                Guard::Distribution { .. } => ask.shown(distribution::steps(&ask.frame.slots, threshold), threshold),
                Guard::Sample { .. } | Guard::Together { .. } => {
                    ask.shown(ask.frame.slots.iter().map(|slot| Shown::Value(shown(slot))).collect(), threshold)
                }
            }
        })
        .collect()
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
            Guard::Distribution { least } => enough(&distribution::all(&self.frame.slots), least),
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

    /// Whether all slots leave: they pass, and the number of those with a value does not give the missing away.
    fn leaves_whole(&self, base_out: bool, threshold: Threshold) -> bool {
        self.passes(threshold) && !(base_out && self.hides_missing(threshold))
    }

    fn table(&self, base_out: bool, valid_out: bool, threshold: Threshold) -> ShownFrame {
        let passes = |slot: &Slot| threshold.passes(slot.people, slot.rows);
        let missing = (self.missing == Missing::May).then_some(&self.frame.missing);
        let cells: Vec<bool> = self.frame.slots.iter().chain(missing).map(passes).collect();
        let slots = self.frame.slots.len();
        let out = table::pattern(&cells, slots, base_out, valid_out || (base_out && missing.is_none()));
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

    fn nothing(&self) -> ShownFrame {
        ShownFrame {
            slots: self.frame.slots.iter().map(|_| Shown::Withheld).collect(),
            missing: (self.missing == Missing::May).then_some(Shown::Withheld),
        }
    }
}

fn shown(slot: &Slot) -> ShownSlot {
    let Slot { people, rows, sums } = slot;
    ShownSlot { count: Count { people: *people, rows: *rows }, sums: sums.clone() }
}
