//! The cohort: in whose place it is answered.

use coda_disclosure::{
    Defence,
    history::{Asked, Set, Side, Text},
};
use coda_engine::TablesError;
use coda_ledger::UniverseName;
use coda_model::{
    estimate::History,
    plan::{Plan, Unit, Words},
};

use super::{
    Review, Texts, digest,
    linked::{Behind, is_personal},
};
use crate::known::Placed;

/// The cohort as it is answered.
#[derive(Default)]
pub(super) struct Cohort {
    /// Of the build.
    pub(super) records: Vec<u32>,
    /// How many they are, those counted who are in the build no more: were they left out, the number would tell that somebody is
    /// gone.
    pub(super) number: u64,
    /// How many people they are of, as was told of these people before, if it was.
    pub(super) people: u64,
    /// Whether it is withheld, and not because it is small or close to a small one.
    pub(super) may_be_large: bool,
}

impl<'a> Review<'a> {
    /// The records that are answered for. The first set of every lineage is everybody (disclosure.md 2.3).
    pub(super) fn cohort(&mut self, everybody: &'a Plan) -> Result<Cohort, TablesError> {
        let question = self.question;
        let all = self.census.all();
        let mut texts = Texts::of(everybody, everybody, question);
        let all_text = texts.set(&[]);
        let all = match self.place(all_text, &all) {
            Placed::Known(entry) => {
                // As they were first told of, whoever has come or gone since.
                if self.is_kept(entry) {
                    texts.keep_to(&all_text, self.known.words(entry));
                }
                self.known.set(entry).clone()
            }
            Placed::New(text) if self.is_enough(&all) => {
                self.insert(text, all.clone(), Some(texts.words(&[])));
                all
            }
            Placed::New(_) | Placed::Close(..) | Placed::Combined(_) | Placed::Hidden => all,
        };
        self.everybody.clone_from(&all);
        let (text, asked) = match question.study.cohort(question.tables)? {
            None => (all_text, all),
            // Who came after everybody was told of is in nothing that is told beside it.
            Some(records) => (self.texts.set(&[]), self.census.members(&records) & &self.everybody),
        };
        let people = self.people.as_ref().map_or(asked.len(), |people| people.of(&asked).len());
        // What is close to a set too small to stand in has no more people than this.
        let may_be_large = people > 3 * (self.terms.rules.threshold.least() - 1);
        let withheld = Cohort { may_be_large, ..Cohort::default() };
        let Some((set, are_of_others)) = self.rows_of_cohort(text, asked) else { return Ok(withheld) };
        if !self.may_be_told(&text, &set) {
            return Ok(withheld);
        }
        if are_of_others {
            self.texts.keep_to(&text, None);
        }
        let snap = self.terms.history == History::Snap;
        let words = self.texts.words(&[]);
        // With the pair rule it was audited where it was placed.
        let is_harmful = || !self.harmful(&[Asked { set: &set, words: Some(&words) }]).is_empty();
        let may_leave = || self.terms.defences.has(Defence::PairRule) || !is_harmful();
        let set = match self.place(text, &set) {
            Placed::Known(entry) => {
                if self.is_kept(entry) {
                    self.texts.keep_to(&text, self.known.words(entry));
                }
                self.known.set(entry).clone()
            }
            Placed::Close(entry, side) if snap && self.may_stand_in(&self.stand_in(entry, side)) => {
                let other = self.stand_in(entry, side);
                if other == self.everybody {
                    // Everybody's parts are those that a query without a cohort has.
                    self.texts = texts;
                } else if side == Side::Itself {
                    self.texts.answer_for(self.known.text(entry), self.known.words(entry));
                } else {
                    let words = self.known.words(entry).map(|words| texts.words(&[]).but_not(words));
                    self.texts.answer_for(digest(&[b"all but", &self.known.text(entry)]), words.as_ref());
                }
                other
            }
            Placed::Combined(other) if snap && self.may_stand_in(&other) => {
                let words = self.words_if_asked(&other);
                self.texts.answer_for(self.texts.of_members(&other), words.as_ref());
                other
            }
            Placed::New(text) if may_leave() => {
                self.insert(text, set.clone(), Some(words));
                set
            }
            Placed::New(_) | Placed::Close(..) | Placed::Combined(_) | Placed::Hidden => return Ok(withheld),
        };
        let (records, people) = (self.census.records(&set), self.people_told(&set));
        Ok(Cohort { records, number: set.len(), people, may_be_large: false })
    }

    /// What is said of the cohort, if by its words it is this combination of sets that were released, whoever is in them.
    fn words_if_asked(&self, other: &Set) -> Option<Words> {
        Some(self.texts.words(&[])).filter(|words| self.known.universe.is_by_words(other, words))
    }

    /// The rows of a cohort, as far as the people behind them may be told of: all of a set of people who stand in for them, if the
    /// cohort looks at nothing that differs between the rows of one person; none when that cannot be. With whether these are rows of
    /// a set that was told of before, were they the same.
    fn rows_of_cohort(&mut self, text: Text, rows: Set) -> Option<(Set, bool)> {
        let Some(people) = &self.people else { return Some((rows, false)) };
        let set = people.of(&rows);
        if !self.is_enough(&set) {
            return None;
        }
        if !self.have_changed(&set) {
            return None;
        }
        let personal = is_personal(self.question.plan);
        let text = digest(&[b"people of rows", &text]);
        match self.place_in(people.known, text, &set) {
            Placed::Known(entry) if personal => {
                let is_kept = people.known.build(entry) != Some(self.question.build);
                Some((people.rows(people.known.set(entry)), is_kept))
            }
            Placed::Known(_) => Some((rows, false)),
            // Nothing stands in for all but a set: of the others some may have no rows.
            Placed::Close(entry, Side::Itself) if personal && self.terms.history == History::Snap => {
                let other = people.known.set(entry);
                self.may_stand_in(other).then(|| (people.rows(other), true))
            }
            Placed::Combined(other) if personal && self.terms.history == History::Snap => {
                self.may_stand_in(&other).then(|| (people.rows(&other), true))
            }
            Placed::Close(..) | Placed::Combined(_) | Placed::Hidden => None,
            Placed::New(text) => {
                let words = self.words_behind(&self.texts.words(&[]));
                let new = Behind { text, set, words };
                if !self.harmful_behind(&[Some(&new)]).is_empty() {
                    return None;
                }
                self.insert_people(Some(new));
                Some((rows, false))
            }
        }
    }

    /// The members of a set, or all but them. Of the rows of a table of which a person has at most one there is nothing that all but
    /// a set of people stand for: some have none.
    pub(super) fn stand_in(&self, entry: usize, side: Side) -> Set {
        let of_people = matches!(self.universe, UniverseName::People);
        match side {
            Side::Itself => self.known.set(entry).clone(),
            Side::Complement if of_people && self.question.plan.unit != Unit::People => Set::new(),
            Side::Complement => &self.everybody - self.known.set(entry),
        }
    }
}
