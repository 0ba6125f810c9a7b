//! Dates as days, and time buckets of them (ISO 8601).

use std::fmt;

use time::{Date, Duration, Month, macros::format_description};

/// The widths of time that figures may be given over, from fine to coarse. The origin of each is fixed: a week starts on
/// Monday, the others on the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bucket {
    /// One day.
    Day,
    /// An ISO week, Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// A calendar quarter.
    Quarter,
    /// A calendar year.
    Year,
}

impl Bucket {
    /// All buckets, from fine to coarse.
    pub const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// Reads the word for a bucket.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bucket| bucket.to_string() == word)
    }

    /// The first day of the bucket that `day` lies in.
    pub fn start(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => day.saturating_sub(Duration::days(i64::from(day.weekday().number_days_from_monday()))),
            Self::Month => first(day.year(), day.month()),
            Self::Quarter => {
                let month = u8::from(day.month());
                first(day.year(), Month::try_from(month - (month - 1) % 3).unwrap_or(Month::January))
            }
            Self::Year => first(day.year(), Month::January),
        }
    }

    /// How the bucket starting at `start` is written: `2021-03-04`, `2021-W09`, `2021-03`, `2021-Q1`, `2021`.
    pub fn label(self, start: Date) -> String {
        match self {
            Self::Day => iso(start),
            Self::Week => {
                let (year, week, _) = start.to_iso_week_date();
                format!("{year:04}-W{week:02}")
            }
            Self::Month => format!("{:04}-{:02}", start.year(), u8::from(start.month())),
            Self::Quarter => format!("{:04}-Q{}", start.year(), (u8::from(start.month()) - 1) / 3 + 1),
            Self::Year => format!("{:04}", start.year()),
        }
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        })
    }
}

/// Reads `YYYY-MM-DD`.
pub fn parse_iso(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

/// Writes `YYYY-MM-DD`.
pub fn iso(day: Date) -> String {
    format!("{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day())
}

fn first(year: i32, month: Month) -> Date {
    Date::from_calendar_date(year, month, 1).unwrap_or(Date::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_start_where_the_calendar_says() {
        let day = parse_iso("2021-01-03").unwrap();
        let starts = Bucket::ALL.map(|bucket| bucket.label(bucket.start(day)));
        assert_eq!(starts, ["2021-01-03", "2020-W53", "2021-01", "2021-Q1", "2021"]);
        assert_eq!(iso(Bucket::Quarter.start(parse_iso("2021-12-31").unwrap())), "2021-10-01");
        assert_eq!(parse_iso("2021-02-30"), None);
    }
}
