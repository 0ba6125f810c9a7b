//! Sums of a column over a set, beside the sums of that column that were told before (disclosure.md 1.2, 1.3, 2.6).

use coda_disclosure::{
    Defence,
    history::{Set, Side},
};
use coda_ledger::{Digest, FigureStored};
use coda_model::{
    BuildId,
    frame::{Guard, ShownFrame, Slot, Standing, Tabulated},
    plan::PlannedAsk,
};
use coda_stats::Shape;

use super::{Review, digest, spots::Spot};
use crate::known::Placed;

impl Review<'_> {
    /// A set may be known and its sums not. They must not leave if, with the sums told of a set within it or around it, they
    /// would tell those of people of whom they may not be told; and on a later build they stay what they were, unless enough of
    /// the people have changed.
    pub(super) fn stand_of_sums(&self, slot: &mut Slot, spot: &Spot, guard: Guard, ask: &PlannedAsk, shape: &Shape) {
        let Some(value) = shape.value.filter(|_| shape.powers > 0) else { return };
        if spot.placed.is_none() || slot.standing == Standing::Barred {
            return;
        }
        let column = self.column_now(value);
        let entry = match spot.placed {
            Some(Placed::Known(entry) | Placed::Close(entry, Side::Itself)) => Some(entry),
            _ => None,
        };
        // What was told is told again, were it that of an earlier build.
        let told = entry.and_then(|entry| self.known.figure(entry, &column));
        if let Some(sums) = told.and_then(|sums| sums.get(..slot.sums.len())) {
            slot.sums = sums.to_vec();
            return;
        }
        match self.earlier(entry, &spot.set, value, slot.sums.len()) {
            Earlier::Nothing => {}
            Earlier::Kept(sums) => {
                slot.sums = sums;
                return;
            }
            Earlier::Forbids => {
                slot.standing = Standing::Barred;
                return;
            }
        }
        // Its people are known, and its sums are not: it may be withheld to hide others.
        slot.standing = match slot.standing {
            Standing::Known => Standing::Free,
            Standing::Kept => Standing::Close,
            other => other,
        };
        if self.terms.defences.has(Defence::LinearAudit) && self.tells_a_difference(&column, spot, guard, ask) {
            slot.standing = Standing::Barred;
        }
    }

    /// Whether with sums of sets within this one or around it, its sums tell those of people of whom they may not be told.
    fn tells_a_difference(&self, column: &Digest, spot: &Spot, guard: Guard, ask: &PlannedAsk) -> bool {
        let rules = self.terms.rules;
        let mut told: Vec<&Set> = self.known.told(column).map(|entry| self.known.set(entry)).collect();
        let may_not = |people: &Set| {
            let own = self.question.study.measure(ask, &self.census.records(people));
            !rules.spread_out(&own) || own.people.0 < rules.least(guard)
        };
        // Whether somebody sticks out must not show, so that few who do are none.
        let least = rules.threshold.least();
        let lies_in = |inner: &Set, outer: &Set| inner.difference_len(outer) < least && inner != outer;
        let within = |other: &Set| lies_in(other, &spot.set);
        let around = |other: &Set| lies_in(&spot.set, other);
        let alone = |other: &&Set| {
            within(other) && may_not(&(&spot.set - *other)) || around(other) && may_not(&(*other - &spot.set))
        };
        if told.iter().any(alone) {
            return true;
        }
        // What is left when one told set after the other is taken away, the largest first.
        told.sort_by_key(|other| std::cmp::Reverse(other.len()));
        let leaves_few = |mut rest: Set| {
            told.iter().any(|other| {
                let is_taken = lies_in(other, &rest);
                if is_taken {
                    rest -= *other;
                }
                is_taken && may_not(&rest)
            })
        };
        leaves_few(spot.set.clone()) || told.iter().any(|other| around(other) && leaves_few(*other - &spot.set))
    }

    /// What sums of the column told on earlier builds mean for those of a set.
    fn earlier(&self, entry: Option<usize>, set: &Set, value: usize, powers: usize) -> Earlier {
        if !self.terms.defences.has(Defence::AcrossBuilds) {
            return Earlier::Nothing;
        }
        let least = self.terms.rules.threshold.least();
        let mut outcome = Earlier::Nothing;
        for (build, changed) in self.changed {
            let column = self.column_of(value, build);
            // Where nothing of the column was told on that build, nothing can be compared with it. That nobody has changed looks
            // like a few have.
            if self.known.told(&column).next().is_none() || changed.intersection_len(set) >= least {
                continue;
            }
            let kept = entry.and_then(|entry| self.known.figure(entry, &column)).and_then(|sums| sums.get(..powers));
            match kept {
                Some(sums) => outcome = Earlier::Kept(sums.to_vec()),
                None => return Earlier::Forbids,
            }
        }
        outcome
    }

    /// Notes which sums are told of which sets.
    pub(super) fn tell(&mut self, own: &Tabulated, shape: &Shape, spots: &[Vec<Spot>], shown: &[ShownFrame]) {
        let (Some(value), true) = (shape.value, own.powers > 0) else { return };
        let column = self.column_now(value);
        for (frame, spots) in shown.iter().zip(spots) {
            for (slot, spot) in frame.slots.iter().zip(spots) {
                let (Some(slot), Some(Placed::Known(entry) | Placed::Close(entry, Side::Itself))) =
                    (slot.value(), &spot.placed)
                else {
                    continue;
                };
                let new = self.known.tell(*entry, column, &slot.sums);
                if new > 0 {
                    self.sums_told += new;
                    self.figures.push((*entry, FigureStored { column, powers: slot.sums.clone() }));
                }
            }
        }
    }

    fn column_now(&self, value: usize) -> Digest {
        self.column_of(value, self.question.build)
    }

    /// What a column of a build is called: another build may say something else of the same people.
    fn column_of(&self, value: usize, build: &BuildId) -> Digest {
        digest(&[&self.texts.column(value), build.as_str().as_bytes()])
    }
}

/// What sums told on earlier builds mean for those of a set.
enum Earlier {
    /// Nothing: the column was not told of, or enough of the people have changed since.
    Nothing,
    /// They are told again as they were.
    Kept(Vec<i128>),
    /// They must not be told.
    Forbids,
}
