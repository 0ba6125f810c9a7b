//! Whether what chooses people, or what a value is made of, names a variable that the dictionary declares sensitive.

use super::{Condition, Derived, Source, WindowOf};
use crate::{
    dictionary::{Dataset, Place},
    rounding::Sensitivity,
};

pub(super) fn of_source(dataset: &Dataset, source: &Source) -> Sensitivity {
    match source {
        Source::Declared(place) => of_place(dataset, *place),
        Source::Derived(derived) => of_derived(dataset, derived),
    }
}

pub(super) fn of_derived(dataset: &Dataset, derived: &Derived) -> Sensitivity {
    let Derived { take: _, table, variable, rows, window, highest: _ } = derived;
    let own = variable.map_or(Sensitivity::Plain, |variable| of_place(dataset, Place { table: *table, variable }));
    own.or(of_rows(dataset, rows.as_ref(), window.as_ref()))
}

pub(super) fn of_rows(dataset: &Dataset, rows: Option<&Condition>, window: Option<&WindowOf>) -> Sensitivity {
    let rows = rows.map_or(Sensitivity::Plain, |rows| of_condition(dataset, rows));
    rows.or(window.map_or(Sensitivity::Plain, |window| of_source(dataset, &window.index)))
}

pub(super) fn of_condition(dataset: &Dataset, condition: &Condition) -> Sensitivity {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().map(|part| of_condition(dataset, part)).fold(Sensitivity::Plain, Sensitivity::or)
        }
        Condition::Not(part) => of_condition(dataset, part),
        Condition::Within(source, _) | Condition::OneOf(source, _) | Condition::Missing(source) => {
            of_source(dataset, source)
        }
        Condition::Has { table: _, rows, window } => of_rows(dataset, rows.as_deref(), window.as_ref()),
    }
}

fn of_place(dataset: &Dataset, place: Place) -> Sensitivity {
    dataset.variable(place).map_or(Sensitivity::Sensitive, |variable| variable.sensitivity)
}
