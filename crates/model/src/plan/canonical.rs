//! The canonical text of a planned query and of the sets of records it counts (disclosure.md 1.0, 2.2, 2.3).
//!
//! Cohorts that mean the same have one text: order, nesting, negation, split or merged intervals, distribution and
//! absorption make no difference, nor whether a class was reached by a filter, a group or a derived variable. That is
//! because a condition is turned into its decision diagram over the sources it looks at, in the order of their texts,
//! and there is only one such diagram for a function (Bryant, Graph-based algorithms for Boolean function manipulation,
//! IEEE Trans. Comput. C-35(8) 1986, doi:10.1109/TC.1986.1676819).
//!
//! Equal texts choose the same records in any build of the dictionary; that is what a cached answer rests on. The
//! converse holds as far as sources are independent: `max(lab.crp) >= 10` and `has lab (crp >= 10)` choose the same
//! people and have two texts. Such pairs are the pair rule's to find, by the people themselves.
//!
//! Values stand in a text as values, levels and days, not as codes, so that a text kept from an earlier build does not
//! mean something else when the dictionary inserts a level or moves a bound.

mod codes;
mod form;
mod view;
mod words;

use std::fmt;

use self::{
    form::{Form, values_text},
    view::{Subject, View, source_kind, source_text},
};
use super::{Axis, Plan, Source, Unit};
use crate::{BuildId, dictionary::Dataset, variable::Missing};

pub use codes::Codes;
pub use words::Words;

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

impl Plan {
    /// The canonical text of the whole query: data set, unit, cohort, columns, axes, and the asks with their operands,
    /// in their order. Names of derived variables and how things were written do not count; what they mean does. Plans
    /// with equal texts have equal frames on a build, ask by ask and cell by cell; labels may differ.
    pub fn canonical(&self, dataset: &Dataset) -> String {
        let mut text = self.set_text(dataset, &[]);
        // Two columns may be the same in two ways, and operands name columns by place, so places are part of the text.
        for column in &self.columns {
            let missing = missing_word(column.variable.missing);
            text.push_str(&format!("\ncolumn {}{missing}", source_text(dataset, &column.source)));
        }
        for axis in &self.axes {
            let missing = missing_word(axis.missing);
            text.push_str(&format!("\nby {}{missing}", self.axis_text(dataset, &axis.axis)));
        }
        for ask in &self.asks {
            text.push_str(&format!("\nof {:?}", ask.statistic));
            for operand in &ask.operands {
                text.push(' ');
                match &operand.axis {
                    Some(axis) => text.push_str(&self.axis_text(dataset, axis)),
                    None => text.push_str(&operand.column.to_string()),
                }
            }
        }
        text
    }

    /// The canonical text of the set of records that meet the cohort and these parts. Starts with the data set and the
    /// unit: people, or the rows of a table, which are a unit of their own even where a person has at most one.
    /// [`Plan::prepared`] is for many texts of one plan.
    pub fn set_text(&self, dataset: &Dataset, parts: &[Part<'_>]) -> String {
        self.prepared(dataset).text(parts)
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

    /// A divided column: its place and what each class holds, so that `dead` and `dead=yes` are the same.
    fn axis_text(&self, dataset: &Dataset, axis: &Axis) -> String {
        let column = self.column(axis.column);
        let kind = column.and_then(|column| source_kind(dataset, &column.source));
        let highest = column.map_or(i32::MAX, |column| column.variable.kind.highest());
        let classes = (0..axis.len()).map(|class| values_text(kind, &Codes::of_class(axis, class, highest)));
        format!("{}({})", axis.column, classes.collect::<Vec<_>>().join(" | "))
    }
}

impl<'a> Prepared<'a> {
    /// The canonical text of the set of records that meet the cohort and these parts, as [`Plan::set_text`] gives it.
    pub fn text(&self, parts: &[Part<'_>]) -> String {
        format!("{} where {}", self.head, self.all(self.cohort.clone(), parts).text())
    }

    /// What is said of the records of a build that meet the cohort, these parts, and all of any of those; of nobody when there are
    /// none of those.
    pub fn words(&self, build: &BuildId, parts: &[Part<'_>], any: &[Vec<Part<'_>>]) -> Words {
        let any = any.iter().fold(Form::Never, |any, parts| any.or(&self.all(Form::Always, parts)));
        Words::of(&self.all(self.cohort.clone(), parts).and(&any), build)
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

impl fmt::Debug for Prepared<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepared(…)")
    }
}

#[cfg(test)]
mod tests;
