//! Sources and conditions of a plan as people, or the rows of a table, see them.

use std::sync::Arc;

use super::{
    Codes,
    form::{Form, Known},
};
use crate::{
    dictionary::{Dataset, Place, RowsPer},
    plan::{Condition, Derived, Source, WindowOf, sensitivity},
    query::Take,
    rounding::Sensitivity,
    scale::MISSING,
    variable::{Kind, Missing},
};

/// Whose codes are looked at.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    dataset: &'a Dataset,
    /// The table whose rows are looked at; people when `None`.
    rows: Option<usize>,
}

/// A source ready to be compared with codes.
#[derive(Clone)]
pub(super) struct Subject<'a> {
    known: Arc<Known<'a>>,
    read: Read,
}

/// How a source's codes are to be read.
#[derive(Clone, Copy)]
enum Read {
    /// As what is looked at has them.
    Plain,
    /// Whether the number of rows is above 0. So `has`, `exists` and `count` of the same rows look at the same thing.
    AnyRow,
}

/// Some rows of a table: what holds of them, and when they are.
struct Chosen<'a> {
    rows: Form<'a>,
    text: String,
    sensitivity: Sensitivity,
}

impl<'a> View<'a> {
    pub(super) fn people(dataset: &'a Dataset) -> Self {
        Self { dataset, rows: None }
    }

    pub(super) fn rows(dataset: &'a Dataset, table: usize) -> Self {
        Self { dataset, rows: Some(table) }
    }

    /// A condition in its only form.
    pub(super) fn form(self, condition: &Condition) -> Form<'a> {
        let among = |source, codes: Codes| {
            // A missing value meets no comparison.
            self.subject(source).form(&codes.intersect(&Codes::present(i32::MAX)))
        };
        match condition {
            Condition::All(parts) => parts.iter().fold(Form::Always, |all, part| all.and(&self.form(part))),
            Condition::Any(parts) => parts.iter().fold(Form::Never, |any, part| any.or(&self.form(part))),
            Condition::Not(part) => self.form(part).not(),
            Condition::Within(source, range) => among(source, Codes::from(range.clone())),
            Condition::OneOf(source, codes) => {
                among(source, Codes::of(codes.iter().map(|code| *code..code.saturating_add(1))))
            }
            Condition::Missing(source) => self.subject(source).form(&Codes::missing()),
            Condition::Has { table, rows, window } => {
                let chosen = Chosen::of(self.dataset, *table, None, rows.as_deref(), window.as_ref());
                Subject { known: self.count(*table, &chosen), read: Read::AnyRow }.form(&Codes::one(1))
            }
        }
    }

    /// What a condition on a source looks at.
    pub(super) fn subject(self, source: &Source) -> Subject<'a> {
        let derived = match meaning(self.dataset, source) {
            Meaning::Declared(place) => return Subject { known: self.declared(place), read: Read::Plain },
            Meaning::Derived(derived) => derived,
        };
        let chosen = Chosen::of_derived(self.dataset, derived);
        let (known, read) = match derived.take {
            Take::Count => (self.count(derived.table, &chosen), Read::Plain),
            Take::Exists => (self.count(derived.table, &chosen), Read::AnyRow),
            Take::First | Take::Last | Take::Min | Take::Max | Take::Mean => {
                let highest = if chosen.rows == Form::Never { MISSING } else { derived.highest };
                let known = Known {
                    text: derived_text(self.dataset, derived, &chosen),
                    possible: Codes::missing().union(&Codes::present(highest)),
                    kind: source_kind(self.dataset, source),
                    sensitivity: sensitivity::of_derived(self.dataset, derived),
                };
                (Arc::new(known), Read::Plain)
            }
        };
        Subject { known, read }
    }

    fn declared(self, place: Place) -> Arc<Known<'a>> {
        let variable = self.dataset.variable(place);
        let present = Codes::present(variable.map_or(i32::MAX, |variable| variable.kind.highest()));
        // Every person has a row in the table of people, and a row has itself; elsewhere a person need not have one.
        let own = place.table == self.dataset.people || self.rows == Some(place.table);
        let never = own && variable.is_some_and(|variable| variable.missing == Missing::Never);
        Arc::new(Known {
            text: place_text(self.dataset, place.table, Some(place.variable)),
            possible: if never { present } else { present.union(&Codes::missing()) },
            kind: variable.map(|variable| &variable.kind),
            sensitivity: variable.map_or(Sensitivity::Sensitive, |variable| variable.sensitivity),
        })
    }

    /// The number of a person's chosen rows.
    fn count(self, table: usize, chosen: &Chosen<'a>) -> Arc<Known<'a>> {
        let most = self.dataset.tables.get(table).map_or(u32::MAX, |table| table.rows.most());
        let most = i32::try_from(most).unwrap_or(i32::MAX).max(1);
        Arc::new(Known {
            text: format!("count({}{})", table_text(self.dataset, table), chosen.text),
            possible: Codes::present(if chosen.rows == Form::Never { 0 } else { most }),
            kind: None,
            sensitivity: chosen.sensitivity,
        })
    }
}

impl<'a> Subject<'a> {
    /// Holds if the source's code is one of these.
    pub(super) fn form(&self, codes: &Codes) -> Form<'a> {
        let read = match self.read {
            Read::Plain => return Form::among(&self.known, codes),
            Read::AnyRow => [(0, 0..1), (1, 1..i32::MAX)],
        };
        let counts = read.into_iter().filter(|(code, _)| codes.contains(*code)).map(|(_, counts)| counts);
        Form::among(&self.known, &Codes::of(counts))
    }
}

impl<'a> Chosen<'a> {
    fn of_derived(dataset: &'a Dataset, derived: &Derived) -> Self {
        Self::of(dataset, derived.table, derived.variable, derived.rows.as_ref(), derived.window.as_ref())
    }

    /// The rows of a table that meet a condition, lie in a window and have a value of the variable, if one is wanted.
    fn of(
        dataset: &'a Dataset,
        table: usize,
        variable: Option<usize>,
        rows: Option<&Condition>,
        window: Option<&WindowOf>,
    ) -> Self {
        let view = View::rows(dataset, table);
        let mut form = rows.map_or(Form::Always, |rows| view.form(rows));
        // A row without what is wanted of it is passed over; saying so again does not make it another choice.
        let time = dataset.tables.get(table).and_then(|table| table.time).filter(|_| window.is_some());
        for variable in variable.into_iter().chain(time) {
            let own = Subject { known: view.declared(Place { table, variable }), read: Read::Plain };
            form = form.and(&own.form(&Codes::present(i32::MAX)));
        }
        if let Some(window) = window {
            form = form.and(&view.subject(&window.index).form(&Codes::present(i32::MAX)));
        }
        let mut text = if form == Form::Always { String::new() } else { format!(" where {}", form.text()) };
        if let Some(WindowOf { from, to, index, shift: _ }) = window {
            // The shift follows from the two dates.
            text.push_str(&format!(" within {from}..{to} of {}", source_text(dataset, index)));
        }
        Self { rows: form, text, sensitivity: sensitivity::of_rows(dataset, rows, window) }
    }
}

/// What a source comes to.
enum Meaning<'b> {
    Declared(Place),
    Derived(&'b Derived),
}

/// Taking the value of the only row there can be is the declared variable.
fn meaning<'b>(dataset: &Dataset, source: &'b Source) -> Meaning<'b> {
    match source {
        Source::Declared(place) => Meaning::Declared(*place),
        Source::Derived(derived) => match (derived.variable, &derived.rows, &derived.window) {
            (Some(variable), None, None) if one_row(dataset, derived.table) => {
                Meaning::Declared(Place { table: derived.table, variable })
            }
            _ => Meaning::Derived(derived),
        },
    }
}

/// The canonical text of the values of a source.
pub(super) fn source_text(dataset: &Dataset, source: &Source) -> String {
    match meaning(dataset, source) {
        Meaning::Declared(place) => place_text(dataset, place.table, Some(place.variable)),
        Meaning::Derived(derived) => derived_text(dataset, derived, &Chosen::of_derived(dataset, derived)),
    }
}

fn derived_text(dataset: &Dataset, derived: &Derived, chosen: &Chosen<'_>) -> String {
    format!("{}({}{})", derived.take, place_text(dataset, derived.table, derived.variable), chosen.text)
}

/// What the codes of a source stand for; `None` for numbers of rows.
pub(super) fn source_kind<'a>(dataset: &'a Dataset, source: &Source) -> Option<&'a Kind> {
    let place = match source {
        Source::Declared(place) => *place,
        Source::Derived(derived) => Place { table: derived.table, variable: derived.variable? },
    };
    dataset.variable(place).map(|variable| &variable.kind)
}

fn one_row(dataset: &Dataset, table: usize) -> bool {
    dataset.tables.get(table).is_some_and(|table| table.rows == RowsPer::One)
}

/// The name of a table; a place that the data set has not is told by its number, which is no name.
pub(super) fn table_text(dataset: &Dataset, table: usize) -> String {
    dataset.tables.get(table).map_or_else(|| format!("#{table}"), |table| table.id.to_string())
}

fn place_text(dataset: &Dataset, table: usize, variable: Option<usize>) -> String {
    let mut text = table_text(dataset, table);
    if let Some(variable) = variable {
        match dataset.variable(Place { table, variable }) {
            Some(variable) => text.push_str(&format!(".{}", variable.id)),
            None => text.push_str(&format!(".#{variable}")),
        }
    }
    text
}
