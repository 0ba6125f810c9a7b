//! A plan: a query whose every word was found in the dictionary, in codes. Site and coordinator make the same plan from
//! the same query, so they agree on every cell before a number is computed.

mod canonical;
mod cohort;
mod columns;
mod resolve;
mod sensitivity;

use std::ops::Range;

use crate::{
    calendar::Bucket,
    dictionary::Place,
    ids::DatasetId,
    query::Take,
    rounding::Sensitivity,
    variable::{Missing, Variable},
};

pub use canonical::{Codes, Part, Prepared, Statement};

/// Most asks in a query.
pub const MOST_ASKS: usize = 64;
/// Most grouping variables beside time (docs/disclosure.md, R12).
pub const MOST_GROUPS: usize = 2;
/// Most derived variables in a query.
pub const MOST_DERIVED: usize = 16;
/// Most variables in a predicate (docs/disclosure.md, R12).
pub const MOST_VARIABLES: usize = 4;
/// Most comparisons in a predicate: a range of each variable.
pub const MOST_COMPARISONS: usize = 8;
/// Most cells of one answer.
pub const MOST_CELLS: usize = 2000;

/// What a site is to compute.
#[derive(Clone, PartialEq)]
pub struct Plan {
    /// The data set.
    pub dataset: DatasetId,
    /// What is counted.
    pub unit: Unit,
    /// The most records one person may have: 1 when people are counted.
    pub records_per_person: u32,
    /// The analysis columns, each once: a code per person or row.
    pub columns: Vec<Column>,
    /// Who is in; everybody when `None`.
    pub cohort: Option<Condition>,
    /// Whether the cohort names a sensitive variable.
    pub cohort_sensitivity: Sensitivity,
    /// What is asked.
    pub asks: Vec<PlannedAsk>,
    /// Groups first, then time; the cells are their product, the last changing fastest.
    pub axes: Vec<CellAxis>,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// People, one value each.
    People,
    /// Rows of the table at this place; the people behind them are counted too.
    Rows(usize),
}

/// An analysis column: where its values come from and what they are.
#[derive(Clone, PartialEq)]
pub struct Column {
    /// Where its values come from.
    pub source: Source,
    /// Name, type, and whether a value may be missing in this use.
    pub variable: Variable,
}

/// Where a value comes from.
#[derive(Clone, PartialEq)]
pub enum Source {
    /// A declared variable.
    Declared(Place),
    /// Made from the rows of a table.
    Derived(Box<Derived>),
}

/// How a value is made from rows, in places and codes.
#[derive(Clone, PartialEq)]
pub struct Derived {
    /// What is taken.
    pub take: Take,
    /// Place of the table.
    pub table: usize,
    /// Place of the variable in the table; `None` for count and exists.
    pub variable: Option<usize>,
    /// Which rows; looks at declared variables of this table alone.
    pub rows: Option<Condition>,
    /// When the rows are.
    pub window: Option<WindowOf>,
    /// The largest code the result may have.
    pub highest: i32,
}

/// Days relative to an index event, both ends included.
#[derive(Clone, PartialEq)]
pub struct WindowOf {
    /// First day.
    pub from: i32,
    /// Last day.
    pub to: i32,
    /// The date of the event, a value per person.
    pub index: Source,
    /// Days to add to the index date's code to compare it with the table's time codes.
    pub shift: i32,
}

/// Which people or rows, in places and codes. A missing value satisfies only `Missing`.
#[derive(Clone, PartialEq)]
pub enum Condition {
    /// All hold.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// The code lies in this range.
    Within(Source, Range<i32>),
    /// The code is one of these.
    OneOf(Source, Vec<i32>),
    /// There is no value.
    Missing(Source),
    /// The person has a row in the table such that.
    Has {
        /// Place of the table.
        table: usize,
        /// Which rows.
        rows: Option<Box<Condition>>,
        /// When the rows are.
        window: Option<WindowOf>,
    },
}

/// An ask with its operands found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedAsk {
    /// As it was written.
    pub text: String,
    /// Name of the statistic.
    pub statistic: String,
    /// Its operands.
    pub operands: Vec<Operand>,
}

/// A column as a statistic takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operand {
    /// Place in [`Plan::columns`].
    pub column: usize,
    /// Its classes; `None` for an undivided continuous or date column.
    pub axis: Option<Axis>,
}

/// A column divided into classes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Axis {
    /// Place in [`Plan::columns`].
    pub column: usize,
    /// How codes map to classes.
    pub classes: Classes,
    /// A label for each class.
    pub labels: Vec<String>,
}

/// How codes map to classes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Classes {
    /// The class is the code.
    Codes,
    /// The class is the last edge at or below the code; edges ascend from 0.
    Edges(Vec<i32>),
    /// Class 1 for this code, 0 for any other.
    Is(i32),
}

/// An axis of cells; missing is a cell of its own where it may occur.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellAxis {
    /// What the cells are called by: `sex`, `month:admission`.
    pub title: String,
    /// Groups, or time.
    pub kind: AxisKind,
    /// The classes.
    pub axis: Axis,
    /// Whether there is one more class, for missing.
    pub missing: Missing,
}

/// What the cells of an axis are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AxisKind {
    /// Groups of people or rows.
    Group,
    /// Periods of so long each.
    Time(Bucket),
}

impl Plan {
    /// A plan that asks nothing, of everybody.
    pub fn everybody(dataset: &DatasetId) -> Self {
        Self {
            dataset: dataset.clone(),
            unit: Unit::People,
            records_per_person: 1,
            columns: Vec::new(),
            cohort: None,
            cohort_sensitivity: Sensitivity::Plain,
            asks: Vec::new(),
            axes: Vec::new(),
        }
    }

    /// Whether the people of a cell, chosen by these columns too, are chosen by a sensitive variable. Never plain where a
    /// site takes it for sensitive.
    pub fn sensitivity(&self, columns: &[usize]) -> Sensitivity {
        let axes = self.axes.iter().map(|axis| axis.axis.column);
        let of =
            |column: usize| self.column(column).map_or(Sensitivity::Sensitive, |column| column.variable.sensitivity);
        axes.chain(columns.iter().copied()).map(of).fold(self.cohort_sensitivity, Sensitivity::or)
    }

    /// Number of cells of the answer.
    pub fn cells(&self) -> usize {
        self.axes.iter().map(CellAxis::len).product()
    }

    /// The labels of a cell, one for each axis.
    pub fn labels(&self, cell: usize) -> Vec<&str> {
        let mut rest = cell;
        let mut labels: Vec<&str> = Vec::with_capacity(self.axes.len());
        for axis in self.axes.iter().rev() {
            labels.push(axis.axis.labels.get(rest % axis.len()).map_or("missing", String::as_str));
            rest /= axis.len();
        }
        labels.reverse();
        labels
    }

    /// The column at a place; a plan has no operand without its column.
    pub fn column(&self, place: usize) -> Option<&Column> {
        self.columns.get(place)
    }
}

impl CellAxis {
    /// Number of classes, the one for missing included.
    #[expect(clippy::len_without_is_empty, reason = "an axis is never empty")]
    pub fn len(&self) -> usize {
        self.axis.labels.len() + usize::from(self.missing == Missing::May)
    }
}

impl Axis {
    /// Number of classes, the one for missing not included.
    #[expect(clippy::len_without_is_empty, reason = "an axis is never empty")]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// The class of a code, or `None` for missing.
    pub fn class(&self, code: i32) -> Option<usize> {
        if code < 0 {
            return None;
        }
        Some(match &self.classes {
            Classes::Codes => code as usize,
            Classes::Edges(edges) => edges.partition_point(|edge| *edge <= code).saturating_sub(1),
            Classes::Is(level) => usize::from(code == *level),
        })
    }
}

#[cfg(test)]
mod tests;
