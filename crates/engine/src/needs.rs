//! Which columns of a build a plan needs.

use std::collections::BTreeSet;

use coda_model::{
    dictionary::{Dataset, Place},
    plan::{Condition, Derived, Plan, Source, Unit, WindowOf},
};

use crate::tables::Need;

/// The columns to load before [`crate::execute`], each once.
pub fn needs(plan: &Plan, dataset: &Dataset) -> BTreeSet<Need> {
    let mut needs = Needs { dataset, found: BTreeSet::new() };
    if let Unit::Rows(table) = plan.unit {
        needs.found.insert(Need::Person(table));
    }
    plan.columns.iter().for_each(|column| needs.source(&column.source));
    plan.cohort.iter().for_each(|cohort| needs.condition(cohort));
    needs.found
}

struct Needs<'a> {
    dataset: &'a Dataset,
    found: BTreeSet<Need>,
}

impl Needs<'_> {
    fn source(&mut self, source: &Source) {
        match source {
            Source::Declared(place) => {
                if place.table != self.dataset.people {
                    self.found.insert(Need::Person(place.table));
                }
                self.found.insert(Need::Variable(*place));
            }
            Source::Derived(derived) => {
                let Derived { take: _, table, variable, rows, window, highest: _ } = derived.as_ref();
                if let Some(variable) = variable {
                    self.found.insert(Need::Variable(Place { table: *table, variable: *variable }));
                }
                self.rows(*table, rows.as_ref(), window.as_ref());
            }
        }
    }

    fn rows(&mut self, table: usize, rows: Option<&Condition>, window: Option<&WindowOf>) {
        self.found.insert(Need::Person(table));
        if let Some(rows) = rows {
            self.condition(rows);
        }
        if let Some(WindowOf { from: _, to: _, index, shift: _ }) = window {
            let time = self.dataset.tables.get(table).and_then(|table| table.time);
            self.found.extend(time.map(|variable| Need::Variable(Place { table, variable })));
            self.source(index);
        }
    }

    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| self.condition(part)),
            Condition::Not(part) => self.condition(part),
            Condition::Within(source, _) | Condition::OneOf(source, _) | Condition::Missing(source) => {
                self.source(source);
            }
            Condition::Has { table, rows, window } => self.rows(*table, rows.as_deref(), window.as_ref()),
        }
    }
}
