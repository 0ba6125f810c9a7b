//! How the slots of an ask stand to what was released before.

use coda_disclosure::history::{Set, Side, Text};
use coda_ledger::UniverseName;
use coda_model::{
    estimate::History,
    frame::{Frame, Guard, Slot, Standing},
    plan::PlannedAsk,
};
use coda_stats::Shape;

use super::{Review, digest, spots::Spot};
use crate::known::Placed;

impl Review<'_> {
    /// Gives every slot its standing, and puts the set that was released in the place of one that comes close to it.
    pub(super) fn stand(&self, frame: &mut Frame, spots: &mut [Spot], guard: Guard, ask: &PlannedAsk, shape: &Shape) {
        let slots = frame.slots.len();
        if let Guard::Distribution { .. } = guard {
            for (place, (slot, spot)) in frame.slots.iter_mut().zip(spots.iter()).enumerate() {
                slot.standing = self.stands_as_step(spot, shape, place + 1 == slots);
            }
        } else {
            for (slot, spot) in frame.slots.iter_mut().zip(spots.iter_mut()) {
                self.stand_in_slot(slot, spot, ask, shape);
                self.stand_of_sums(slot, spot, guard, ask, shape);
            }
        }
        if let Some(spot) = spots.get_mut(slots) {
            self.stand_in_slot(&mut frame.missing, spot, ask, shape);
            frame.missing.sums.clear();
        }
    }

    /// A step that comes close to what was released ends further on; where there is no further on, nothing of the distribution
    /// leaves.
    fn stands_as_step(&self, spot: &Spot, shape: &Shape, last: bool) -> Standing {
        let close = if last { Standing::Barred } else { Standing::Close };
        match &spot.placed {
            _ if self.valid_are_close(spot, shape) => close,
            None | Some(Placed::New(_)) => Standing::Free,
            // Of an earlier build: whether somebody's value has moved since must not show.
            Some(Placed::Known(entry)) if self.is_kept(*entry) => Standing::Barred,
            Some(Placed::Known(_)) => Standing::Known,
            Some(Placed::Close(..) | Placed::Combined(_) | Placed::Hidden) => close,
        }
    }

    fn stand_in_slot(&self, slot: &mut Slot, spot: &mut Spot, ask: &PlannedAsk, shape: &Shape) {
        let snap = self.terms.history == History::Snap;
        let (standing, other) = match &spot.placed {
            None => return,
            Some(Placed::New(_)) => {
                if self.valid_are_close(spot, shape) {
                    slot.standing = Standing::Barred;
                }
                return;
            }
            Some(Placed::Known(entry)) => {
                let standing = if self.is_kept(*entry) { Standing::Kept } else { Standing::Known };
                (standing, Some(self.known.set(*entry).clone()))
            }
            Some(Placed::Close(entry, side)) if snap => (Standing::Close, Some(self.stand_in(*entry, *side))),
            Some(Placed::Combined(other)) if snap => (Standing::Close, Some(other.clone())),
            Some(Placed::Close(..) | Placed::Combined(_) | Placed::Hidden) => (Standing::Barred, None),
        };
        slot.standing = standing;
        let Some(other) = other else { return };
        if standing == Standing::Close && !self.may_stand_in(&other) {
            slot.standing = Standing::Barred;
        } else if other != spot.set {
            *slot = Slot { standing, ..self.measured(ask, &other) };
            if spot.valid.is_some() {
                let records = self.question.study.valid(ask, &self.census.records(&other));
                spot.valid = Some(self.census.members(&records));
            }
            spot.set = other;
        }
        if self.valid_are_close(spot, shape) {
            slot.standing = Standing::Barred;
        }
    }

    /// What a slot comes to over members of whom some may be in the build no more; the figures of the others stand for them.
    fn measured(&self, ask: &PlannedAsk, members: &Set) -> Slot {
        let mut measured = self.question.study.measure(ask, &self.census.records(members));
        if !matches!(self.universe, UniverseName::Rows { .. }) {
            (measured.people.0, measured.rows.0) = (members.len(), members.len());
        }
        measured
    }

    /// Whether those of a slot who have a value come close to others with a value of whom something was told; not if they are
    /// those of the very same set.
    fn valid_are_close(&self, spot: &Spot, shape: &Shape) -> bool {
        let variables = self.texts.variables(shape);
        let valid = self.valid.iter().find(|valid| valid.variables == variables);
        let (Some(set), Some(valid)) = (&spot.valid, valid) else { return false };
        let placed = self.place_in(valid.known, self.valid_text(spot, shape), set);
        self.is_enough(set) && matches!(placed, Placed::Close(..) | Placed::Combined(_) | Placed::Hidden)
    }

    /// What those with a value are called: by what the set that is shown is called, and the columns they have a value in.
    pub(super) fn valid_text(&self, spot: &Spot, shape: &Shape) -> Text {
        let shown = match &spot.placed {
            Some(Placed::New(text)) => *text,
            Some(Placed::Known(entry) | Placed::Close(entry, Side::Itself)) => self.known.text(*entry),
            Some(Placed::Close(entry, Side::Complement)) => digest(&[b"all but", &self.known.text(*entry)]),
            Some(Placed::Combined(_) | Placed::Hidden) | None => self.texts.of_members(&spot.set),
        };
        let columns: Vec<u8> = shape.columns().into_iter().flat_map(|column| self.texts.column(column)).collect();
        digest(&[b"with a value", &shown, &columns])
    }
}
