//! The canonical text of what is asked: of the sets of records, and of an ask (docs/disclosure.md, R3, R15).
//!
//! Cohorts that mean the same have one text: order, nesting, negation, split or merged intervals, distribution and
//! absorption make no difference, nor whether a class was reached by a filter, a group or a derived variable. That is
//! because a condition is turned into its decision diagram over the sources it looks at, in the order of their texts,
//! and there is only one such diagram for a function (Bryant, Graph-based algorithms for Boolean function manipulation,
//! IEEE Trans. Comput. C-35(8) 1986, doi:10.1109/TC.1986.1676819).
//!
//! Equal texts choose the same records in any build of the dictionary. The converse holds as far as sources are independent:
//! `max(lab.crp) >= 10` and `has lab (crp >= 10)` choose the same people and have two texts. Such a pair gives an asker one
//! fresh wording, which the statement layer of the perturbation allows for.
//!
//! Values stand in a text as values, levels and days, not as codes, so that a text means the same when a later dictionary
//! inserts a level or moves a bound.

mod codes;
mod form;
mod view;

use std::fmt;

use self::{
    form::{Form, values_text},
    view::{Subject, View, source_kind, source_text},
};
use super::{Axis, Plan, Source, Unit};
use crate::{dictionary::Dataset, rounding::Sensitivity, variable::Missing};

pub use codes::Codes;

/// What a class of an axis, or having a value, adds to a cohort.
///
/// `Debug` is silent: its codes may describe a person.
#[derive(Clone)]
pub struct Part<'a> {
    /// Where the value comes from.
    pub source: &'a Source,
    /// The codes it may have; -1 is missing.
    pub codes: Codes,
}

/// A plan's cohort made ready for the texts of many sets.
///
/// `Debug` is silent: a cohort's constants may describe a person.
#[derive(Clone)]
pub struct Prepared<'a> {
    view: View<'a>,
    head: String,
    cohort: Form<'a>,
    /// The plan's columns; their texts are made once, since a derived one takes a while.
    columns: Vec<(&'a Source, Subject<'a>)>,
}

/// What a query set is said to be: the canonical predicate that chooses its records.
///
/// `Debug` is silent: its constants may describe a person.
#[derive(Clone, PartialEq, Eq)]
pub struct Statement {
    /// Data set, unit and predicate.
    pub text: String,
    /// Whether the predicate names a sensitive variable.
    pub sensitivity: Sensitivity,
}

impl Plan {
    /// The canonical text of one ask: cohort, groups, statistic and operands. Names of derived variables and how things were
    /// written do not count; what they mean does. Asks with equal texts have equal figures on a build; labels may differ.
    pub fn ask_text(&self, dataset: &Dataset, ask: usize) -> String {
        let mut text = self.cohort_text(dataset);
        for axis in &self.axes {
            let missing = missing_word(axis.missing);
            text.push_str(&format!("\nby {}{missing}", self.axis_text(dataset, &axis.axis)));
        }
        let Some(ask) = self.asks.get(ask) else { return text };
        text.push_str(&format!("\nof {:?}", ask.statistic));
        for operand in &ask.operands {
            let column = self.column(operand.column);
            let missing = column.map_or("", |column| missing_word(column.variable.missing));
            let source = || column.map(|column| source_text(dataset, &column.source)).unwrap_or_default();
            let operand = operand.axis.as_ref().map_or_else(source, |axis| self.axis_text(dataset, axis));
            text.push_str(&format!(" {operand}{missing}"));
        }
        text
    }

    /// The canonical text of the cohort.
    pub fn cohort_text(&self, dataset: &Dataset) -> String {
        self.prepared(dataset).statement(&[]).text
    }

    /// The cohort made ready for the texts of many sets.
    pub fn prepared<'a>(&'a self, dataset: &'a Dataset) -> Prepared<'a> {
        let (view, unit) = match self.unit {
            Unit::People => (View::people(dataset), "people".to_owned()),
            Unit::Rows(table) => (View::rows(dataset, table), format!("rows of {}", view::table_text(dataset, table))),
        };
        Prepared {
            view,
            head: format!("{} {unit}", dataset.id),
            cohort: self.cohort.as_ref().map_or(Form::Always, |cohort| view.form(cohort)),
            columns: self.columns.iter().map(|column| (&column.source, view.subject(&column.source))).collect(),
        }
    }

    /// The canonical text of a source alone: equal texts have equal values for every person or row.
    pub fn source_text(dataset: &Dataset, source: &Source) -> String {
        source_text(dataset, source)
    }

    /// A divided column: its source and what each class holds, so that `dead` and `dead=yes` are the same.
    fn axis_text(&self, dataset: &Dataset, axis: &Axis) -> String {
        let column = self.column(axis.column);
        let kind = column.and_then(|column| source_kind(dataset, &column.source));
        let highest = column.map_or(i32::MAX, |column| column.variable.kind.highest());
        let classes = (0..axis.len()).map(|class| values_text(kind, &Codes::of_class(axis, class, highest)));
        let source = column.map(|column| source_text(dataset, &column.source)).unwrap_or_default();
        format!("{source}({})", classes.collect::<Vec<_>>().join(" | "))
    }
}

impl<'a> Prepared<'a> {
    /// The records that meet the cohort and these parts.
    pub fn statement(&self, parts: &[Part<'_>]) -> Statement {
        self.said(&self.all(self.cohort.clone(), parts))
    }

    /// Everybody but those.
    pub fn rest(&self, parts: &[Part<'_>]) -> Statement {
        self.said(&self.all(self.cohort.clone(), parts).not())
    }

    /// What the parts alone say, whatever the cohort.
    pub fn levels(&self, parts: &[Part<'_>]) -> Statement {
        self.said(&self.all(Form::Always, parts))
    }

    /// Those of them that miss a value, of whichever variable: a statement for each would give whoever makes variables that
    /// everybody misses as many statements of one set.
    pub fn missing(&self, parts: &[Part<'_>]) -> Statement {
        let Statement { text, sensitivity } = self.statement(parts);
        Statement { text: format!("{text} without a value"), sensitivity }
    }

    fn said(&self, form: &Form<'a>) -> Statement {
        Statement { text: format!("{} where {}", self.head, form.text()), sensitivity: form.sensitivity() }
    }

    fn all(&self, set: Form<'a>, parts: &[Part<'_>]) -> Form<'a> {
        parts.iter().fold(set, |set, part| {
            let known = self.columns.iter().find(|(source, _)| *source == part.source);
            set.and(&match known {
                Some((_, subject)) => subject.form(&part.codes),
                None => self.view.subject(part.source).form(&part.codes),
            })
        })
    }
}

fn missing_word(missing: Missing) -> &'static str {
    match missing {
        Missing::Never => "",
        Missing::May => " or missing",
    }
}

impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Part(…)")
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Statement(…)")
    }
}

impl fmt::Debug for Prepared<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepared(…)")
    }
}

#[cfg(test)]
mod tests;
