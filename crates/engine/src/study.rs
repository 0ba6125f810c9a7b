//! The records of a plan at a site, coded, before anybody is left out: who is in the cohort, and what its frames are.

use std::borrow::Cow;

use coda_model::{
    frame::{Slot, Tabulated},
    plan::{Plan, Unit},
    scale::MISSING,
    variable::Missing,
};
use coda_stats::{Cells, Input, Shape, kernel::buckets, tabulate, tabulate_plan};

use crate::{
    cohort,
    tables::{Need, Tables, TablesError, View},
};

/// What a site computes for a plan. Raw: it must pass `disclosure::release` before it goes anywhere.
pub struct Computed {
    /// Everybody in the cohort.
    pub cohort: Slot,
    /// The frames of each ask.
    pub asks: Vec<Tabulated>,
}

/// The bucket sums of a plan's query sets.
pub struct BucketSums {
    /// Of everybody in the build.
    pub everybody: buckets::Sums,
    /// Of the cohort, with its number of people.
    pub cohort: (buckets::Sums, u64),
    /// Of each cell, the same.
    pub cells: Vec<(buckets::Sums, u64)>,
    /// Of the sets of each ask.
    pub asks: Vec<buckets::OfAsk>,
}

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
    /// The record key of each person.
    keys: &'a [u64],
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
        Ok(Self { plan, view, records, columns, highest, persons, cells, keys: tables.record_keys() })
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

    /// Everybody in the cohort, and the raw frames of all asks over them.
    ///
    /// # Errors
    /// [`TablesError`], as [`Study::of`].
    pub fn compute(&self, tables: &Tables<'_>) -> Result<Computed, TablesError> {
        let who = self.cohort(tables)?;
        Ok(self
            .over(who.as_deref(), |input| Computed { cohort: everybody(input), asks: tabulate_plan(self.plan, input) }))
    }

    /// For every query set of every ask, its 64 bucket sums: what the watch compares (docs/disclosure.md, "The watch").
    ///
    /// # Errors
    /// [`TablesError`], as [`Study::of`].
    pub fn bucket_sums(&self, tables: &Tables<'_>) -> Result<BucketSums, TablesError> {
        let who = self.cohort(tables)?;
        Ok(self.over(who.as_deref(), |input| BucketSums {
            everybody: buckets::of(self.keys.iter().copied()),
            cohort: buckets::of_cells(&whole(input)).into_iter().next().unwrap_or(([0; buckets::BUCKETS], 0)),
            cells: buckets::of_cells(input),
            asks: buckets::of_plan(self.plan, input),
        }))
    }

    /// Works on the records in the cohort.
    fn over<T>(&self, who: Option<&[u32]>, work: impl FnOnce(&Input<'_>) -> T) -> T {
        let slices: Vec<&[i32]> = self.columns.iter().map(AsRef::as_ref).collect();
        let Some(who) = who else {
            return work(&Input {
                columns: &slices,
                highest: &self.highest,
                cells: coded(self.cells.as_deref(), self.records, self.plan),
                persons: self.persons,
                keys: self.keys,
            });
        };
        // Who is out is left out once, so that every pass that follows is over those who are in.
        let columns: Vec<Vec<i32>> = slices.iter().map(|column| keep(column, who)).collect();
        let slices: Vec<&[i32]> = columns.iter().map(Vec::as_slice).collect();
        let cells = self.cells.as_deref().map(|cells| keep(cells, who));
        let persons = self.persons.map(|persons| keep(persons, who));
        // Keys go by person; of rows, whose persons are named, they stay where they are.
        let keys = match persons {
            Some(_) => Cow::Borrowed(self.keys),
            None => Cow::Owned(keep(self.keys, who)),
        };
        work(&Input {
            columns: &slices,
            highest: &self.highest,
            cells: coded(cells.as_deref(), who.len(), self.plan),
            persons: persons.as_deref(),
            keys: &keys,
        })
    }
}

/// The entries of these records.
fn keep<C: Copy>(column: &[C], who: &[u32]) -> Vec<C> {
    who.iter().filter_map(|record| column.get(*record as usize)).copied().collect()
}

/// The same records in one cell.
fn whole<'i>(input: &Input<'i>) -> Input<'i> {
    Input { cells: Cells::One(input.cells.records()), ..*input }
}

/// Everybody among these records.
fn everybody(input: &Input<'_>) -> Slot {
    tabulate(&Shape::everybody(), &whole(input)).into_iter().next().map(|frame| frame.valid).unwrap_or_default()
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
