//! What is said of each query set of a plan, as statement keys (docs/disclosure.md, R3).

use coda_disclosure::{AskStatements, SiteSecret, StatementKey, Statements};
use coda_model::{
    dictionary::Dataset,
    frame::Guard,
    plan::{Axis, Codes, Part, Plan, Prepared, Statement},
};
use coda_stats::{Operands, find};
use time::Date;

/// Whose statements they are.
pub struct Speaker<'a> {
    /// The site's secret.
    pub secret: &'a SiteSecret,
    /// The lineage of the build.
    pub lineage: &'a [u8; 16],
    /// The day on which the build was made.
    pub made: Date,
}

/// A query set with what is said of it, for the watch.
pub struct Said {
    /// Of its people.
    pub statement: StatementKey,
    /// Of everybody else.
    pub complement: StatementKey,
    /// The levels of the axes it is a cell of.
    pub levels: StatementKey,
}

impl Speaker<'_> {
    /// The key of a statement.
    pub fn key(&self, statement: &Statement) -> StatementKey {
        StatementKey::of(self.secret, self.lineage, self.made, statement)
    }

    /// The statement keys of a plan that `coda_stats::check` has accepted.
    pub fn statements(&self, plan: &Plan, dataset: &Dataset) -> Statements {
        let prepared = plan.prepared(dataset);
        let cells = cells(plan);
        Statements {
            cohort: self.key(&prepared.statement(&[])),
            cells: cells.iter().map(|parts| self.key(&prepared.statement(parts))).collect(),
            asks: (0..plan.asks.len()).map(|ask| self.ask(plan, dataset, &prepared, ask, &cells)).collect(),
        }
    }

    fn ask(
        &self,
        plan: &Plan,
        dataset: &Dataset,
        prepared: &Prepared<'_>,
        ask: usize,
        cells: &[Vec<Part<'_>>],
    ) -> AskStatements {
        let Some((axes, value)) = shape(plan, ask) else {
            return AskStatements { slots: Vec::new(), missing: Vec::new(), source: String::new() };
        };
        let slots = product(plan, &axes);
        let with = |cell: &Vec<Part<'_>>, slot: &Vec<Part<'_>>| {
            self.key(&prepared.statement(&[cell.clone(), slot.clone()].concat()))
        };
        let source =
            value.and_then(|value| plan.column(value)).map(|column| Plan::source_text(dataset, &column.source));
        AskStatements {
            slots: if axes.is_empty() {
                Vec::new()
            } else {
                cells.iter().flat_map(|cell| slots.iter().map(move |slot| with(cell, slot))).collect()
            },
            missing: cells.iter().map(|cell| self.key(&prepared.missing(cell))).collect(),
            source: source.unwrap_or_default(),
        }
    }

    /// What is said of the sets of an ask, in the order of their bucket sums.
    pub fn said(&self, plan: &Plan, dataset: &Dataset, ask: usize) -> Vec<Said> {
        let prepared = plan.prepared(dataset);
        let Some((axes, _)) = shape(plan, ask) else { return Vec::new() };
        let slots = product(plan, &axes);
        let all = cells(plan);
        let pairs = all.iter().flat_map(|cell| slots.iter().map(move |slot| [cell.clone(), slot.clone()].concat()));
        pairs.map(|parts| self.said_of(&prepared, &parts)).collect()
    }

    /// What is said of each cell.
    pub fn said_of_cells(&self, plan: &Plan, dataset: &Dataset) -> Vec<Said> {
        let prepared = plan.prepared(dataset);
        cells(plan).iter().map(|parts| self.said_of(&prepared, parts)).collect()
    }

    /// What is said of the cohort.
    pub fn said_of_cohort(&self, plan: &Plan, dataset: &Dataset) -> Said {
        self.said_of(&plan.prepared(dataset), &[])
    }

    fn said_of(&self, prepared: &Prepared<'_>, parts: &[Part<'_>]) -> Said {
        Said {
            statement: self.key(&prepared.statement(parts)),
            complement: self.key(&prepared.rest(parts)),
            levels: self.key(&prepared.levels(parts)),
        }
    }
}

/// The axes whose classes are told apart, and the column that is summed.
fn shape(plan: &Plan, ask: usize) -> Option<(Vec<Axis>, Option<usize>)> {
    let ask = plan.asks.get(ask)?;
    let statistic = find(&ask.statistic)?;
    let shape = statistic.shape(&Operands::of(plan, &ask.operands));
    // A distribution is one set.
    let whole = matches!(statistic.guard(), Guard::Distribution { .. });
    Some((if whole { Vec::new() } else { shape.axes }, shape.value))
}

/// What chooses the people of each cell.
fn cells(plan: &Plan) -> Vec<Vec<Part<'_>>> {
    let mut cells = vec![Vec::new()];
    for axis in &plan.axes {
        cells = crossed(plan, &cells, &axis.axis, axis.len());
    }
    cells
}

/// What chooses the people of each class of all these axes.
fn product<'p>(plan: &'p Plan, axes: &[Axis]) -> Vec<Vec<Part<'p>>> {
    axes.iter().fold(vec![Vec::new()], |slots, axis| crossed(plan, &slots, axis, axis.len()))
}

/// Each of these divided by the classes of an axis; the last changes fastest.
fn crossed<'p>(plan: &'p Plan, parts: &[Vec<Part<'p>>], axis: &Axis, classes: usize) -> Vec<Vec<Part<'p>>> {
    let Some(column) = plan.column(axis.column) else { return parts.to_vec() };
    let class =
        |class| Part { source: &column.source, codes: Codes::of_class(axis, class, column.variable.kind.highest()) };
    let classes: Vec<Part<'p>> = (0..classes).map(class).collect();
    let with = |parts: &Vec<Part<'p>>| {
        let parts = parts.clone();
        classes.iter().map(move |class| [parts.as_slice(), std::slice::from_ref(class)].concat()).collect::<Vec<_>>()
    };
    parts.iter().flat_map(with).collect()
}
