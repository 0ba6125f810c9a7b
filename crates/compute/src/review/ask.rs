//! The slots of one ask: what of them leaves, and what that adds to what is known.

use coda_disclosure::{
    history::{Asked, Set, Side, Text},
    release,
};
use coda_model::{
    frame::{Guard, Shown, ShownFrame, Standing, Tabulated},
    plan::PlannedAsk,
};
use coda_stats::{Shape, kernel::Members};
use rayon::prelude::*;

use super::{Around, Review, cells::Cells, digest, linked::Behind, spots::Spot};
use crate::known::Placed;

impl Review<'_> {
    /// Brings the frames of an ask into the form in which they may leave, and takes in the sets that do.
    pub(super) fn ask(
        &mut self,
        own: &mut Tabulated,
        (ask, shape): (&PlannedAsk, &Shape),
        mut members: Vec<Members>,
        around: &Around,
        cells: &Cells,
    ) {
        let few = self.absorb(own, ask, &mut members);
        let of_cell = |(cell, members): (usize, &Members)| match own.guard {
            // What is withheld as a whole need not be compared.
            _ if cells.out.get(cell) == Some(&false) => Vec::new(),
            Guard::Distribution { .. } => self.steps(shape, cell, members, &few),
            _ => self.slots(shape, cell, members, &few),
        };
        // An ask that only counts has the sets of the cells, mostly decided on; to make ready takes long.
        let only_counts = shape.axes.is_empty() && shape.value.is_none();
        if !only_counts {
            self.ready();
        }
        let mut spots: Vec<Vec<Spot>> = members.par_iter().enumerate().map(of_cell).collect();
        for (frame, spots) in own.frames.iter_mut().zip(&mut spots) {
            self.stand(frame, spots, own.guard, ask, shape);
        }
        let orders = self.orders(std::iter::once(shape));
        let order = |table, place: usize| orders.at(table, place);
        let mut round = 0;
        loop {
            let answer = around.answer(&cells.standing, self.terms.rules, &order);
            let released = release(std::slice::from_ref(own), &answer);
            let shown = released.frames().asks.first().map_or(&[][..], Vec::as_slice);
            let new = new(&spots, shown);
            let asked = |(cell, place): &(usize, usize)| {
                let spot = spots.get(*cell)?.get(*place)?;
                Some(Asked { set: &spot.set, words: Some(&spot.words) })
            };
            let asked: Vec<Asked<'_>> = new.iter().filter_map(asked).collect();
            let behind = |(cell, place): &(usize, usize)| spots.get(*cell)?.get(*place)?.people.as_ref();
            let behind: Vec<Option<&Behind>> = new.iter().map(behind).collect();
            let barred = self.to_bar(&asked, &behind, round);
            if barred.is_empty() {
                for (cell, place) in &new {
                    let people = spots.get_mut(*cell).and_then(|spots| spots.get_mut(*place)?.people.take());
                    self.insert_people(people);
                }
                self.take_in(&mut spots, shape, shown, &new);
                self.tell(own, shape, &spots, shown);
                return;
            }
            for (cell, place) in barred.into_iter().filter_map(|index| new.get(index).copied()) {
                let Some(frame) = own.frames.get_mut(cell) else { continue };
                let slots = frame.slots.len();
                let slot = if place < slots { frame.slots.get_mut(place) } else { Some(&mut frame.missing) };
                if let Some(slot) = slot {
                    slot.standing = Standing::Barred;
                }
            }
            round += 1;
        }
    }

    fn take_in(&mut self, spots: &mut [Vec<Spot>], shape: &Shape, shown: &[ShownFrame], new: &[(usize, usize)]) {
        let out = shown.iter().zip(spots.iter_mut()).flat_map(|(frame, spots)| frame.slots.iter().zip(spots));
        let valid: Vec<(Text, Set)> = out
            .filter(|(slot, _)| slot.value().is_some())
            .filter_map(|(_, spot)| Some((self.valid_text(spot, shape), spot.valid.take()?)))
            .collect();
        for (text, set) in valid {
            if self.is_enough(&set) {
                self.insert_valid(shape, text, set);
            }
        }
        self.take_in_stand_ins(spots, shape, shown);
        for (cell, place) in new {
            let Some(spot) = spots.get_mut(*cell).and_then(|spots| spots.get_mut(*place)) else { continue };
            if let Some(Placed::New(text)) = spot.placed {
                let entry = self.insert(text, spot.set.clone(), Some(spot.words.clone()));
                spot.placed = Some(Placed::Known(entry));
            }
        }
    }

    /// Takes in the sets that stand in for others and are none that was released, where sums of them are told: sums told later
    /// are held against these.
    fn take_in_stand_ins(&mut self, spots: &mut [Vec<Spot>], shape: &Shape, shown: &[ShownFrame]) {
        if shape.powers == 0 {
            return;
        }
        let out = shown.iter().zip(spots).flat_map(|(frame, spots)| frame.slots.iter().zip(spots));
        for (_, spot) in out.filter(|(slot, _)| slot.value().is_some()) {
            let text = match spot.placed {
                Some(Placed::Close(entry, Side::Complement)) => digest(&[b"all but", &self.known.text(entry)]),
                Some(Placed::Combined(_)) => self.texts.of_members(&spot.set),
                _ => continue,
            };
            spot.placed = Some(Placed::Known(self.insert(text, spot.set.clone(), None)));
        }
    }
}

/// The places of what is out and was not before: slots, then the missing.
fn new(spots: &[Vec<Spot>], shown: &[ShownFrame]) -> Vec<(usize, usize)> {
    let is_new = |cell: usize, place: usize| {
        let spot = spots.get(cell).and_then(|spots| spots.get(place));
        spot.is_some_and(|spot| matches!(spot.placed, Some(Placed::New(_))))
    };
    let mut found = Vec::new();
    for (cell, frame) in shown.iter().enumerate() {
        let out = frame.slots.iter().enumerate().filter(|(_, slot)| slot.value().is_some()).map(|(place, _)| place);
        let missing = matches!(frame.missing, Some(Shown::Value(_))).then_some(frame.slots.len());
        found.extend(out.chain(missing).filter(|place| is_new(cell, *place)).map(|place| (cell, place)));
    }
    found
}
