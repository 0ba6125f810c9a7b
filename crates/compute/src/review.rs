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
mod texts;

use coda_disclosure::{
    Answer, Defence, Defences, Dimension, Release, Rules, Span, Table,
    history::{Held, Set, Text},
    release,
};
use coda_engine::{Study, Tables, TablesError};
use coda_ledger::{Digest, EntryId, FigureStored, NewEntry, NewFigure, Subject, UniverseName};
use coda_model::{
    BuildId,
    dictionary::Dataset,
    estimate::History,
    frame::{Standing, Tabulated},
    plan::{Axis, Plan, PlannedAsk},
};
use coda_stats::{Operands, Shape, find};

use crate::{
    census::Census,
    known::{Known, Placed},
};

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
    pub(crate) figures: Vec<NewFigure>,
    /// The text of the cohort that is answered.
    pub(crate) cohort: Digest,
    /// Figures that were not told before.
    pub(crate) charge: u64,
}

/// A review under way.
struct Review<'a> {
    question: Question<'a>,
    terms: Terms<'a>,
    census: &'a Census,
    known: &'a mut Known,
    universe: UniverseName,
    /// Members of whom a later build says something else than the one of the given name does.
    changed: &'a dyn Fn(&BuildId) -> Set,
    texts: Texts<'a>,
    entries: Vec<NewEntry>,
    figures: Vec<(usize, FigureStored)>,
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
    known: &mut Known,
    universe: UniverseName,
    changed: &dyn Fn(&BuildId) -> Set,
) -> Result<Reviewed, TablesError> {
    // Without the cohort: the texts of everybody's parts.
    let everybody = Plan { cohort: None, ..question.plan.clone() };
    let texts = Texts::of(question.plan, question.dataset);
    let review = Review { question, terms, census, known, universe, changed, texts, entries: vec![], figures: vec![] };
    review.run(&everybody)
}

impl<'a> Review<'a> {
    fn run(mut self, everybody: &'a Plan) -> Result<Reviewed, TablesError> {
        let who = self.cohort(everybody)?;
        let mut tabulated = self.question.study.tabulate(Some(&who));
        let asks: Vec<(&PlannedAsk, Shape)> =
            self.question.plan.asks.iter().filter_map(|ask| Some((ask, shape(self.question.plan, ask)?))).collect();
        let members: Vec<_> = asks.iter().map(|(ask, _)| self.question.study.members(ask, &who)).collect();
        let empty = self.empty_cells();
        let mut standing = Vec::new();
        if let (Some(first), Some(members)) = (tabulated.first(), members.first()) {
            let one = std::slice::from_ref(first);
            standing = self.cells(one, members, &empty);
        }
        for (index, ((ask, shape), members)) in asks.iter().zip(members).enumerate() {
            let Some(own) = tabulated.get_mut(index) else { continue };
            self.ask(own, ask, shape, members, &empty, &standing);
        }
        let orders = self.orders(asks.iter().map(|(_, shape)| shape));
        let order = |table: Table, place: usize| orders.at(table, place);
        let dimensions = dimensions(self.question.plan);
        let answer = Answer {
            axes: &dimensions,
            empty: &empty,
            standing: &standing,
            rules: self.terms.rules,
            order: &order,
            slack: slack(self.terms.rules, self.terms.history),
        };
        let release = release(&tabulated, &answer);
        let cohort = self.texts.set(&[]);
        let charge =
            (self.entries.len() + self.figures.iter().map(|(_, figure)| figure.powers.len()).sum::<usize>()) as u64;
        let first_new = self.known.universe.len() - self.entries.len();
        let subject = |entry: usize| match self.known.id(entry) {
            Some(EntryId(id)) => Subject::Stored(EntryId(id)),
            None => Subject::New(entry - first_new),
        };
        let figures =
            self.figures.into_iter().map(|(entry, figure)| NewFigure { subject: subject(entry), figure }).collect();
        Ok(Reviewed { release, entries: self.entries, figures, cohort, charge })
    }

    /// Where a set belongs.
    fn place(&self, text: Text, set: &Set) -> Placed {
        if !self.terms.defences.has(Defence::PairRule) {
            // Only the same words find the same set.
            return match self.known.universe.near(&text, set) {
                coda_disclosure::history::Near::Same(entry) => Placed::Known(entry),
                _ => Placed::New(text),
            };
        }
        let later = || digest(&[b"build", &text, self.question.build.as_str().as_bytes()]);
        self.known.place(text, later, set, self.terms.rules.threshold.least())
    }

    /// Which of these new sets must not leave, because with the others and with what is known they would tell of too few.
    fn harmful(&self, sets: &[&Set]) -> Vec<usize> {
        if self.terms.defences.has(Defence::LinearAudit) { self.known.universe.harmful(sets) } else { Vec::new() }
    }

    /// Takes in a set that leaves.
    fn insert(&mut self, text: Text, set: Set) -> usize {
        match self.known.insert(text, set.clone(), self.question.build) {
            Held::New(entry) => {
                self.entries.push(NewEntry { universe: self.universe.clone(), text, set });
                entry
            }
            Held::Known(entry) => entry,
        }
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

    /// The orders of the tables of these shapes' asks.
    fn orders<'s>(&self, shapes: impl Iterator<Item = &'s Shape>) -> Orders<'a> {
        let axes: Vec<&Axis> = self.question.plan.axes.iter().map(|axis| &axis.axis).collect();
        let texts = &self.texts;
        let of = |shape: &Shape| (texts.table(axes.iter().copied().chain(&shape.axes)), texts.table(shape.axes.iter()));
        Orders {
            secret: self.terms.secret,
            cells: texts.table(axes.iter().copied()),
            axes: axes.iter().map(|axis| texts.table(std::iter::once(*axis))).collect(),
            asks: shapes.map(of).collect(),
        }
    }
}

/// The axes of a plan's cells.
pub(crate) fn dimensions(plan: &Plan) -> Vec<Dimension> {
    let span = |title: &str| if title.contains(':') { Span::Time } else { Span::Groups };
    plan.axes.iter().map(|axis| Dimension { length: axis.len(), span: span(&axis.title) }).collect()
}

/// By how many people a figure may be off: those by whom a cohort differs from the one in whose place it is answered, and those
/// who miss a value and are counted with the others.
fn slack(rules: &Rules, history: History) -> u64 {
    match history {
        History::Off => 0,
        History::Snap | History::RefuseSymmetric => 2 * (rules.threshold.least() - 1),
    }
}

fn shape(plan: &Plan, ask: &PlannedAsk) -> Option<Shape> {
    find(&ask.statistic).map(|statistic| statistic.shape(&Operands::of(plan, &ask.operands)))
}

/// The keyed orders of the tables of a plan.
pub(crate) struct Orders<'a> {
    secret: &'a [u8; 32],
    cells: Text,
    axes: Vec<Text>,
    /// Of each ask, over all cells and alone.
    asks: Vec<(Text, Text)>,
}

impl Orders<'_> {
    /// A number for a place of a table that depends on nothing but the secret, the table's text and the place.
    pub(crate) fn at(&self, table: Table, place: usize) -> u64 {
        let text = match table {
            Table::Cells => Some(&self.cells),
            Table::Axis(axis) => self.axes.get(axis),
            Table::Ask(ask) => self.asks.get(ask).map(|(over_cells, _)| over_cells),
            Table::Slots(ask) => self.asks.get(ask).map(|(_, alone)| alone),
        };
        let digest = digest(&[self.secret, text.unwrap_or(&self.cells), &(place as u64).to_le_bytes()]);
        digest.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }
}

/// A release without a history: merged equals pooled, and nothing is compared.
pub(crate) fn unreviewed(plan: &Plan, tabulated: &[Tabulated], terms: &Terms<'_>) -> Release {
    let dimensions = dimensions(plan);
    let orders = Orders { secret: terms.secret, cells: digest(&[b"no history"]), axes: Vec::new(), asks: Vec::new() };
    let order = |table: Table, place: usize| orders.at(table, place);
    let standing: &[Standing] = &[];
    release(tabulated, &Answer { axes: &dimensions, empty: &[], standing, rules: terms.rules, order: &order, slack: 0 })
}
