use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::time_provider::TimeProvider;
use rustls_pki_types::UnixTime;
use time::OffsetDateTime;

/// Tells the time in UTC, each time it is called: what TLS needs to see a certificate expire while the process runs.
pub type Now = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// [`Now`] in the form rustls asks for.
pub(crate) struct TimeSource(pub(crate) Now);

impl fmt::Debug for TimeSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TimeSource")
    }
}

impl TimeProvider for TimeSource {
    fn current_time(&self) -> Option<UnixTime> {
        unix((self.0)())
    }
}

/// Seconds since 1970; `None` before, where no certificate of ours is valid.
pub(crate) fn unix(now: OffsetDateTime) -> Option<UnixTime> {
    let seconds = u64::try_from(now.unix_timestamp()).ok()?;
    Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
}

/// The same the other way round.
pub(crate) fn of_unix(now: UnixTime) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(i64::try_from(now.as_secs()).ok()?).ok()
}
