//! The sets behind the slots of one ask.

use coda_disclosure::{
    Defence, FewMissing,
    history::{Set, Text},
};
use coda_model::{
    estimate::History,
    frame::{Absent, Frame, Slot, Standing, Tabulated},
    plan::{PlannedAsk, Unit, Words},
    variable::Missing,
};
use coda_stats::{Shape, kernel::Members};

use super::{
    Review, digest,
    linked::{Behind, is_persons},
};
use crate::known::Placed;

/// A slot with the set it is about.
pub(super) struct Spot {
    /// What it is about, as it will be shown.
    pub(super) set: Set,
    /// Where that set belongs.
    pub(super) placed: Option<Placed>,
    /// What is said of its members.
    pub(super) words: Words,
    /// Those of them who have a value, where the few who have none are counted with them.
    pub(super) valid: Option<Set>,
    /// The people behind it, when it is of rows and they were not told of.
    pub(super) people: Option<Behind>,
}

/// What was done with those who miss a value.
pub(super) enum FewOnes {
    /// They are counted apart.
    Apart,
    /// They are counted with the largest slot of each frame; the members of the slots without them.
    Absorbed(Vec<Vec<Vec<u32>>>),
}

impl Review<'_> {
    /// Few who miss a value are counted with the largest slot, where they are few in all cells; then their number
    /// follows from nothing. Where they are few in some cells only, they are cells of the table like any other.
    pub(super) fn absorb(&self, own: &mut Tabulated, ask: &PlannedAsk, members: &mut [Members]) -> FewOnes {
        let rules = self.terms.rules;
        let few = |frame: &Frame| !rules.threshold.passes(frame.missing.people, frame.missing.rows);
        if own.missing == Missing::Never
            || !rules.defences.has(Defence::SmallCells)
            || rules.few_missing == FewMissing::Apart
            || self.terms.history == History::Off
            || !own.frames.iter().all(few)
        {
            return FewOnes::Apart;
        }
        let valid = members.iter().map(|members| members.slots.clone()).collect();
        for (frame, members) in own.frames.iter_mut().zip(members) {
            frame.absent = Absent::Absorbed;
            frame.missing = Slot::default();
            let missing = std::mem::take(&mut members.missing);
            let Some(largest) = largest(members) else { continue };
            let (Some(slot), Some(records)) = (frame.slots.get_mut(largest), members.slots.get_mut(largest)) else {
                continue;
            };
            if !missing.is_empty() {
                records.extend(missing);
                records.sort_unstable();
                *slot = self.question.study.measure(ask, records);
            }
        }
        FewOnes::Absorbed(valid)
    }

    /// The sets of the slots of a frame, then that of the missing.
    pub(super) fn slots(&self, shape: &Shape, cell: usize, members: &Members, few: &FewOnes) -> Vec<Spot> {
        let parts = self.texts.cell(cell);
        let largest = largest(members);
        let mut spots = Vec::with_capacity(members.slots.len() + 1);
        for (slot, records) in members.slots.iter().enumerate() {
            let set = self.census.members(records);
            let mut own = parts.clone();
            own.extend(self.texts.slot(shape, slot));
            let apart = self.texts.set(&own);
            let (mut text, mut valid) = (apart, None);
            let mut words = vec![self.texts.slot(shape, slot)];
            if let FewOnes::Absorbed(without) = few {
                if Some(slot) == largest {
                    words.extend(self.texts.absent(shape));
                }
                // With all who miss a value, the one slot there is is everybody.
                if members.slots.len() == 1 {
                    text = self.texts.set(&parts);
                } else if Some(slot) == largest {
                    text = digest(&[b"with the few who miss a value", &apart]);
                }
                let own = without.get(cell).and_then(|slots| slots.get(slot)).map_or(&[][..], Vec::as_slice);
                valid = Some(self.census.members(own));
            }
            let words = self.texts.words_of_any(&parts, &words);
            let may_be_told = self.may_be_told(&text, &set);
            spots.push(self.spot(shape, (text, set, words), valid, may_be_told));
        }
        spots.push(self.missing(shape, cell, members));
        spots
    }

    /// The sets of everybody up to each cell of a grid, then that of the missing.
    pub(super) fn steps(&self, shape: &Shape, cell: usize, members: &Members, few: &FewOnes) -> Vec<Spot> {
        let parts = self.texts.cell(cell);
        let mut spots = Vec::with_capacity(members.slots.len() + 1);
        let largest = largest(members);
        let (mut set, mut with_value) = (Set::new(), Set::new());
        let last = members.slots.len().saturating_sub(1);
        for (slot, records) in members.slots.iter().enumerate() {
            set |= self.census.members(records);
            let mut own = parts.clone();
            let up_to = shape.axes.first().and_then(|axis| self.texts.up_to(axis, slot));
            own.extend(up_to.clone());
            let apart = self.texts.set(&own);
            let (mut text, mut valid) = (apart, None);
            let mut words = vec![Vec::from_iter(up_to)];
            if let FewOnes::Absorbed(without) = few {
                if largest.is_some_and(|largest| largest <= slot) {
                    words.extend(self.texts.absent(shape));
                }
                let own = without.get(cell).and_then(|slots| slots.get(slot)).map_or(&[][..], Vec::as_slice);
                with_value |= self.census.members(own);
                valid = Some(with_value.clone());
                text = if slot == last { self.texts.set(&parts) } else { text };
            }
            let words = self.texts.words_of_any(&parts, &words);
            let is_enough = self.is_enough(&set);
            spots.push(self.spot(shape, (text, set.clone(), words), valid, is_enough));
        }
        spots.push(self.missing(shape, cell, members));
        spots
    }

    fn missing(&self, shape: &Shape, cell: usize, members: &Members) -> Spot {
        let set = self.census.members(&members.missing);
        let columns: Vec<u8> = shape.columns().into_iter().flat_map(|column| self.texts.column(column)).collect();
        let text = digest(&[b"missing", &self.texts.set(&self.texts.cell(cell)), &columns]);
        let words = self.texts.words_of_any(&self.texts.cell(cell), &self.texts.absent(shape));
        let may_be_told = self.may_be_told(&text, &set);
        self.spot(shape, (text, set, words), None, may_be_told)
    }

    /// A set as it will be shown, and where it belongs, if it may be told of at all.
    fn spot(
        &self,
        shape: &Shape,
        (text, set, words): (Text, Set, Words),
        valid: Option<Set>,
        may_be_told: bool,
    ) -> Spot {
        if !may_be_told {
            return Spot { set, placed: None, words, valid: None, people: None };
        }
        let (placed, people) = self.place_with_people(shape, text, &set, &words);
        Spot { set, placed: Some(placed), words, valid, people }
    }

    /// Where a set belongs, and the people behind it if it is of rows and they are to be noted. Slots that divide the rows of one
    /// person have many people in common, which tells nothing.
    fn place_with_people(&self, shape: &Shape, text: Text, set: &Set, words: &Words) -> (Placed, Option<Behind>) {
        let placed = self.place(text, set);
        let Unit::Rows(table) = self.question.plan.unit else { return (placed, None) };
        let columns = shape.columns().into_iter().filter_map(|column| self.question.plan.column(column));
        let mut sources = columns.map(|column| &column.source).peekable();
        if sources.peek().is_none() || !sources.all(|source| is_persons(source, table)) {
            return (placed, None);
        }
        match self.people_stand(text, set, words) {
            (Standing::Close, _) => (Placed::Hidden, None),
            (_, people) => (placed, people),
        }
    }
}

/// The slot with the most members.
fn largest(members: &Members) -> Option<usize> {
    (0..members.slots.len()).max_by_key(|slot| members.slots.get(*slot).map_or(0, Vec::len))
}
