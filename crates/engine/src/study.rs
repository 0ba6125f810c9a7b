//! The records of a plan at a site, coded, before anybody is left out: who is in the cohort, what its frames are, and
//! which records are behind each slot.

use std::borrow::Cow;

use coda_model::{
    frame::{Slot, Tabulated},
    plan::{Plan, PlannedAsk, Unit},
    scale::MISSING,
    variable::{Kind, Missing, Tail},
};
use coda_stats::{
    Cells, Input, Operands, Shape, find,
    kernel::{Members, measure, members},
    tabulate_plan,
};

use crate::{
    cohort,
    tables::{Need, Tables, TablesError, View},
};

/// The records of a plan.
///
/// `Debug` is absent: it holds patients' values.
pub struct Study<'a> {
    plan: &'a Plan,
    view: View,
    records: usize,
    columns: Vec<Cow<'a, [i32]>>,
    highest: Vec<i32>,
    persons: Option<&'a [i32]>,
    /// The cell of each record; absent when there is one cell.
    cells: Option<Vec<i32>>,
}

impl<'a> Study<'a> {
    /// Takes the columns of a plan out of the tables of a build.
    ///
    /// # Errors
    /// [`TablesError`] when a needed column is absent or does not fit.
    pub fn of(plan: &'a Plan, tables: &'a Tables<'_>) -> Result<Self, TablesError> {
        let (view, persons) = match plan.unit {
            Unit::People => (View::People, None),
            Unit::Rows(table) => (View::Rows(table), Some(tables.column(Need::Person(table))?)),
        };
        let columns = plan.columns.iter().map(|column| tables.values(&column.source, view));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let records = tables.records(view)?;
        let cells = (!plan.axes.is_empty()).then(|| cells(plan, &columns, records));
        let highest = plan.columns.iter().map(|column| column.variable.kind.highest()).collect();
        Ok(Self { plan, view, records, columns, highest, persons, cells })
    }

    /// How many records there are, in the cohort or not.
    pub fn records(&self) -> usize {
        self.records
    }

    /// The person of each record; `None` when records are people.
    pub fn persons(&self) -> Option<&'a [i32]> {
        self.persons
    }

    /// The records that meet the plan's cohort, ascending; `None` when it has none, so that all do.
    ///
    /// # Errors
    /// [`TablesError`], as [`Study::of`].
    pub fn cohort(&self, tables: &Tables<'_>) -> Result<Option<Vec<u32>>, TablesError> {
        let Some(condition) = &self.plan.cohort else { return Ok(None) };
        let mask = cohort::mask(tables, condition, self.view)?;
        Ok(Some((0..).zip(mask).filter(|(_, met)| *met).map(|(record, _)| record).collect()))
    }

    /// The raw frames of all asks over these records, or over all.
    pub fn tabulate(&self, who: Option<&[u32]>) -> Vec<Tabulated> {
        let Some(who) = who else { return self.with_input(|input| tabulate_plan(self.plan, input)) };
        // Who is out is left out once, so that every pass that follows is over those who are in.
        let keep = |column: &[i32]| -> Vec<i32> {
            who.iter().filter_map(|record| column.get(*record as usize)).copied().collect()
        };
        let columns: Vec<Vec<i32>> = self.columns.iter().map(|column| keep(column)).collect();
        let slices: Vec<&[i32]> = columns.iter().map(Vec::as_slice).collect();
        let (cells, persons) = (self.cells.as_deref().map(keep), self.persons.map(keep));
        let input = Input {
            columns: &slices,
            highest: &self.highest,
            cells: coded(cells.as_deref(), who.len(), self.plan),
            persons: persons.as_deref(),
        };
        tabulate_plan(self.plan, &input)
    }

    /// The records behind every slot of an ask over these records, ascending, cell by cell.
    pub fn members(&self, ask: &PlannedAsk, who: &[u32]) -> Vec<Members> {
        let Some(shape) = self.shape(ask) else { return Vec::new() };
        self.with_input(|input| members(&shape, input, who))
    }

    /// Those of these records that have a value in all columns of an ask, ascending.
    pub fn valid(&self, ask: &PlannedAsk, records: &[u32]) -> Vec<u32> {
        let columns = self.shape(ask).map(|shape| shape.columns()).unwrap_or_default();
        let columns: Vec<&[i32]> =
            columns.iter().filter_map(|place| self.columns.get(*place)).map(AsRef::as_ref).collect();
        let has = |record: &u32| {
            columns.iter().all(|column| column.get(*record as usize).is_some_and(|code| *code != MISSING))
        };
        records.iter().copied().filter(has).collect()
    }

    /// What a slot of an ask comes to over these records, ascending.
    pub fn measure(&self, ask: &PlannedAsk, records: &[u32]) -> Slot {
        let Some(shape) = self.shape(ask) else { return Slot::default() };
        let mut slot = self.with_input(|input| measure(&shape, input, records));
        let kind = shape.value.and_then(|value| self.plan.column(value)).map(|column| &column.variable.kind);
        if matches!(kind, Some(Kind::Continuous(continuous)) if continuous.tail == Tail::Bounded) {
            // Nobody's value can stand out.
            slot.largest = [0; 2];
        }
        slot
    }

    fn shape(&self, ask: &PlannedAsk) -> Option<Shape> {
        find(&ask.statistic).map(|statistic| statistic.shape(&Operands::of(self.plan, &ask.operands)))
    }

    fn with_input<T>(&self, work: impl FnOnce(&Input<'_>) -> T) -> T {
        let slices: Vec<&[i32]> = self.columns.iter().map(AsRef::as_ref).collect();
        work(&Input {
            columns: &slices,
            highest: &self.highest,
            cells: coded(self.cells.as_deref(), self.records, self.plan),
            persons: self.persons,
        })
    }
}

fn coded<'c>(cells: Option<&'c [i32]>, records: usize, plan: &Plan) -> Cells<'c> {
    cells.map_or(Cells::One(records), |codes| Cells::Coded { codes, count: plan.cells() })
}

/// The cell of each record; the last axis changes fastest.
fn cells(plan: &Plan, columns: &[Cow<'_, [i32]>], records: usize) -> Vec<i32> {
    let mut cells = vec![0i32; records];
    for axis in &plan.axes {
        let Some(column) = columns.get(axis.axis.column) else { continue };
        let (length, missing) = (axis.len() as i32, axis.missing == Missing::May);
        for (cell, code) in cells.iter_mut().zip(column.iter()) {
            let class = match axis.axis.class(*code) {
                Some(class) => Some(class as i32),
                None => missing.then_some(length - 1),
            };
            *cell = match class {
                Some(class) if *cell >= 0 => *cell * length + class,
                _ => MISSING,
            };
        }
    }
    cells
}
