//! The type of a column, guessed from its look and written as TOML.

use time::Date;

use super::{
    column::{Look, SHARED_BY},
    names::identifies,
    number,
    table::quoted,
};

/// More different numbers than this are measured, fewer are codes.
const CODES: usize = 10;
/// Years are rounded outward to so many.
const YEARS: i32 = 5;

/// Levels of those who have none of the others. Who knows a few of them would else learn of each.
const RESIDUAL: [&str; 10] = [
    "other",
    "others",
    "unknown",
    "unspecified",
    "not specified",
    "autre",
    "autres",
    "inconnu",
    "inconnue",
    "non précisé",
];

/// A guess.
pub(super) enum Guess {
    /// The keys of a variable's entry, and what to check.
    Take { keys: String, checks: Vec<String>, is_date: bool },
    /// Why the column is left out.
    Leave(&'static str),
}

/// Guesses from the name and the look of a column; `is_unique` when no value stands twice. `rows` is the most that a person has.
pub(super) fn guess(column: &str, look: &Look, is_unique: bool, rows: u32) -> Guess {
    if identifies(column) {
        return Guess::Leave("its name says that it tells who somebody is");
    }
    if look.is_empty() {
        return Guess::Leave("it is empty");
    }
    if let Some((first, last)) = look.days() {
        return dates(first, last);
    }
    if look.is_free {
        return Guess::Leave("free text or identifiers are not taken");
    }
    let words = look.words();
    if let Some(keys) = binary(&words) {
        return Guess::Take { keys, checks: Vec::new(), is_date: false };
    }
    match look.numbers() {
        Some((.., 0)) if look.has_many && is_unique => {
            Guess::Leave("another whole number in every row identifies people")
        }
        Some(numbers) if look.distinct() > CODES => measured(numbers, rows),
        _ if look.has_many => Guess::Leave("free text or identifiers are not taken"),
        _ => levels(look, words.len()),
    }
}

fn dates(first: Date, last: Date) -> Guess {
    let down = |year: i32| year.div_euclid(YEARS) * YEARS;
    let (from, to) = (down(first.year()), down(last.year()) + YEARS - 1);
    if !(0..=9999).contains(&from) || to > 9999 {
        return Guess::Leave("its days are outside the calendar");
    }
    let keys = format!("type = \"date\", granularity = \"day\", from = {from:04}-01-01, to = {to:04}-12-31");
    let check = "granularity may be day, month or year: keep no more than is needed; narrow from and to".to_owned();
    Guess::Take { keys, checks: vec![check], is_date: true }
}

/// A pair of words for no and yes.
fn binary(words: &[&str]) -> Option<String> {
    let [one, other] = words else { return None };
    let plain = [["0", "1"], ["false", "true"], ["no", "yes"]];
    let is = |pair: &[&str; 2]| {
        let same = |word: &str, of: &str| word.eq_ignore_ascii_case(of);
        (same(one, pair[0]) && same(other, pair[1])) || (same(one, pair[1]) && same(other, pair[0]))
    };
    if plain.iter().any(is) {
        return Some("type = \"binary\"".to_owned());
    }
    // What statistical programs make of 0 and 1 when a value is missing.
    is(&["0.0", "1.0"]).then(|| "type = \"binary\", yes = [\"1.0\"], no = [\"0.0\"]".to_owned())
}

fn measured((least, most, decimals): (f64, f64, usize), rows: u32) -> Guess {
    let Some(bounds) = number::bounds(least, most, decimals, rows) else {
        return Guess::Leave("its numbers are too large for a scale");
    };
    let number::Bounds { lower, upper, resolution, rounded } = bounds;
    let keys =
        format!("type = \"continuous\", unit = \"1\", lower = {lower}, upper = {upper}, resolution = {resolution}");
    let mut checks = vec![
        "unit is a UCUM unit such as mg/L; \"1\" is a pure number".to_owned(),
        "lower and upper are rounded outward; set them to what is plausible for anybody".to_owned(),
    ];
    if rounded {
        checks.push("the file has more decimals than the resolution keeps".to_owned());
    }
    Guess::Take { keys, checks, is_date: false }
}

fn levels(look: &Look, all: usize) -> Guess {
    let shared = look.shared();
    // The model's rule for levels.
    let valid = |level: &&&str| **level != "missing" && !level.contains('\'');
    let kept: Vec<&str> = shared.iter().filter(valid).copied().collect();
    if kept.is_empty() {
        return Guess::Leave("no value is shared by five people");
    }
    let is_residual = |level: &str| RESIDUAL.contains(&level.to_lowercase().as_str());
    let several = kept.iter().find(|level| !is_residual(level));
    let mut checks = Vec::new();
    let mut level = |level: &str| match several.filter(|_| is_residual(level)) {
        Some(several) => {
            checks.push(format!("name the level that {level:?} is to be counted with"));
            format!("{{ name = {}, residual_of = {} }}", quoted(level), quoted(several))
        }
        None => quoted(level),
    };
    let levels: Vec<String> = kept.iter().map(|kept| level(kept)).collect();
    if shared.len() < all {
        checks.push(format!("values of fewer than {SHARED_BY} people were seen and are not listed; add their levels"));
    }
    if kept.len() < shared.len() {
        checks.push("a value that cannot be a level was seen (\"missing\", or with an apostrophe)".to_owned());
    }
    Guess::Take { keys: format!("type = \"categorical\", levels = [{}]", levels.join(", ")), checks, is_date: false }
}
