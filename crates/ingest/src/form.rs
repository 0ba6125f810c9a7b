//! How a file writes numbers and days, recognised from all of its values.
//!
//! Nothing is assumed where two readings are possible: 01/02/2020 and 1,234 need a word in the mapping, unless another value of the file
//! decides.

use coda_model::{
    calendar::{Bucket, parse_iso},
    variable::DateRange,
};
use serde::Deserialize;
use time::{Date, Month};

use crate::Rule;

/// The decimal mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub(crate) enum Mark {
    /// 1.5
    #[default]
    #[serde(rename = ".")]
    Point,
    /// 1,5
    #[serde(rename = ",")]
    Comma,
}

/// The order of a day's parts where the year is the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub(crate) enum DateOrder {
    /// 31/12/2020
    #[default]
    #[serde(rename = "day/month/year")]
    DayFirst,
    /// 12/31/2020
    #[serde(rename = "month/day/year")]
    MonthFirst,
}

/// How a file writes numbers and days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Form {
    pub(crate) decimal: Mark,
    pub(crate) dates: DateOrder,
}

/// What the values of a file say of its form.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Evidence {
    /// Point and comma.
    numbers: Seen,
    /// Day first and month first.
    days: Seen,
}

/// Which of two readings values have.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    one: bool,
    other: bool,
    /// A value that has both.
    either: bool,
}

/// A day as three numbers.
enum Parts {
    /// Year, month, day.
    Certain(i32, u8, u8),
    /// Two numbers that may be day and month, in either order; then the year.
    Either(u8, u8, i32),
    /// The same with points, where the day is the first.
    Pointed(u8, u8, i32),
}

impl Evidence {
    /// Looks at a number's text. What is a number in one form alone decides; what is one in both does not.
    pub(crate) fn number(&mut self, text: &str) {
        let of = |decimal| Form { decimal, ..Form::default() }.number(text);
        match (of(Mark::Point), of(Mark::Comma)) {
            (Some(_), None) => self.numbers.one = true,
            (None, Some(_)) => self.numbers.other = true,
            (Some(point), Some(comma)) if (point - comma).abs() > 0.0 => self.numbers.either = true,
            _ => {}
        }
    }

    /// Looks at a day's text.
    pub(crate) fn day(&mut self, text: &str) {
        if let Some(Parts::Either(first, second, year)) = parts(text)
            && [(first, second), (second, first)].into_iter().any(|(day, month)| date(year, month, day).is_some())
        {
            self.days.one |= first > 12 && second <= 12;
            self.days.other |= second > 12 && first <= 12;
            self.days.either |= first <= 12 && second <= 12 && first != second;
        }
    }

    /// The form, or the rules that nothing decides.
    pub(crate) fn form(self, decimal: Option<Mark>, dates: Option<DateOrder>) -> (Form, Vec<Rule>) {
        let mut open = Vec::new();
        let decimal = decimal.unwrap_or_else(|| match (self.numbers.one, self.numbers.other) {
            (true, true) => {
                open.push(Rule::MixedNumbers);
                Mark::Point
            }
            (false, true) => Mark::Comma,
            (true, false) => Mark::Point,
            (false, false) => {
                if self.numbers.either {
                    open.push(Rule::AmbiguousNumbers);
                }
                Mark::Point
            }
        });
        let dates = dates.unwrap_or_else(|| match (self.days.one, self.days.other) {
            (true, true) => {
                open.push(Rule::MixedDates);
                DateOrder::DayFirst
            }
            (true, false) => DateOrder::DayFirst,
            (false, true) => DateOrder::MonthFirst,
            (false, false) => {
                if self.days.either {
                    open.push(Rule::AmbiguousDates);
                }
                DateOrder::DayFirst
            }
        });
        (Form { decimal, dates }, open)
    }

    /// What was recognised, for a person.
    pub(crate) fn said(self, form: Form) -> Vec<String> {
        let mut said = Vec::new();
        if self.numbers.other {
            said.push("decimal comma".to_owned());
        }
        match form.dates {
            DateOrder::DayFirst if self.days.one => said.push("days as day/month/year".to_owned()),
            DateOrder::MonthFirst if self.days.other => said.push("days as month/day/year".to_owned()),
            _ => {}
        }
        said
    }
}

impl Form {
    /// A number as the file writes it: no digits are guessed, and thousands may stand apart, in groups of three.
    pub(crate) fn number(self, text: &str) -> Option<f64> {
        let (mark, thousands) = match self.decimal {
            Mark::Point => ('.', ','),
            Mark::Comma => (',', '.'),
        };
        let plain = text.strip_prefix('\u{2212}').map(|rest| format!("-{rest}"));
        let text = plain.as_deref().unwrap_or(text);
        let apart = [thousands, '\u{a0}', '\u{202f}', ' ', '\'', '\u{2019}'];
        let (whole, rest) = text.split_once(mark).map_or((text, None), |(whole, rest)| (whole, Some(rest)));
        if !whole.contains(apart) {
            return match rest {
                Some(rest) if mark == ',' => number(&format!("{whole}.{rest}")),
                _ => number(text),
            };
        }
        let mut groups = whole.split(apart);
        let first = groups.next().unwrap_or_default();
        let digits = first.trim_start_matches(['-', '+']);
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits.len() > 3 || digits.starts_with('0') || !is_number(digits) {
            return None;
        }
        let mut plain = first.to_owned();
        for group in groups {
            if group.len() != 3 || !is_number(group) {
                return None;
            }
            plain.push_str(group);
        }
        if let Some(rest) = rest {
            plain.push('.');
            plain.push_str(rest);
        }
        number(&plain)
    }

    /// A day as the file writes it, also with a time after it: then the day as it is written, whatever the offset. What is as fine as the
    /// range is kept is enough: a year or a month.
    pub(crate) fn day(self, text: &str, range: &DateRange) -> Option<Date> {
        if let Some(day) = coarse(text, range) {
            return Some(day);
        }
        let (year, month, day) = match parts(text)? {
            Parts::Certain(year, month, day) => (year, month, day),
            // A file of months first that has points as well is not understood.
            Parts::Pointed(..) if self.dates == DateOrder::MonthFirst => return None,
            Parts::Pointed(first, second, year) => (year, second, first),
            Parts::Either(first, second, year) => match self.dates {
                DateOrder::DayFirst => (year, second, first),
                DateOrder::MonthFirst => (year, first, second),
            },
        };
        date(year, month, day)
    }
}

fn date(year: i32, month: u8, day: u8) -> Option<Date> {
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| !number.is_nan())
}

/// A year or a month, where nothing finer is kept: its first day in the range.
fn coarse(text: &str, range: &DateRange) -> Option<Date> {
    let numbers = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let year = |text: &str| (text.len() == 4 && numbers(text)).then(|| text.parse::<i32>().ok()).flatten();
    let (first, last) = match text.len() {
        4 if range.granularity == Bucket::Year => {
            let year = year(text)?;
            (
                Date::from_calendar_date(year, Month::January, 1).ok()?,
                Date::from_calendar_date(year, Month::December, 31).ok()?,
            )
        }
        6 if range.granularity == Bucket::Year && text.ends_with(".0") => return coarse(text.get(..4)?, range),
        7 if range.granularity >= Bucket::Month => {
            let (text, month) = text.split_once(['-', '/'])?;
            let (year, month) = (year(text)?, Month::try_from(month.parse::<u8>().ok()?).ok()?);
            let first = Date::from_calendar_date(year, month, 1).ok()?;
            (first, first.replace_day(month.length(year)).ok()?)
        }
        _ => return None,
    };
    Some(if first < range.from && last >= range.from { range.from } else { first })
}

fn parts(text: &str) -> Option<Parts> {
    let (day, time) = split_time(text);
    if time.is_some_and(|time| !is_time(time)) {
        return None;
    }
    if day.starts_with(|first: char| first.is_ascii_digit())
        && let Some(date) = parse_iso(day)
    {
        return Some(Parts::Certain(date.year(), date.month().into(), date.day()));
    }
    if day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()) {
        let number = |range: std::ops::Range<usize>| day.get(range)?.parse::<i32>().ok();
        return Some(Parts::Certain(number(0..4)?, number(4..6)? as u8, number(6..8)? as u8));
    }
    if let Some(named) = named(day) {
        return Some(named);
    }
    let mark = day.chars().find(|c| !c.is_ascii_digit()).filter(|mark| matches!(mark, '.' | '/' | '-'))?;
    let mut fields = day.split(mark);
    let (first, second, third) = (fields.next()?, fields.next()?, fields.next()?);
    let digits = |text: &str| !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    if fields.next().is_some() || ![first, second, third].into_iter().all(digits) {
        return None;
    }
    if first.len() == 4 && second.len() <= 2 && third.len() <= 2 {
        return Some(Parts::Certain(first.parse().ok()?, second.parse().ok()?, third.parse().ok()?));
    }
    // A year of two digits may be of two centuries.
    if third.len() != 4 || first.len() > 2 || second.len() > 2 {
        return None;
    }
    let (first, second, year) = (first.parse().ok()?, second.parse().ok()?, third.parse().ok()?);
    Some(if mark == '.' { Parts::Pointed(first, second, year) } else { Parts::Either(first, second, year) })
}

/// 01MAR2020 and 1-Mar-2020, as SAS and others write it.
fn named(day: &str) -> Option<Parts> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let letters = day.find(|c: char| c.is_ascii_alphabetic())?;
    let name = day.get(letters..letters + 3)?.to_ascii_lowercase();
    let month = MONTHS.iter().position(|month| **month == name)? as u8 + 1;
    let year = day.get(letters + 3..)?.trim_start_matches('-');
    let day = day.get(..letters)?.trim_end_matches('-');
    (year.len() == 4).then_some(Parts::Certain(year.parse().ok()?, month, day.parse().ok()?))
}

/// A day and what follows it: after a T or a space, or after the colon that SAS writes.
fn split_time(text: &str) -> (&str, Option<&str>) {
    let place = text.char_indices().find(|(place, c)| *place >= 8 && matches!(c, 'T' | ' ' | ':'));
    match place.and_then(|(place, _)| Some((text.get(..place)?, text.get(place + 1..)?))) {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    }
}

/// A time of day after a day: hours and minutes at the least, also with AM or PM, or a zone.
fn is_time(text: &str) -> bool {
    let hours = text.find(':').unwrap_or_default();
    let minutes = text.get(hours + 1..hours + 3).unwrap_or_default();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let clock = hours <= 2 && text.get(..hours).is_some_and(digits) && minutes.len() == 2 && digits(minutes);
    let rest = text.get(hours + 3..).unwrap_or_default();
    let rest = rest.trim_end_matches("UTC").trim_end_matches("AM").trim_end_matches("PM");
    clock && rest.bytes().all(|byte| byte.is_ascii_digit() || b":.,+-Z ".contains(&byte))
}
