//! A look over everything.

use crate::access::Access;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::lineage::LineageId;
use crate::seal::Place;

/// What was found to be sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checked {
    /// Lineages.
    pub lineages: u64,
    /// Asks.
    pub asks: u64,
    /// Renewals.
    pub renewals: u64,
    /// Query sets of the watch.
    pub sets: u64,
}

const RENEWALS: &str = "SELECT * FROM renewals ORDER BY id";
/// Sets are read so many at a time.
const AT_ONCE: i64 = 1000;
const SETS: &str = "SELECT * FROM sets WHERE id > $1 ORDER BY id LIMIT $2";

impl Ledger {
    /// Looks over the whole file and opens everything that is sealed. For `coda-node ledger check`; takes seconds.
    ///
    /// # Errors
    /// The first thing that is wrong: [`LedgerError::Damaged`], [`LedgerError::Rows`], [`LedgerError::Corrupt`].
    pub async fn check(&self) -> Result<Checked, LedgerError> {
        let mut look = self.read().await?;
        look.integrity().await?;
        let head = look.verified_head().await?;
        let place = Place::new("renewals", "of unknown number");
        let renewals = look.rows(sqlx::query(RENEWALS)).await?;
        for row in &renewals {
            let lineage = LineageId(look.column(row, "lineage", &place)?);
            look.read_renewal(lineage, row)?;
        }
        let (lineages, asks) = (head.lineages as u64, head.asks as u64);
        Ok(Checked { lineages, asks, renewals: renewals.len() as u64, sets: look.sets().await? })
    }
}

impl Access<'_> {
    async fn integrity(&mut self) -> Result<(), LedgerError> {
        let place = Place::new("sqlite_schema", "of any number");
        let row = self.row(sqlx::query("PRAGMA integrity_check(1)")).await?.ok_or_else(|| self.corrupt(&place))?;
        let found: String = self.column(&row, "integrity_check", &place)?;
        if found == "ok" { Ok(()) } else { Err(LedgerError::Damaged { path: self.ledger().path.to_path_buf(), found }) }
    }

    async fn sets(&mut self) -> Result<u64, LedgerError> {
        let (mut last, mut sets) = (0, 0);
        loop {
            let rows = self.rows(sqlx::query(SETS).bind(last).bind(AT_ONCE)).await?;
            if rows.is_empty() {
                return Ok(sets);
            }
            for row in rows {
                last = self.read_set(&row)?.id;
                sets += 1;
            }
        }
    }
}
