//! Days of the proleptic Gregorian calendar.

use std::fmt;

/// A day, as the number of days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(i64);

impl Day {
    /// The day of a date. The year begins in March in between, so that the leap day is its last.
    pub(crate) const fn of(year: i64, month: i64, day: i64) -> Self {
        let year = if month <= 2 { year - 1 } else { year };
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        Self(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
    }

    /// The day so many days later.
    pub(crate) const fn later(self, days: i64) -> Self {
        Self(self.0 + days)
    }

    /// Days from `earlier` to this day.
    pub(crate) const fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }
}

/// `YYYY-MM-DD` (ISO 8601).
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shifted = self.0 + 719_468;
        let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let march_month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn days_follow_the_calendar() {
        assert_eq!(Day::of(1970, 1, 1).since(Day(0)), 0);
        assert_eq!(Day::of(2020, 2, 28).later(1).to_string(), "2020-02-29");
        assert_eq!(Day::of(2020, 2, 28).later(2).to_string(), "2020-03-01");
        assert_eq!(Day::of(2021, 12, 31).later(1).to_string(), "2022-01-01");
        for days in -1_000..40_000 {
            let text = Day(days).to_string();
            let parts: Vec<i64> = text.split('-').map(|part| part.parse().unwrap()).collect();
            assert_eq!(Day::of(parts[0], parts[1], parts[2]), Day(days), "{text}");
        }
    }
}
