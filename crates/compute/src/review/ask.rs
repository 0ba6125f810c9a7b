//! The slots of one ask.

use coda_disclosure::{
    Answer, Defence, FewMissing, Table,
    history::{Set, Side},
    release,
};
use coda_ledger::FigureStored;
use coda_model::{
    estimate::History,
    frame::{Absent, Frame, Guard, Shown, Slot, Standing, Tabulated},
    plan::PlannedAsk,
    variable::Missing,
};
use coda_stats::{Shape, kernel::Members};

use super::{ROUNDS, Review, digest, dimensions};
use crate::known::Placed;

/// A slot with the set it is about.
struct Spot {
    /// What it is about, as it will be shown.
    set: Set,
    /// Where that set belongs.
    placed: Option<Placed>,
}

impl Review<'_> {
    /// Brings the frames of an ask into the form in which they may leave, and takes in the sets that do.
    #[expect(clippy::too_many_arguments, reason = "an ask is looked at beside its cells")]
    pub(super) fn ask(
        &mut self,
        own: &mut Tabulated,
        ask: &PlannedAsk,
        shape: &Shape,
        mut members: Vec<Members>,
        empty: &[bool],
        cells: &[Standing],
    ) {
        let absorbed = self.absorb(own, ask, &mut members);
        let mut spots: Vec<Vec<Spot>> = Vec::with_capacity(members.len());
        for (cell, members) in members.iter().enumerate() {
            let spots_of = match own.guard {
                Guard::Distribution { .. } => self.steps(shape, cell, members, absorbed),
                _ => self.slots(shape, cell, members, absorbed),
            };
            spots.push(spots_of);
        }
        for (frame, spots) in own.frames.iter_mut().zip(&mut spots) {
            self.stand(frame, spots, own.guard, ask, shape);
        }
        let axes = dimensions(self.question.plan);
        let orders = self.orders(std::iter::once(shape));
        for round in 0..=ROUNDS {
            let order = |table: Table, place: usize| orders.at(table, place);
            let answer =
                Answer { axes: &axes, empty, standing: cells, rules: self.terms.rules, order: &order, slack: 0 };
            let released = release(std::slice::from_ref(own), &answer);
            let shown = released.frames().asks.first().map_or(&[][..], Vec::as_slice);
            let mut new: Vec<(usize, usize)> = Vec::new();
            for (cell, frame) in shown.iter().enumerate() {
                for (place, slot) in frame.slots.iter().enumerate() {
                    let spot = spots.get(cell).and_then(|spots| spots.get(place));
                    if slot.value().is_some() && spot.is_some_and(|spot| matches!(spot.placed, Some(Placed::New(_)))) {
                        new.push((cell, place));
                    }
                }
                let missing = spots.get(cell).and_then(|spots| spots.get(frame.slots.len()));
                if matches!(frame.missing, Some(Shown::Value(_)))
                    && missing.is_some_and(|spot| matches!(spot.placed, Some(Placed::New(_))))
                {
                    new.push((cell, frame.slots.len()));
                }
            }
            let sets: Vec<&Set> =
                new.iter().filter_map(|(cell, place)| Some(&spots.get(*cell)?.get(*place)?.set)).collect();
            let harmful = self.harmful(&sets);
            if harmful.is_empty() {
                self.take_in(&mut spots, &new);
                self.tell(own, shape, &spots, shown);
                return;
            }
            let barred: Vec<(usize, usize)> = if round == ROUNDS {
                new.clone()
            } else {
                harmful.into_iter().filter_map(|index| new.get(index).copied()).collect()
            };
            for (cell, place) in barred {
                let Some(frame) = own.frames.get_mut(cell) else { continue };
                let slots = frame.slots.len();
                let slot = if place < slots { frame.slots.get_mut(place) } else { Some(&mut frame.missing) };
                if let Some(slot) = slot {
                    slot.standing = Standing::Barred;
                }
            }
        }
    }

    /// Few who miss a value are counted with the largest slot, where they are few in all cells; then their number
    /// follows from nothing. Where they are few in some cells only, they are cells of the table like any other.
    fn absorb(&self, own: &mut Tabulated, ask: &PlannedAsk, members: &mut [Members]) -> bool {
        let rules = self.terms.rules;
        let few = |frame: &Frame| !rules.threshold.passes(frame.missing.people, frame.missing.rows);
        if own.missing == Missing::Never
            || !rules.defences.has(Defence::SmallCells)
            || rules.few_missing == FewMissing::Apart
            || self.terms.history == History::Off
            || !own.frames.iter().all(few)
        {
            return false;
        }
        for (frame, members) in own.frames.iter_mut().zip(members) {
            frame.absent = Absent::Absorbed;
            frame.missing = Slot::default();
            let missing = std::mem::take(&mut members.missing);
            let largest = (0..members.slots.len()).max_by_key(|slot| members.slots.get(*slot).map_or(0, Vec::len));
            let Some(largest) = largest else { continue };
            let (Some(slot), Some(records)) = (frame.slots.get_mut(largest), members.slots.get_mut(largest)) else {
                continue;
            };
            if !missing.is_empty() {
                records.extend(missing);
                records.sort_unstable();
                *slot = self.question.study.measure(ask, records);
            }
        }
        true
    }

    /// The sets of the slots of a frame, then that of the missing.
    fn slots(&self, shape: &Shape, cell: usize, members: &Members, absorbed: bool) -> Vec<Spot> {
        let parts = self.texts.cell(cell);
        let largest = (0..members.slots.len()).max_by_key(|slot| members.slots.get(*slot).map_or(0, Vec::len));
        let mut spots = Vec::with_capacity(members.slots.len() + 1);
        for (slot, records) in members.slots.iter().enumerate() {
            let set = self.census.members(records);
            let mut placed = None;
            if self.is_enough(&set) {
                let mut own = parts.clone();
                // With all who miss a value, the one slot there is is everybody.
                if !(absorbed && members.slots.len() == 1) {
                    own.extend(self.texts.slot(shape, slot));
                }
                let mut text = self.texts.set(&own);
                if absorbed && members.slots.len() > 1 && Some(slot) == largest {
                    text = digest(&[b"with the few who miss a value", &text]);
                }
                placed = Some(self.place(text, &set));
            }
            spots.push(Spot { set, placed });
        }
        let set = self.census.members(&members.missing);
        let columns: Vec<u8> = shape.columns().into_iter().flat_map(|column| self.texts.column(column)).collect();
        let text = digest(&[b"missing", &self.texts.set(&parts), &columns]);
        let placed = self.is_enough(&set).then(|| self.place(text, &set));
        spots.push(Spot { set, placed });
        spots
    }

    /// The sets of everybody up to each cell of a grid, then that of the missing.
    fn steps(&self, shape: &Shape, cell: usize, members: &Members, absorbed: bool) -> Vec<Spot> {
        let parts = self.texts.cell(cell);
        let mut spots = Vec::with_capacity(members.slots.len() + 1);
        let mut set = Set::new();
        let last = members.slots.len().saturating_sub(1);
        for (slot, records) in members.slots.iter().enumerate() {
            set |= self.census.members(records);
            let mut placed = None;
            if self.is_enough(&set) {
                let mut own = parts.clone();
                if !(absorbed && slot == last) {
                    own.extend(shape.axes.first().and_then(|axis| self.texts.up_to(axis, slot)));
                }
                placed = Some(self.place(self.texts.set(&own), &set));
            }
            spots.push(Spot { set: set.clone(), placed });
        }
        let missing = self.census.members(&members.missing);
        let text = digest(&[
            b"missing",
            &self.texts.set(&parts),
            &shape.columns().into_iter().flat_map(|column| self.texts.column(column)).collect::<Vec<u8>>(),
        ]);
        let placed = self.is_enough(&missing).then(|| self.place(text, &missing));
        spots.push(Spot { set: missing, placed });
        spots
    }

    /// Gives every slot its standing, and puts the set that was released in the place of one that comes close to it.
    fn stand(&mut self, frame: &mut Frame, spots: &mut [Spot], guard: Guard, ask: &PlannedAsk, shape: &Shape) {
        let distribution = matches!(guard, Guard::Distribution { .. });
        let slots = frame.slots.len();
        let all = self.census.all();
        for (place, spot) in spots.iter_mut().enumerate() {
            let slot = if place < slots { frame.slots.get_mut(place) } else { Some(&mut frame.missing) };
            let Some(slot) = slot else { continue };
            let other = match spot.placed {
                None | Some(Placed::New(_)) => continue,
                Some(Placed::Known(entry)) => {
                    slot.standing = Standing::Known;
                    self.known.set(entry).clone()
                }
                Some(Placed::Close(..)) if distribution && place < slots => {
                    slot.standing = no_end(place + 1 == slots);
                    continue;
                }
                Some(Placed::Close(..)) if self.terms.history != History::Snap => {
                    slot.standing = Standing::Barred;
                    continue;
                }
                Some(Placed::Close(entry, side)) => {
                    slot.standing = Standing::Close;
                    self.stand_in(entry, side, &all)
                }
            };
            if distribution && place < slots {
                if other != spot.set {
                    slot.standing = no_end(place + 1 == slots);
                }
                continue;
            }
            if other != spot.set {
                let records = self.census.records(&other);
                let mut measured = self.question.study.measure(ask, &records);
                let people = other.len();
                if measured.people.0 != people && !matches!(self.universe, coda_ledger::UniverseName::Rows { .. }) {
                    // Some of them are in the build no more; the figures of those who are stand for them.
                    measured.people.0 = people;
                    measured.rows.0 = people;
                }
                let standing = slot.standing;
                *slot = Slot { standing, ..measured };
                spot.set = other;
            }
            self.keep_figures(slot, spot, shape);
        }
    }

    /// Figures of a set that was released on an earlier build are those that were told then, unless enough of its people have
    /// changed since (disclosure.md 2.6).
    fn keep_figures(&self, slot: &mut Slot, spot: &Spot, shape: &Shape) {
        let (Some(Placed::Known(entry) | Placed::Close(entry, _)), Some(column)) = (&spot.placed, shape.value) else {
            return;
        };
        let Some(build) = self.known.build(*entry) else { return };
        if build == self.question.build || shape.powers == 0 || !self.terms.defences.has(Defence::AcrossBuilds) {
            return;
        }
        let column = self.texts.column(column);
        let changed = (self.changed)(build).intersection_len(&spot.set);
        match self.known.figure(*entry, &column) {
            _ if changed >= self.terms.rules.threshold.least() => {}
            Some(told) if told.len() >= slot.sums.len() => {
                slot.sums = told.iter().take(slot.sums.len()).copied().collect();
            }
            _ => slot.standing = Standing::Barred,
        }
    }

    fn take_in(&mut self, spots: &mut [Vec<Spot>], new: &[(usize, usize)]) {
        for (cell, place) in new {
            let Some(spot) = spots.get_mut(*cell).and_then(|spots| spots.get_mut(*place)) else { continue };
            if let Some(Placed::New(text)) = spot.placed {
                let entry = self.insert(text, spot.set.clone());
                spot.placed = Some(Placed::Known(entry));
            }
        }
    }

    /// Notes which sums are told of which sets.
    fn tell(&mut self, own: &Tabulated, shape: &Shape, spots: &[Vec<Spot>], shown: &[coda_model::frame::ShownFrame]) {
        let (Some(value), true) = (shape.value, own.powers > 0) else { return };
        let column = self.texts.column(value);
        for (frame, spots) in shown.iter().zip(spots) {
            for (slot, spot) in frame.slots.iter().zip(spots) {
                let (Some(slot), Some(Placed::Known(entry) | Placed::Close(entry, Side::Itself))) =
                    (slot.value(), &spot.placed)
                else {
                    continue;
                };
                if self.known.tell(*entry, column, &slot.sums, self.question.build) {
                    self.figures.push((*entry, FigureStored { column, powers: slot.sums.clone() }));
                }
            }
        }
    }
}

/// The standing of a step that must not end where it would: it ends further on, and where there is no further on, nothing of the
/// distribution leaves.
fn no_end(last: bool) -> Standing {
    if last { Standing::Barred } else { Standing::Close }
}
