//! The clock, which must not go back: a day's asks could be asked again, and an envelope of yesterday would be good again.

use crate::access::Access;
use crate::error::LedgerError;
use crate::head::Head;
use crate::ledger::Ledger;

/// By how much two requests may come in another order than their times, in seconds.
const TOLERANCE: i64 = 60;

impl Access<'_> {
    /// Takes `now` as the time of this change. A jump forward is taken, however far: a site may have been off for years.
    pub(crate) fn tick(&self, head: &mut Head, now: i64) -> Result<(), LedgerError> {
        if now < head.latest.saturating_sub(TOLERANCE) {
            return Err(LedgerError::Clock { path: self.ledger().path.to_path_buf(), latest: head.latest, now });
        }
        head.latest = head.latest.max(now);
        Ok(())
    }
}

impl Ledger {
    /// Takes `now`, in seconds since 1970, as the time, though the ledger was written later: for an administrator, `by`, who
    /// has found that the clock was ahead then and is right now. It is noted who did so. Nonces stay taken.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be read or written.
    pub async fn accept_clock(&self, now: i64, by: &str) -> Result<(), LedgerError> {
        let mut change = self.begin().await?;
        let mut head = change.head().await?;
        let note = sqlx::query("INSERT INTO clocks (latest, accepted, accepted_by) VALUES ($1, $2, $3)");
        change.run(note.bind(head.latest).bind(now).bind(by)).await?;
        head.latest = now;
        change.write_head(&head).await?;
        change.commit().await
    }
}
