//! The cohort: in whose place it is answered.

use coda_disclosure::history::{Set, Side};
use coda_engine::TablesError;
use coda_model::{estimate::History, plan::Plan};

use super::{Review, Texts, digest};
use crate::known::Placed;

impl<'a> Review<'a> {
    /// The records that are answered for. The first set of every lineage is everybody (disclosure.md 2.3).
    pub(super) fn cohort(&mut self, everybody: &'a Plan) -> Result<Vec<u32>, TablesError> {
        let question = self.question;
        let all = self.census.all();
        let texts = Texts::of(everybody, question.dataset);
        let all_text = texts.set(&[]);
        match self.place(all_text, &all) {
            Placed::New(text) if self.is_enough(&all) => {
                self.insert(text, all.clone());
            }
            Placed::New(_) | Placed::Known(_) | Placed::Close(..) => {}
        }
        let (text, set) = match question.study.cohort(question.tables)? {
            None => (all_text, all.clone()),
            Some(records) => (self.texts.set(&[]), self.census.members(&records)),
        };
        if !self.is_enough(&set) {
            return Ok(Vec::new());
        }
        let set = match self.place(text, &set) {
            Placed::Known(entry) => self.known.set(entry).clone(),
            Placed::Close(entry, side) if self.terms.history == History::Snap => {
                let other = self.stand_in(entry, side, &all);
                let text = match side {
                    Side::Itself => self.known.text(entry),
                    Side::Complement => digest(&[b"all but", &self.known.text(entry)]),
                };
                self.texts = Texts::of(question.plan, question.dataset).within(everybody, text);
                other
            }
            Placed::Close(..) => Set::new(),
            Placed::New(text) => {
                if self.harmful(&[&set]).is_empty() {
                    self.insert(text, set.clone());
                    set
                } else {
                    Set::new()
                }
            }
        };
        Ok(self.census.records(&set))
    }

    /// The members of a set, or all but them.
    pub(super) fn stand_in(&self, entry: usize, side: Side, all: &Set) -> Set {
        match side {
            Side::Itself => self.known.set(entry).clone(),
            Side::Complement => all - self.known.set(entry),
        }
    }
}
