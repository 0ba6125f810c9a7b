use coda_model::nearest::nearest;

use crate::{
    Rule,
    report::{Notes, Spot},
    sheet::{Sheet, same},
};

/// The longest name of a column that is shown.
const NAME_SHOWN: usize = 64;
/// The most columns not taken that are named.
const NAMES_SHOWN: usize = 100;

/// A header that has every wanted column once.
pub(super) struct Header {
    /// The place of the person key and then of every wanted column.
    pub(super) places: Vec<usize>,
    /// The other columns.
    pub(super) not_taken: Vec<String>,
}

/// Finds the wanted columns, or notes what is wrong with the header.
pub(super) fn check(wanted: &[&str], sheet: &Sheet, file: &str, notes: &mut Notes) -> Option<Header> {
    let spot = |column| Spot { file, line: None, column };
    let Some(names) = sheet.names() else {
        notes.add(Spot { line: Some(1), ..spot(None) }, Rule::BrokenHeader, || None);
        return None;
    };
    let mut places = Vec::new();
    let mut valid = true;
    for column in wanted {
        let places_of = |is: &dyn Fn(&str) -> bool| -> Vec<usize> {
            names.iter().enumerate().filter(|(_, name)| is(name)).map(|(place, _)| place).collect()
        };
        // In the case that is written first: two columns may differ in nothing else.
        let exact = places_of(&|name| name == column.trim());
        let found = if exact.is_empty() { places_of(&|name| same(name, column)) } else { exact };
        let rule = match found.as_slice() {
            [place] => {
                places.push(*place);
                continue;
            }
            [] => Rule::MissingColumn,
            _ => Rule::DuplicateColumn,
        };
        valid = false;
        let (is_key, is_header) = (wanted.first() == Some(column), 2 * places.len() >= wanted.len());
        notes.add(spot(Some(column)), rule, || hint(rule, column, &names, (is_key, is_header)));
    }
    // Names are shown only when the first line is a header beyond doubt; else it may be a person's row.
    let others = names.iter().enumerate().filter(|(place, name)| !places.contains(place) && !name.is_empty());
    let not_taken = others.map(|(_, name)| shown(name)).take(NAMES_SHOWN).collect();
    valid.then_some(Header { places, not_taken })
}

/// What to do about a column that is missing. A name of the file is shown only where the first line is a header: else it may be a
/// person's row.
fn hint(rule: Rule, column: &str, names: &[String], (is_key, is_header): (bool, bool)) -> Option<String> {
    if rule != Rule::MissingColumn {
        return None;
    }
    let near = nearest(column, names.iter().map(String::as_str)).filter(|_| is_header);
    Some(match near {
        Some(near) => {
            let key = if is_key { "person" } else { "column" };
            format!("did you mean {}? then write {key} = {:?} into the mapping", shown(near), shown(near))
        }
        None if is_key => "write person = COLUMN into the mapping; header = NUMBER where the names are in a later line".to_owned(),
        None => "where the site does not have it, write collected = false into the mapping; header = NUMBER where the names are in a \
                 later line"
            .to_owned(),
    })
}

/// A name without what could steer a terminal.
fn shown(name: &str) -> String {
    name.chars().filter(|character| !character.is_control()).take(NAME_SHOWN).collect()
}
