//! Nonces of envelopes: each is good once.

use crate::access::Access;
use crate::error::LedgerError;
use crate::head::Head;
use crate::ledger::Ledger;

/// So many of the last nonces are kept even when their envelopes are over, so that a clock that was ahead for a while has
/// not made envelopes good again.
const KEPT: i64 = 10_000;

/// Whether a nonce was taken, the number of the last one (which is never deleted, so that no number comes twice), and the latest end of
/// those that need not be kept any more once one is added.
const LOOK: &str = "SELECT (SELECT count(*) FROM nonces WHERE nonce = $1), last, \
     (SELECT coalesce(max(until), 0) FROM nonces WHERE id <= last + 1 - $3 AND until < $2) \
     FROM (SELECT coalesce(max(id), 0) AS last FROM nonces)";
const INSERT: &str = "INSERT INTO nonces (id, nonce, until) VALUES ($1, $2, $3)";
const FORGET: &str = "DELETE FROM nonces WHERE id <= $1 AND until < $2";

/// What makes an envelope good once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nonce {
    /// Random bytes.
    pub bytes: [u8; 16],
    /// Until when its envelope is good, in seconds since 1970.
    pub until: i64,
}

impl Ledger {
    /// Takes the nonce of an envelope that is refused, at `now` (seconds since 1970). `false` when it was taken before, or may have been.
    /// On the disk when this returns.
    ///
    /// # Errors
    /// [`LedgerError::Clock`], and others when it cannot be read or written.
    pub async fn spend(&self, nonce: Nonce, now: i64) -> Result<bool, LedgerError> {
        let mut change = self.begin().await?;
        let Some(head) = change.take_nonce(nonce, now).await? else { return Ok(false) };
        change.write_head(&head).await?;
        change.commit().await?;
        Ok(true)
    }
}

impl Access<'_> {
    /// Takes the nonce of an envelope at `now` (seconds since 1970); the head, to be written. None when it was taken before, or may
    /// have been: the ledger keeps a nonce until its envelope is over and 10,000 others were taken after it, and knows the latest
    /// end of those it no longer keeps.
    ///
    /// Whether the envelope is over is for the caller to judge.
    pub(crate) async fn take_nonce(&mut self, nonce: Nonce, now: i64) -> Result<Option<Head>, LedgerError> {
        let mut head = self.head().await?;
        self.tick(&mut head, now)?;
        let look = sqlx::query(LOOK).bind(nonce.bytes.to_vec()).bind(now).bind(KEPT);
        let [taken, last, forgotten] = self.numbers(look).await?;
        if nonce.until <= head.forgotten || taken > 0 {
            return Ok(None);
        }
        let insert = sqlx::query(INSERT).bind(last + 1).bind(nonce.bytes.to_vec()).bind(nonce.until);
        self.run(insert).await?;
        if forgotten > 0 {
            self.run(sqlx::query(FORGET).bind(last + 1 - KEPT).bind(now)).await?;
            head.forgotten = head.forgotten.max(forgotten);
        }
        Ok(Some(head))
    }
}
