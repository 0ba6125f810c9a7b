//! Nonces of envelopes: each is good once.

use crate::error::LedgerError;
use crate::head::Head;
use crate::ledger::Ledger;

/// So many of the last nonces are kept even when their envelopes are over, so that a clock that was ahead for a while has
/// not made envelopes good again.
const KEPT: i64 = 10_000;

const FORGOTTEN: &str = "SELECT coalesce(max(until), 0) FROM nonces WHERE id <= $1 AND until < $2";
const FORGET: &str = "DELETE FROM nonces WHERE id <= $1 AND until < $2";

impl Ledger {
    /// Takes the nonce of an envelope that is good until `until`, at `now` (seconds since 1970). `false` when it was taken
    /// before, or may have been: the ledger keeps a nonce until its envelope is over and 10,000 others were taken after it,
    /// and knows the latest end of those it no longer keeps. On the disk when this returns.
    ///
    /// Whether the envelope is over is for the caller to judge.
    ///
    /// # Errors
    /// [`LedgerError::Clock`], and others when it cannot be read or written; the envelope must then be refused.
    pub async fn take_nonce(&self, nonce: [u8; 16], until: i64, now: i64) -> Result<bool, LedgerError> {
        let mut change = self.begin().await?;
        let mut head = change.head().await?;
        change.tick(&mut head, now)?;
        let taken = sqlx::query("SELECT count(*) FROM nonces WHERE nonce = $1").bind(nonce.as_slice());
        if until <= head.forgotten || change.number(taken).await? > 0 {
            return Ok(false);
        }
        // The last one is never deleted, so no number comes twice.
        let last = change.number(sqlx::query("SELECT coalesce(max(id), 0) FROM nonces")).await?;
        let insert = sqlx::query("INSERT INTO nonces (id, nonce, until) VALUES ($1, $2, $3)");
        change.run(insert.bind(last + 1).bind(nonce.as_slice()).bind(until)).await?;
        let old = last + 1 - KEPT;
        let forgotten = change.number(sqlx::query(FORGOTTEN).bind(old).bind(now)).await?;
        change.run(sqlx::query(FORGET).bind(old).bind(now)).await?;
        let head = Head { forgotten: head.forgotten.max(forgotten), ..head };
        change.write_head(&head).await?;
        change.commit().await?;
        Ok(true)
    }
}
