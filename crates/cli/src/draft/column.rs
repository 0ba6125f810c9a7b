//! What a column looks like, kept while its file is read once.

use std::collections::{BTreeMap, HashSet};

use coda_model::calendar::parse_iso;
use time::Date;

use super::number::decimals;

/// So many people share a level before it is named.
pub(super) const SHARED_BY: usize = 5;
/// The most different values that are told apart.
pub(super) const DISTINCT: usize = 50;
/// A longer value is free text.
const LEVEL_LENGTH: usize = 64;

/// The look of a column. Not printable: it holds values.
#[derive(Default)]
pub(super) struct Look {
    /// Every different value and some of the people who have it; none when there are too many.
    levels: BTreeMap<String, HashSet<u64>>,
    pub(super) has_many: bool,
    /// Whether a field was no text, or longer than any level.
    pub(super) is_free: bool,
    /// Least, most and decimals, while every value is a number.
    numbers: Option<(f64, f64, usize)>,
    /// First and last, while every value is a day.
    days: Option<(Date, Date)>,
    values: u64,
    numeric: u64,
    dated: u64,
}

impl Look {
    /// Takes a field of a person's row.
    pub(super) fn see(&mut self, field: &[u8], person: u64) {
        let Ok(text) = std::str::from_utf8(field).map(str::trim) else {
            self.is_free = true;
            return;
        };
        if is_missing(text) {
            return;
        }
        self.values += 1;
        self.is_free |= text.chars().count() > LEVEL_LENGTH;
        if let Some(number) = text.parse::<f64>().ok().filter(|number| number.is_finite()) {
            let (least, most, places) = self.numbers.unwrap_or((number, number, 0));
            self.numbers = Some((least.min(number), most.max(number), places.max(decimals(number))));
            self.numeric += 1;
        }
        if let Some(day) = day(text) {
            let (first, last) = self.days.unwrap_or((day, day));
            self.days = Some((first.min(day), last.max(day)));
            self.dated += 1;
        }
        if self.has_many || self.is_free {
            return;
        }
        if !self.levels.contains_key(text) && self.levels.len() == DISTINCT {
            self.has_many = true;
            self.levels.clear();
            return;
        }
        let people = self.levels.entry(text.to_owned()).or_default();
        if people.len() < SHARED_BY {
            people.insert(person);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values == 0
    }

    /// Least, most and decimals, when every value is a number.
    pub(super) fn numbers(&self) -> Option<(f64, f64, usize)> {
        self.numbers.filter(|_| self.numeric == self.values)
    }

    /// First and last day, when every value is one.
    pub(super) fn days(&self) -> Option<(Date, Date)> {
        self.days.filter(|_| self.dated == self.values)
    }

    /// How many different values there are, as far as they are told apart.
    pub(super) fn distinct(&self) -> usize {
        if self.has_many { DISTINCT + 1 } else { self.levels.len() }
    }

    /// All different values. They may be shown only when many share them or they are words of the format.
    pub(super) fn words(&self) -> Vec<&str> {
        self.levels.keys().map(String::as_str).collect()
    }

    /// The values of at least five people, numbers in their order.
    pub(super) fn shared(&self) -> Vec<&str> {
        let shared = self.levels.iter().filter(|(_, people)| people.len() >= SHARED_BY);
        let mut shared: Vec<&str> = shared.map(|(level, _)| level.as_str()).collect();
        if self.numbers().is_some() {
            let number = |level: &str| level.parse().unwrap_or(f64::NAN);
            shared.sort_by(|a, b| number(a).total_cmp(&number(b)));
        }
        shared
    }
}

/// Whether trimmed text stands for no value, as it does for `coda-node build`.
pub(super) fn is_missing(text: &str) -> bool {
    text.is_empty() || ["na", "n/a", "nan", "null"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// A day, or the day of a time.
pub(super) fn day(text: &str) -> Option<Date> {
    let (day, rest) = text.split_at_checked(10)?;
    if rest.is_empty() || rest.starts_with(['T', ' ']) { parse_iso(day) } else { None }
}
