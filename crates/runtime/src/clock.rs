//! The clock as a parameter.

use std::sync::{Mutex, PoisonError};

use time::{Duration, OffsetDateTime};

/// Tells the time, in UTC.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> OffsetDateTime;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// A clock that stands still until it is moved, so that a test needs no sleeping to see something expire.
#[derive(Debug)]
pub struct ManualClock(Mutex<OffsetDateTime>);

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the ambient clock may be read")]
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }
}

impl ManualClock {
    /// A clock that shows `now`.
    pub fn new(now: OffsetDateTime) -> Self {
        Self(Mutex::new(now))
    }

    /// Shows `now` from here on; it may go backwards.
    pub fn set(&self, now: OffsetDateTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Moves by `step`; a negative step goes back.
    pub fn advance(&self, step: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.saturating_add(step);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = ManualClock::new(datetime!(2026-01-01 00:00 UTC));
        assert_eq!(clock.now(), clock.now());
        clock.advance(Duration::hours(3));
        assert_eq!(clock.now(), datetime!(2026-01-01 03:00 UTC));
        clock.advance(Duration::hours(-4));
        assert_eq!(clock.now(), datetime!(2025-12-31 23:00 UTC));
        clock.set(datetime!(2030-06-01 00:00 UTC));
        assert_eq!(clock.now(), datetime!(2030-06-01 00:00 UTC));
    }

    #[test]
    fn the_system_clock_shows_utc_after_this_was_written() {
        let now = SystemClock.now();
        assert!(now.offset().is_utc());
        assert!(now > datetime!(2026-01-01 00:00 UTC));
    }
}
