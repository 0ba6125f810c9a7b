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
}

impl Evidence {
    /// Looks at a number's text.
    pub(crate) fn number(&mut self, text: &str) {
        let (points, commas) = (text.matches('.').count(), text.matches(',').count());
        match (points, commas) {
            (0, 0) => {}
            (_, 0) => self.numbers.one = true,
            (0, 1) => {
                let (whole, rest) = text.split_once(',').unwrap_or_default();
                let digits = whole.trim_start_matches(['-', '+']);
                // 1,234 may be a thousand or one and a bit; 0,234 may not.
                let is_open = rest.len() == 3 && (1..=3).contains(&digits.len()) && !digits.starts_with('0');
                self.numbers.either |= is_open;
                self.numbers.other |= !is_open;
            }
            // The last mark is the decimal one.
            _ => match text.rfind(['.', ',']).and_then(|place| text.as_bytes().get(place)) {
                Some(b',') if commas == 1 => self.numbers.other = true,
                _ => self.numbers.one = true,
            },
        }
    }

    /// Looks at a day's text.
    pub(crate) fn day(&mut self, text: &str) {
        if let Some(Parts::Either(first, second, _)) = parts(text) {
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
    /// A number as the file writes it: no digits are guessed, and thousands may stand apart.
    pub(crate) fn number(self, text: &str) -> Option<f64> {
        let (mark, thousands) = match self.decimal {
            Mark::Point => ('.', ','),
            Mark::Comma => (',', '.'),
        };
        if !text.contains([mark, thousands, '\u{a0}', '\u{202f}', ' ', '\'']) {
            return number(text);
        }
        let (whole, rest) = text.split_once(mark).map_or((text, None), |(whole, rest)| (whole, Some(rest)));
        let mut plain = String::with_capacity(text.len());
        let mut groups = whole.split([thousands, '\u{a0}', '\u{202f}', ' ', '\'']);
        plain.push_str(groups.next().unwrap_or_default());
        for group in groups {
            // Thousands are groups of three digits.
            if group.len() != 3 || plain.trim_start_matches(['-', '+']).is_empty() {
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
            Parts::Either(first, second, year) => match self.dates {
                DateOrder::DayFirst => (year, second, first),
                DateOrder::MonthFirst => (year, first, second),
            },
        };
        Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
    }
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
    let end = text.find(['T', ' ']).filter(|end| *end >= 8).unwrap_or(text.len());
    let (day, rest) = text.split_at_checked(end)?;
    if !rest.is_empty() && !is_time(rest.get(1..)?) {
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
    // With points the day is always the first.
    Some(if mark == '.' { Parts::Certain(year, second, first) } else { Parts::Either(first, second, year) })
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

/// A time of day after a day: hours and minutes at the least.
fn is_time(text: &str) -> bool {
    let time = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| time.get(range).is_some_and(|two| two.iter().all(u8::is_ascii_digit));
    let clock = digits(0..2) && time.get(2) == Some(&b':') && digits(3..5);
    clock && time.iter().all(|byte| byte.is_ascii_digit() || b":.+-Z ".contains(byte))
}
