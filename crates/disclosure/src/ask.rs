//! The slots of one ask over all cells.

use coda_model::{
    frame::{Absent, Count, Frame, Guard, Shown, ShownFrame, ShownSlot, Slot, Standing, Tabulated},
    ids::{People, Rows},
    plan::Unit,
    variable::Missing,
};

use crate::{
    Answer, Defence, FewMissing, Rules, Table,
    cells::{Cells, count, is_empty, together},
    distribution, keyed,
    suppress::{self, Cell, Weight},
};

/// What may leave of an ask.
pub(crate) fn release(index: usize, ask: &Tabulated, cells: &Cells, answer: &Answer<'_>) -> Vec<ShownFrame> {
    let rules = answer.rules;
    let table = Slots { ask, rules, missing_apart: missing_apart(ask, rules), earlier_builds: answer.earlier_builds };
    let levels = table.levels();
    let weighed: Vec<Cell> = ask
        .frames
        .iter()
        .enumerate()
        .flat_map(|(place, frame)| {
            let out = cells.out.get(place).copied().unwrap_or_default();
            table.weigh(frame, out, is_empty(answer, place))
        })
        .collect();
    let lengths: Vec<usize> = answer.axes.iter().map(|axis| axis.length).chain([levels]).collect();
    let axes = answer.axes.iter().enumerate().map(|(place, axis)| (Table::Axis(place), axis.length));
    let axes: Vec<(Table, usize)> = axes.chain([(Table::Slots(index), levels)]).collect();
    let order = keyed(answer, Table::Ask(index), weighed.len(), &axes);
    let secondary = rules.defences.has(Defence::Secondary);
    let out = if weighed.len() > 1 && secondary {
        suppress::pattern(&lengths, &weighed, rules.threshold.least(), &order)
    } else {
        weighed.iter().map(|cell| cell.weight != Weight::Small).collect()
    };
    let sparse = secondary && ask.guard == Guard::Table && levels > 1 && suppress::sparse(&weighed);
    ask.frames
        .iter()
        .enumerate()
        .map(|(place, frame)| {
            let out = out.get(place * levels..(place + 1) * levels).unwrap_or_default();
            let cell = cells.out.get(place).copied().unwrap_or_default() && !is_empty(answer, place);
            if sparse { table.nothing(frame, cell) } else { table.show(frame, out, cell) }
        })
        .collect()
}

/// Whether those who miss a value are cells of the table: some are to be counted apart, and few are to be hidden.
fn missing_apart(ask: &Tabulated, rules: &Rules) -> bool {
    ask.missing == Missing::May
        && rules.few_missing == FewMissing::Hidden
        && ask.frames.iter().any(|frame| frame.absent == Absent::Apart)
}

struct Slots<'a> {
    ask: &'a Tabulated,
    rules: &'a Rules,
    missing_apart: bool,
    earlier_builds: bool,
}

impl Slots<'_> {
    /// Cells of the table in each cell of the answer: the levels of a table, or all with a value; then the missing.
    fn levels(&self) -> usize {
        let slots = if self.ask.guard == Guard::Table {
            self.ask.frames.first().map_or(1, |frame| frame.slots.len())
        } else {
            1
        };
        slots + usize::from(self.missing_apart)
    }

    /// The weights of a frame's cells of the table.
    fn weigh(&self, frame: &Frame, out: bool, empty: bool) -> Vec<Cell> {
        let cell = |slot: &Slot, passes: bool| {
            let weight = match slot.standing {
                _ if empty => Weight::Known,
                _ if !passes => Weight::Small,
                _ if !out => Weight::Withheld,
                Standing::Free => Weight::Free,
                Standing::Known | Standing::Kept => Weight::Known,
                Standing::Close | Standing::Barred => Weight::Small,
            };
            Cell { people: slot.rows.0, weight }
        };
        let mut weighed: Vec<Cell> = match self.ask.guard {
            Guard::Table => {
                let largest = self.absorbing(frame);
                let enough =
                    |(place, slot): (usize, &Slot)| cell(slot, self.enough_in(slot, 0, largest == Some(place)));
                frame.slots.iter().enumerate().map(enough).collect()
            }
            guard => {
                let all = together(&frame.slots, self.ask.unit);
                let standing = frame
                    .slots
                    .iter()
                    .map(|slot| slot.standing)
                    .find(|standing| !matches!(standing, Standing::Known | Standing::Kept));
                let standing = match guard {
                    // Its steps have a standing each.
                    Guard::Distribution { .. } => Standing::Free,
                    _ => standing.unwrap_or(Standing::Known),
                };
                vec![cell(&Slot { standing, ..all }, self.whole(frame))]
            }
        };
        if self.missing_apart {
            weighed.push(cell(&frame.missing, self.rules.enough(&frame.missing)));
        }
        weighed
    }

    /// The slot with which the few who miss a value are counted: the largest.
    fn absorbing(&self, frame: &Frame) -> Option<usize> {
        let few = frame.absent == Absent::Absorbed && self.rules.few_missing == FewMissing::Hidden;
        let people = |place: &usize| frame.slots.get(*place).map_or(0, |slot| slot.people.0);
        (0..frame.slots.len()).max_by_key(people).filter(|_| few)
    }

    /// As many of those who are counted with the others may have no value.
    fn most_without_value(&self) -> u64 {
        if self.rules.defences.has(Defence::SmallCells) { self.rules.threshold.least() - 1 } else { 0 }
    }

    fn without_value(&self, frame: &Frame) -> u64 {
        self.absorbing(frame).map_or(0, |_| self.most_without_value())
    }

    /// Whether a slot is large enough. Where some of its people may have no value, there must be so many more that in any case
    /// enough have one.
    fn enough_in(&self, slot: &Slot, least: u64, absorbs: bool) -> bool {
        let small = self.rules.threshold.least();
        let extra = if absorbs { self.most_without_value() } else { 0 };
        let needed = if least > 0 || extra > 0 { least.max(small) + extra } else { 0 };
        self.rules.enough(slot) && slot.people.0 >= needed
    }

    /// Whether a statistic that leaves whole or not at all may leave on its own account.
    fn whole(&self, frame: &Frame) -> bool {
        let least = self.rules.least(self.ask.guard);
        let largest = self.absorbing(frame);
        if let Guard::Distribution { .. } = self.ask.guard {
            let barred = frame.slots.last().is_some_and(|last| last.standing == Standing::Barred);
            return self.enough_in(&together(&frame.slots, self.ask.unit), least, largest.is_some()) && !barred;
        }
        frame.slots.iter().enumerate().all(|(place, slot)| {
            self.enough_in(slot, least, largest == Some(place)) && (self.ask.powers == 0 || self.rules.spread_out(slot))
        })
    }

    /// What leaves of a frame, given which of its cells of the table do.
    fn show(&self, frame: &Frame, out: &[bool], cell: bool) -> ShownFrame {
        if !cell {
            return self.nothing(frame, false);
        }
        let is_out = |place: usize| out.get(place).copied().unwrap_or_default();
        let slots: Vec<Shown<ShownSlot>> = match self.ask.guard {
            Guard::Table => {
                let shown = |(place, slot): (usize, &Slot)| {
                    // What stands in for it was told before; its own people are hidden by the others of its line.
                    let stood_in = slot.standing == Standing::Close && self.rules.enough(slot);
                    let told =
                        (is_out(place) && self.enough_in(slot, 0, self.absorbing(frame) == Some(place))) || stood_in;
                    if told { Shown::Value(self.slot(slot)) } else { Shown::Withheld }
                };
                frame.slots.iter().enumerate().map(shown).collect()
            }
            guard => {
                let close = frame.slots.iter().any(|slot| slot.standing == Standing::Close)
                    && frame
                        .slots
                        .iter()
                        .all(|slot| matches!(slot.standing, Standing::Close | Standing::Known | Standing::Kept));
                if !self.whole(frame) || !(is_out(0) || close) {
                    frame.slots.iter().map(|_| Shown::Withheld).collect()
                } else if let Guard::Distribution { .. } = guard {
                    distribution::steps(&frame.slots, self.ask.unit, self.rules, self.without_value(frame))
                } else {
                    frame.slots.iter().map(|slot| Shown::Value(self.slot(slot))).collect()
                }
            }
        };
        let missing = (self.ask.missing == Missing::May).then(|| {
            let told = frame.absent == Absent::Apart
                && self.rules.enough(&frame.missing)
                && (!self.missing_apart || is_out(self.levels() - 1));
            if told { Shown::Value(self.count(&frame.missing)) } else { Shown::Withheld }
        });
        let rest = self.rest(frame, &slots, missing);
        ShownFrame { slots, missing, rest }
    }

    /// All that is withheld of a frame whose cell is out, together.
    fn rest(&self, frame: &Frame, slots: &[Shown<ShownSlot>], missing: Option<Shown<Count>>) -> Shown<Count> {
        // Beside what stands in for others, what is left of the cell is not what is withheld.
        let is_of_others = |slot: &Slot| matches!(slot.standing, Standing::Close | Standing::Kept);
        let stood_in = frame.slots.iter().any(is_of_others);
        let missing_stood_in = is_of_others(&frame.missing);
        let steps = matches!(self.ask.guard, Guard::Distribution { .. });
        if self.earlier_builds
            || stood_in && !steps
            || missing_stood_in
            || steps && slots.iter().any(|slot| slot.value().is_some())
        {
            return Shown::Withheld;
        }
        let mut hidden: Vec<Slot> = frame
            .slots
            .iter()
            .zip(slots)
            .filter(|(_, shown)| shown.value().is_none())
            .map(|(slot, _)| slot.clone())
            .collect();
        if self.missing_apart
            && missing.is_some_and(|missing| missing.value().is_none())
            && frame.absent == Absent::Apart
        {
            hidden.push(frame.missing.clone());
        }
        if hidden.is_empty() {
            return Shown::Withheld;
        }
        let all = together(&hidden, self.ask.unit);
        if self.rules.enough(&all) { Shown::Value(count(&all, self.ask.unit, self.rules)) } else { Shown::Withheld }
    }

    fn nothing(&self, frame: &Frame, cell: bool) -> ShownFrame {
        let slots: Vec<_> = frame.slots.iter().map(|_| Shown::Withheld).collect();
        let missing = (self.ask.missing == Missing::May).then_some(Shown::Withheld);
        let rest = if cell { self.rest(frame, &slots, missing) } else { Shown::Withheld };
        ShownFrame { slots, missing, rest }
    }

    fn slot(&self, slot: &Slot) -> ShownSlot {
        ShownSlot { count: self.count(slot), sums: slot.sums.clone() }
    }

    /// Of rows that may miss a value, the people are only said to be enough: beside the people of the cell, their exact number
    /// would count those who have no value at all.
    fn count(&self, slot: &Slot) -> Count {
        if self.ask.unit == Unit::People || self.ask.missing == Missing::Never {
            return Count { people: slot.people, rows: slot.rows };
        }
        let least = self.rules.least(self.ask.guard);
        let enough = match self.ask.guard {
            Guard::Distribution { .. } => self.rules.threshold.least(),
            _ => least.max(self.rules.threshold.least()),
        };
        Count { people: People(enough), rows: Rows(slot.rows.0) }
    }
}
