//! What may leave of a query, given all that left before: the cohort, the cells and the slots are compared with the sets that
//! were released (disclosure.md 2.3), what comes close to one of them takes its place, and what would tell of too few people
//! together with the others is withheld (2.4).
//!
//! The order is fixed: the cohort, then the cells, then ask by ask, so that each is compared with what the ones before it let
//! out. What was decided is in the memory of the lineage when this returns, and must be written to the ledger before anything
//! leaves.

mod ask;
mod cells;
mod cohort;
mod linked;
mod orders;
mod spots;
mod standing;
mod sums;
mod texts;

use std::collections::{BTreeMap, HashMap};

use coda_disclosure::{
    Answer, Defence, Defences, Dimension, Release, Rules, Table, everybody as everybody_in,
    history::{Asked, Held, Near, Set, Text},
    release,
};
use coda_engine::{Study, Tables, TablesError};
use coda_ledger::{Digest, FigureStored, NewEntry, NewFigure, Subject, UniverseName};
use coda_model::{
    BuildId,
    dictionary::Dataset,
    estimate::History,
    frame::{Slot, Standing, UNBOUNDED},
    ids::Rows,
    plan::{Plan, PlannedAsk, Words},
};
use coda_stats::{Operands, Shape, find};

use crate::{
    census::Census,
    known::{Known, Placed},
};

use linked::Behind;
pub(crate) use linked::{People, origin};
use orders::dimensions;
pub(crate) use orders::unreviewed;
use texts::Texts;
pub(crate) use texts::digest;

/// A query over the records of a build.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) dataset: &'a Dataset,
    pub(crate) tables: &'a Tables<'a>,
    pub(crate) study: &'a Study<'a>,
    pub(crate) build: &'a BuildId,
}

/// What a site goes by.
#[derive(Clone, Copy)]
pub(crate) struct Terms<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) history: History,
    pub(crate) defences: Defences,
    /// Keys the order in which large cells are withheld.
    pub(crate) secret: &'a [u8; 32],
}

/// What was decided, and what the ledger must know of it before it leaves.
pub(crate) struct Reviewed {
    pub(crate) release: Release,
    pub(crate) entries: Vec<NewEntry>,
    /// Of each of the entries, the universe it is of and its number there.
    pub(crate) places: Vec<(Which, usize)>,
    pub(crate) figures: Vec<NewFigure>,
    /// The text of the cohort that is answered.
    pub(crate) cohort: Digest,
    /// Figures that were not told before.
    pub(crate) charge: u64,
}

/// One of the universes of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// That of the query's own records.
    Own,
    /// The same records, in sets of those that have a value: which of several.
    Valid(usize),
    /// That of the people behind the rows that are the query's records.
    People,
}

/// What was released before, in each universe that a review looks at.
pub(crate) struct Histories<'a> {
    pub(crate) own: (&'a UniverseName, &'a mut Known),
    /// Of each of [`valid_names`].
    pub(crate) valid: Vec<Valid<'a>>,
    /// The people behind rows, when the records are rows.
    pub(crate) people: Option<People<'a>>,
    /// Of each earlier build, the people of whom the build at hand says something else.
    pub(crate) changed: &'a BTreeMap<BuildId, Set>,
}

/// What was released before over the same records in sets of those that have a value of some variables, by the name of these.
pub(crate) struct Valid<'a> {
    pub(crate) variables: String,
    pub(crate) universe: &'a UniverseName,
    pub(crate) known: &'a mut Known,
}

/// A review under way.
struct Review<'a> {
    question: Question<'a>,
    terms: Terms<'a>,
    census: &'a Census,
    known: &'a mut Known,
    universe: &'a UniverseName,
    valid: Vec<Valid<'a>>,
    people: Option<People<'a>>,
    changed: &'a BTreeMap<BuildId, Set>,
    /// Everybody, as they were first told of.
    everybody: Set,
    texts: Texts<'a>,
    /// Where the sets of cells belong, by their texts, but for new ones, which are stored since. A slot with such a text is answered as
    /// its cell was, whatever was stored in between.
    decided: HashMap<Text, Placed>,
    entries: Vec<NewEntry>,
    places: Vec<(Which, usize)>,
    figures: Vec<(usize, FigureStored)>,
    /// Sums that were not told before.
    sums_told: usize,
}

/// How often what would tell too much is left out and the rest looked at again, before all of it is left out.
const ROUNDS: usize = 8;

/// Decides, and takes the sets that leave into `known`.
///
/// # Errors
/// [`TablesError`] when a needed column is absent.
pub(crate) fn review(
    question: Question<'_>,
    terms: Terms<'_>,
    census: &Census,
    histories: Histories<'_>,
) -> Result<Reviewed, TablesError> {
    // Without the cohort: the texts of everybody's parts.
    let everybody = Plan { cohort: None, ..question.plan.clone() };
    let texts = Texts::of(question.plan, &everybody, question);
    let Histories { own: (universe, known), valid, people, changed } = histories;
    let review = Review {
        question,
        terms,
        census,
        known,
        universe,
        valid,
        people,
        changed,
        everybody: Set::new(),
        texts,
        decided: HashMap::new(),
        entries: Vec::new(),
        places: Vec::new(),
        figures: Vec::new(),
        sums_told: 0,
    };
    review.run(&everybody)
}

impl<'a> Review<'a> {
    fn run(mut self, everybody: &'a Plan) -> Result<Reviewed, TablesError> {
        let cohort = self.cohort(everybody)?;
        let (who, records, people) = (cohort.records, cohort.number, cohort.people);
        let mut tabulated = self.question.study.tabulate(Some(&who));
        let asks: Vec<(&PlannedAsk, Shape)> =
            self.question.plan.asks.iter().filter_map(|ask| Some((ask, shape(self.question.plan, ask)?))).collect();
        let members: Vec<_> = asks.iter().map(|(ask, _)| self.question.study.members(ask, &who)).collect();
        let empty = self.empty_cells();
        let base = tabulated.first().map(everybody_in).unwrap_or_default();
        let (people, rows) = (coda_model::People(people), Rows(records));
        let everybody_there = Slot { people, rows, ..Slot::default() };
        // All rows of the cohort are of all its people.
        let slots = tabulated.iter_mut().filter(|_| self.question.plan.axes.is_empty()).flat_map(|own| &mut own.frames);
        for slot in slots.flat_map(|frame| &mut frame.slots).filter(|slot| slot.rows == rows) {
            slot.people = people;
        }
        let earlier_builds = !self.changed.is_empty();
        let mut around =
            Around { axes: dimensions(self.question.plan), empty, cohort: everybody_there, base, earlier_builds };
        let one = tabulated.get(..1).unwrap_or_default();
        let cells = self.cells(one, members.first().map_or(&[], Vec::as_slice), &mut around);
        for (index, ((ask, shape), members)) in asks.iter().zip(members).enumerate() {
            let Some(own) = tabulated.get_mut(index) else { continue };
            self.ask(own, (ask, shape), members, &around, &cells);
        }
        let orders = self.orders(asks.iter().map(|(_, shape)| shape));
        let order = |table: Table, place: usize| orders.at(table, place);
        let slack = slack(self.terms.rules, self.terms.history) * u64::from(self.question.plan.records_per_person);
        let slack = if cohort.may_be_large { UNBOUNDED } else { slack };
        let answer = Answer { slack, ..around.answer(&cells.standing, self.terms.rules, &order) };
        let release = release(&tabulated, &answer);
        let cohort = self.texts.set(&[]);
        let charge = (self.entries.len() + self.sums_told) as u64;
        let own = |entry: usize| self.places.iter().position(|place| *place == (Which::Own, entry));
        let new = |entry: usize| Subject::New(own(entry).unwrap_or(usize::MAX));
        let subject = |entry: usize| self.known.id(entry).map_or_else(|| new(entry), Subject::Stored);
        let figures = self.figures.iter();
        let figures =
            figures.map(|(entry, figure)| NewFigure { subject: subject(*entry), figure: figure.clone() }).collect();
        Ok(Reviewed { release, entries: self.entries, places: self.places, figures, cohort, charge })
    }

    /// Where a set belongs; if it is a cell's, as was decided there.
    fn place(&self, text: Text, set: &Set) -> Placed {
        self.decided.get(&text).cloned().unwrap_or_else(|| self.place_in(self.known, text, set))
    }

    /// What a set goes by whose text belongs to one of an earlier build.
    fn on_this_build(&self, text: Text) -> Text {
        digest(&[b"build", &text, self.question.build.as_str().as_bytes()])
    }

    /// Makes the universes ready for many sets to be placed side by side.
    fn ready(&self) {
        self.known.universe.ready();
        if let Some(people) = &self.people {
            people.known.universe.ready();
        }
    }

    fn place_in(&self, known: &Known, text: Text, set: &Set) -> Placed {
        if !self.terms.defences.has(Defence::PairRule) {
            // Only the same words find the same set.
            return match known.universe.near(&text, set) {
                Near::Same(entry) => Placed::Known(entry),
                _ => Placed::New(text),
            };
        }
        let is_audited = self.terms.defences.has(Defence::LinearAudit);
        known.place(text, || self.on_this_build(text), set, (self.terms.rules.threshold.least(), is_audited))
    }

    /// Whether a set that was released is large enough to take the place of one that comes close to it. A smaller one's people
    /// but for a few are too few to be asked about, so that an answer would tell that none is missing.
    fn may_stand_in(&self, other: &Set) -> bool {
        other.len() + 1 >= 2 * self.terms.rules.threshold.least()
    }

    /// Which of these new sets must not leave, because with the others and with what is known they would tell of too few.
    fn harmful(&self, asked: &[Asked<'_>]) -> Vec<usize> {
        if self.terms.defences.has(Defence::LinearAudit) { self.known.universe.harmful(asked) } else { Vec::new() }
    }

    /// The places of those of these new sets that are to be barred, in this round, and the people behind them: those who would tell of
    /// too few with the others and with what is known, and in the end all.
    fn to_bar(&self, asked: &[Asked<'_>], behind: &[Option<&Behind>], round: usize) -> Vec<usize> {
        let mut harmful = self.harmful(asked);
        if harmful.is_empty() {
            harmful = self.harmful_behind(behind);
        }
        if harmful.is_empty() || round < ROUNDS { harmful } else { (0..asked.len()).collect() }
    }

    /// Takes in a set that leaves.
    fn insert(&mut self, text: Text, set: Set, words: Option<Words>) -> usize {
        match self.known.insert(text, set.clone(), words.clone(), self.question.build) {
            Held::New(entry) => {
                self.entries.push(NewEntry { universe: self.universe.clone(), text, set, words });
                self.places.push((Which::Own, entry));
                entry
            }
            Held::Known(entry) => entry,
        }
    }

    /// Takes in a set of those who have a value, which leaves among others.
    fn insert_valid(&mut self, shape: &Shape, text: Text, set: Set) {
        let variables = self.texts.variables(shape);
        let Some(place) = self.valid.iter().position(|valid| valid.variables == variables) else { return };
        let Some(Valid { universe, known, .. }) = self.valid.get_mut(place) else { return };
        let text = {
            let later = || digest(&[b"build", &text, self.question.build.as_str().as_bytes()]);
            known.named(text, later, &set, self.terms.rules.threshold.least())
        };
        if let Held::New(entry) = known.insert(text, set.clone(), None, self.question.build) {
            self.entries.push(NewEntry { universe: universe.clone(), text, set, words: None });
            self.places.push((Which::Valid(place), entry));
        }
    }

    /// The places of those of these people behind rows who must not be told of, because with the others and with what is known of
    /// people that would tell of too few.
    fn harmful_behind(&self, new: &[Option<&Behind>]) -> Vec<usize> {
        let Some(people) = self.people.as_ref().filter(|_| self.terms.defences.has(Defence::LinearAudit)) else {
            return Vec::new();
        };
        let there = new.iter().enumerate().filter_map(|(place, behind)| Some((place, (*behind)?)));
        let (places, asked): (Vec<usize>, Vec<Asked<'_>>) =
            there.map(|(place, Behind { set, words, .. })| (place, Asked { set, words: words.as_ref() })).unzip();
        let harmful = people.known.universe.harmful(&asked).into_iter();
        harmful.filter_map(|harmful| places.get(harmful).copied()).collect()
    }

    /// Takes in the people behind a set of rows that leaves.
    fn insert_people(&mut self, new: Option<Behind>) {
        let (Some(people), Some(Behind { text, set, words })) = (&mut self.people, new) else { return };
        if let Held::New(entry) = people.known.insert(text, set.clone(), words.clone(), self.question.build) {
            self.entries.push(NewEntry { universe: UniverseName::People, text, set, words });
            self.places.push((Which::People, entry));
        }
    }

    /// Whether so many members may be a set that leaves, or were one that did.
    fn may_be_told(&self, text: &Text, set: &Set) -> bool {
        self.is_enough(set) || self.known.is_told(text, set, self.terms.rules.threshold.least())
    }

    /// Whether a set that is known was told of on an earlier build.
    fn is_kept(&self, entry: usize) -> bool {
        self.known.build(entry) != Some(self.question.build)
    }

    /// Whether so many members may be a set that leaves.
    fn is_enough(&self, set: &Set) -> bool {
        set.len() >= self.terms.rules.threshold.least() || !self.terms.defences.has(Defence::SmallCells)
    }

    fn empty_cells(&self) -> Vec<bool> {
        if self.question.plan.cohort.is_none() || self.question.plan.axes.is_empty() {
            return Vec::new();
        }
        (0..self.question.plan.cells()).map(|cell| self.texts.is_empty(&self.texts.cell(cell))).collect()
    }
}

/// What all parts of an answer are decided with.
struct Around {
    axes: Vec<Dimension>,
    /// The cells in which nobody can be, by the words of the query.
    empty: Vec<bool>,
    /// Everybody in the cohort.
    cohort: Slot,
    /// Everybody in each cell.
    base: Vec<Slot>,
    earlier_builds: bool,
}

impl Around {
    fn answer<'b>(
        &'b self,
        standing: &'b [Standing],
        rules: &'b Rules,
        order: &'b dyn Fn(Table, usize) -> u64,
    ) -> Answer<'b> {
        let Self { axes, empty, cohort, base, earlier_builds } = self;
        let (cohort, earlier_builds) = (Some(cohort), *earlier_builds);
        Answer { axes, empty, cohort, base, standing, rules, order, earlier_builds, slack: 0 }
    }
}

/// By how many people a figure may be off: those by whom a cohort differs from the one in whose place it is answered, and those
/// who miss a value and are counted with the others.
fn slack(rules: &Rules, history: History) -> u64 {
    match history {
        History::Off => 0,
        History::Snap | History::RefuseSymmetric => 2 * (rules.threshold.least() - 1),
    }
}

/// The names of the variables by which those who have a value are told apart, each once.
pub(crate) fn valid_names(plan: &Plan, dataset: &Dataset) -> Vec<String> {
    let mut names: Vec<String> =
        plan.asks.iter().filter_map(|ask| Some(texts::variables(plan, dataset, &shape(plan, ask)?))).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn shape(plan: &Plan, ask: &PlannedAsk) -> Option<Shape> {
    find(&ask.statistic).map(|statistic| statistic.shape(&Operands::of(plan, &ask.operands)))
}

#[cfg(test)]
mod tests;
