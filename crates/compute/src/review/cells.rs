//! The cells: how the people of each stand to what was released before.

use coda_disclosure::{
    Table, cells,
    history::{Asked, Set, Text},
};
use coda_model::{
    frame::{Standing, Tabulated},
    plan::Words,
};
use coda_stats::kernel::Members;
use rayon::prelude::*;

use super::{Around, Review, linked::Behind};
use crate::known::Placed;

/// The cells of an answer.
pub(super) struct Cells {
    /// How the people of each stand to what was released before.
    pub(super) standing: Vec<Standing>,
    /// Which of them leave.
    pub(super) out: Vec<bool>,
}

impl Review<'_> {
    /// The standing of every cell. Cells that leave are taken in: everybody learns how many people they have.
    pub(super) fn cells(&mut self, first: &[Tabulated], members: &[Members], around: &mut Around) -> Cells {
        if self.question.plan.axes.is_empty() {
            return Cells { standing: Vec::new(), out: vec![true] };
        }
        let everybody = |members: &Members| {
            let mut set = self.census.members(&members.missing);
            members.slots.iter().for_each(|slot| set |= self.census.members(slot));
            set
        };
        let sets: Vec<Set> = members.iter().map(everybody).collect();
        self.ready();
        let texts: Vec<Text> = (0..sets.len()).map(|cell| self.texts.set(&self.texts.cell(cell))).collect();
        let placed: Vec<Option<Placed>> = sets
            .par_iter()
            .zip(&texts)
            .map(|(set, text)| self.may_be_told(text, set).then(|| self.place(*text, set)))
            .collect();
        let words = |cell: usize| self.texts.words(&self.texts.cell(cell));
        let words: Vec<Words> = (0..sets.len()).map(words).collect();
        let mut standing: Vec<Standing> = placed.iter().map(|placed| self.stands(placed.as_ref())).collect();
        for ((placed, standing), base) in placed.iter().zip(&standing).zip(&mut around.base) {
            if let (Some(Placed::Known(entry)), Standing::Kept) = (placed, standing) {
                // As many as were told, whoever has come or gone since.
                let told = self.known.set(*entry).len();
                (base.people.0, base.rows.0) = (told, told);
            }
        }
        // Rows close to none may be of people close to some.
        let mut people = Vec::with_capacity(sets.len());
        for (((text, set), words), standing) in texts.iter().zip(&sets).zip(&words).zip(&mut standing) {
            let (own, new) = self.people_stand(*text, set, words);
            if own == Standing::Close {
                *standing = Standing::Barred;
            }
            people.push(new);
        }
        let orders = self.orders(std::iter::empty());
        let mut round = 0;
        loop {
            let order = |table: Table, place: usize| orders.at(table, place);
            let out = cells(first, &around.answer(&standing, self.terms.rules, &order));
            let new: Vec<usize> = (0..sets.len())
                .filter(|cell| out.get(*cell) == Some(&true) && matches!(placed.get(*cell), Some(Some(Placed::New(_)))))
                .collect();
            let asked = |cell: &usize| Some(Asked { set: sets.get(*cell)?, words: words.get(*cell) });
            let leaving: Vec<Asked<'_>> = new.iter().filter_map(asked).collect();
            let behind: Vec<Option<&Behind>> = new.iter().map(|cell| people.get(*cell)?.as_ref()).collect();
            let barred = self.to_bar(&leaving, &behind, round);
            if barred.is_empty() {
                for cell in new {
                    self.insert_people(people.get_mut(cell).and_then(Option::take));
                    if let (Some(set), Some(Some(Placed::New(text)))) = (sets.get(cell), placed.get(cell)) {
                        self.insert(*text, set.clone(), words.get(cell).cloned());
                    }
                }
                let decided = texts.into_iter().zip(placed).filter_map(|(text, placed)| Some((text, placed?)));
                self.decided.extend(decided.filter(|(_, placed)| !matches!(placed, Placed::New(_))));
                return Cells { standing, out };
            }
            for cell in barred.into_iter().filter_map(|index| new.get(index).copied()) {
                if let Some(standing) = standing.get_mut(cell) {
                    *standing = Standing::Barred;
                }
            }
            round += 1;
        }
    }

    fn stands(&self, placed: Option<&Placed>) -> Standing {
        match placed {
            Some(Placed::Known(entry)) if self.is_kept(*entry) => Standing::Kept,
            Some(Placed::Known(_)) => Standing::Known,
            Some(Placed::Close(..) | Placed::Combined(_) | Placed::Hidden) => Standing::Close,
            Some(Placed::New(_)) | None => Standing::Free,
        }
    }
}
