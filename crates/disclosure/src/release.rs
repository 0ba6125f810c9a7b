//! A release: one pass over frames, with no look at other cells or earlier answers.

use coda_model::{
    frame::{Count, Frame, Guard, SetKey, Shown, ShownFrame, ShownSlot, SiteFrames, Slot, Tabulated},
    ids::{People, Rows},
    plan::Unit,
    variable::Missing,
};

use crate::{
    AskStatements, RuleSet, SiteSecret, StatementKey, Statements, distribution::Distribution, rounding::Perturbation,
    sums::Told,
};

/// What a site lets out of a query's frames. Only [`release`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    frames: SiteFrames,
    summed: Vec<bool>,
}

/// The raw frames of a query, and what was asked.
///
/// `Debug` is silent, as that of frames is.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// Everybody in the cohort.
    pub cohort: &'a Slot,
    /// The frames of each ask.
    pub asks: &'a [Tabulated],
    /// What was said of each part.
    pub statements: &'a Statements,
}

/// What may leave of the frames of a query (docs/disclosure.md, R4 to R8).
///
/// It depends on the frames, the statements and the site's secret alone.
pub fn release(query: &Query<'_>, secret: &SiteSecret, rules: &RuleSet) -> Release {
    let perturbation = Perturbation { secret, rules };
    let Query { cohort, asks, statements } = query;
    // A cohort of people is told as its cells are; of rows the people behind it are.
    let unit = asks.first().map_or(Unit::People, |ask| ask.unit);
    let one = |(ask, own): (&Tabulated, &AskStatements)| {
        let ask = Ask { tabulated: ask, own, cells: &statements.cells, perturbation };
        ask.tabulated.frames.iter().enumerate().map(|(cell, frame)| ask.frame(cell, frame)).collect()
    };
    let frames = SiteFrames {
        rounding: rules.rounding,
        total: perturbation.told(cohort, &statements.cohort, unit),
        asks: asks.iter().zip(&statements.asks).map(one).collect(),
    };
    Release { frames, summed: asks.iter().map(|ask| ask.summed.is_some()).collect() }
}

impl Perturbation<'_> {
    /// A set's people and rows, if there are enough people.
    fn told(&self, slot: &Slot, statement: &StatementKey, unit: Unit) -> Shown<Count> {
        match self.count(slot.people.0, slot.key, statement) {
            Shown::Suppressed => Shown::Suppressed,
            Shown::Value(people) => {
                let rows = match unit {
                    Unit::People => people,
                    Unit::Rows(_) => self.rows(slot, people, statement),
                };
                Shown::Value(Count { people: People(people), rows: Rows(rows) })
            }
        }
    }
}

/// One ask with what was said of its parts.
struct Ask<'a> {
    tabulated: &'a Tabulated,
    own: &'a AskStatements,
    cells: &'a [StatementKey],
    perturbation: Perturbation<'a>,
}

impl Ask<'_> {
    fn frame(&self, cell: usize, frame: &Frame) -> ShownFrame {
        let Some(statement) = self.cells.get(cell) else { return nothing(frame, self.tabulated.missing) };
        let told = |slot, statement| self.perturbation.told(slot, statement, self.tabulated.unit);
        let valid = told(&frame.valid, statement);
        let missing = (self.tabulated.missing == Missing::May)
            .then(|| self.own.missing.get(cell).map_or(Shown::Suppressed, |statement| told(&frame.missing, statement)));
        let slots = match self.tabulated.guard {
            Guard::Distribution { least } => self.distribution(frame, statement, &valid, least),
            Guard::Each | Guard::All => {
                let slots = frame.slots.len();
                let one = |(place, slot)| {
                    let statement = if self.own.slots.is_empty() {
                        Some(statement)
                    } else {
                        self.own.slots.get(cell * slots + place)
                    };
                    statement.map_or(Shown::Suppressed, |statement| self.slot(slot, statement))
                };
                frame.slots.iter().enumerate().map(one).collect()
            }
        };
        ShownFrame { slots, valid, missing }
    }

    fn slot(&self, slot: &Slot, statement: &StatementKey) -> Shown<ShownSlot> {
        match self.perturbation.told(slot, statement, self.tabulated.unit) {
            Shown::Suppressed => Shown::Suppressed,
            Shown::Value(count) => {
                let told = Told { slot, statement, people: count.people.0, rows: count.rows.0 };
                let sums = |summed| self.perturbation.sums(told, summed, &self.own.source);
                Shown::Value(ShownSlot { count, sums: self.tabulated.summed.as_ref().map(sums) })
            }
        }
    }

    fn distribution(
        &self,
        frame: &Frame,
        statement: &StatementKey,
        valid: &Shown<Count>,
        least: u64,
    ) -> Vec<Shown<ShownSlot>> {
        match valid {
            Shown::Value(all) if all.people.0 >= least => {
                let of = Distribution { cells: &frame.slots, bins: &self.tabulated.bins, statement };
                self.perturbation.edges(&of, all.people.0)
            }
            _ => vec![Shown::Suppressed; frame.slots.len()],
        }
    }
}

/// A frame of a cell that was not said what it is: nothing is told of it.
fn nothing(frame: &Frame, missing: Missing) -> ShownFrame {
    ShownFrame {
        slots: vec![Shown::Suppressed; frame.slots.len()],
        valid: Shown::Suppressed,
        missing: (missing == Missing::May).then_some(Shown::Suppressed),
    }
}

impl Release {
    /// What is let out.
    pub fn frames(&self) -> &SiteFrames {
        &self.frames
    }

    /// Whether each ask sums a value: a suppressed slot is as long on the wire as one that is told.
    pub fn summed(&self) -> &[bool] {
        &self.summed
    }
}

impl RuleSet {
    /// The told count of one set alone, as a release would tell it: for what a site decides once a build (R13),
    /// and for the watch.
    pub fn told(&self, secret: &SiteSecret, people: u64, key: SetKey, statement: &StatementKey) -> Shown<u64> {
        Perturbation { secret, rules: self }.count(people, key, statement)
    }
}
