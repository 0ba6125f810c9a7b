use coda_model::dictionary::Table;

use crate::{
    Rule,
    report::{Notes, Spot},
    sheet::Sheet,
};

/// The longest name of a column that is shown.
const NAME_SHOWN: usize = 64;
/// The most columns not taken that are named.
const NAMES_SHOWN: usize = 100;

/// A header that has every declared column once.
pub(super) struct Header {
    /// The place of the person key and then of every variable.
    pub(super) places: Vec<usize>,
    /// The other columns.
    pub(super) not_taken: Vec<String>,
}

/// The declared columns: the person key and then every variable's.
pub(super) fn wanted(table: &Table) -> impl Iterator<Item = &str> {
    std::iter::once(table.person.as_str()).chain(table.variables.iter().map(|variable| variable.column.as_str()))
}

/// Finds the declared columns, or notes what is wrong with the header.
pub(super) fn check(table: &Table, sheet: &Sheet, file: &str, notes: &mut Notes) -> Option<Header> {
    let spot = |column| Spot { file, line: None, column };
    let Some(names) = sheet.names() else {
        notes.add(Spot { line: Some(1), ..spot(None) }, Rule::BrokenHeader, || None);
        return None;
    };
    let mut places = Vec::new();
    let mut valid = true;
    for column in wanted(table) {
        let mut found = names.iter().enumerate().filter(|(_, name)| *name == column.trim()).map(|(place, _)| place);
        let rule = match (found.next(), found.next()) {
            (Some(place), None) => {
                places.push(place);
                continue;
            }
            (Some(_), Some(_)) => Rule::DuplicateColumn,
            (None, _) => Rule::MissingColumn,
        };
        valid = false;
        notes.add(spot(Some(column)), rule, || separator(rule, &names));
    }
    // Names are shown only when the first line is a header beyond doubt; else it may be a person's row.
    let others = names.iter().enumerate().filter(|(place, name)| !places.contains(place) && !name.is_empty());
    let not_taken = others.map(|(_, name)| shown(name)).take(NAMES_SHOWN).collect();
    valid.then_some(Header { places, not_taken })
}

/// A hint for the commonest reason that all columns are missing.
fn separator(rule: Rule, names: &[String]) -> Option<String> {
    let [only] = names else { return None };
    let other = rule == Rule::MissingColumn && only.contains([';', '\t', '|']);
    other.then(|| "the header has one field; separate fields by commas".to_owned())
}

/// A name without what could steer a terminal.
fn shown(name: &str) -> String {
    name.chars().filter(|character| !character.is_control()).take(NAME_SHOWN).collect()
}
