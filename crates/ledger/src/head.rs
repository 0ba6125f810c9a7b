//! The head: how far the ledger has come. Sealed, so it proves the key, and rows that were taken out or put in are seen.

use crate::access::Access;
use crate::bytes;
use crate::error::LedgerError;
use crate::seal::Place;

/// Tables whose rows are counted: those that only grow and that an answer rests on.
pub(crate) const COUNTED: [&str; 7] = ["lineages", "builds", "releases", "entries", "figures", "series", "grants"];

const COUNT: &str = "SELECT (SELECT count(*) FROM lineages), (SELECT count(*) FROM builds), \
     (SELECT count(*) FROM releases), (SELECT count(*) FROM entries), (SELECT count(*) FROM figures), \
     (SELECT count(*) FROM series), (SELECT count(*) FROM grants)";

/// How far the ledger has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Head {
    /// The latest time anything was written at, in seconds since 1970.
    pub(crate) latest: i64,
    /// The latest end of a nonce that is no longer kept, in seconds since 1970.
    pub(crate) forgotten: i64,
    pub(crate) lineages: i64,
    pub(crate) builds: i64,
    /// The number of releases, which are numbered from 1 without a gap, and so are the entries and the grants.
    pub(crate) releases: i64,
    pub(crate) entries: i64,
    pub(crate) figures: i64,
    pub(crate) series: i64,
    pub(crate) grants: i64,
}

impl Access<'_> {
    pub(crate) async fn has_head(&mut self) -> Result<bool, LedgerError> {
        Ok(self.number(sqlx::query("SELECT count(*) FROM head")).await? > 0)
    }

    pub(crate) async fn head(&mut self) -> Result<Head, LedgerError> {
        let place = place();
        let row = self.row(sqlx::query("SELECT sealed FROM head")).await?;
        let row = row.ok_or_else(|| self.corrupt(&place))?;
        let bytes = self.unseal(&row, &place)?;
        Head::decode(&bytes).ok_or_else(|| self.corrupt(&place))
    }

    pub(crate) async fn write_head(&mut self, head: &Head) -> Result<(), LedgerError> {
        let sealed = self.seal(&place(), &head.encode())?;
        self.run(sqlx::query("INSERT OR REPLACE INTO head (id, sealed) VALUES (1, $1)").bind(sealed)).await
    }

    /// The tables have the rows that were written.
    pub(crate) async fn verify(&mut self, head: &Head) -> Result<(), LedgerError> {
        let row = self.row(sqlx::query(COUNT)).await?.ok_or_else(|| self.corrupt(&place()))?;
        for (at, (table, written)) in COUNTED.into_iter().zip(head.counts()).enumerate() {
            let found = sqlx::Row::try_get::<i64, _>(&row, at).map_err(|error| self.ledger().failed(error))?;
            if found != written {
                let path = self.ledger().path.to_path_buf();
                return Err(LedgerError::Rows { path, table, written: written as u64, found: found as u64 });
            }
        }
        Ok(())
    }

    /// The head of tables that have the rows it says.
    pub(crate) async fn verified_head(&mut self) -> Result<Head, LedgerError> {
        let head = self.head().await?;
        self.verify(&head).await?;
        Ok(head)
    }
}

impl Head {
    fn counts(&self) -> [i64; 7] {
        let Self { latest: _, forgotten: _, lineages, builds, releases, entries, figures, series, grants } = *self;
        [lineages, builds, releases, entries, figures, series, grants]
    }

    fn encode(&self) -> Vec<u8> {
        let numbers = [self.latest, self.forgotten].into_iter().chain(self.counts());
        numbers.flat_map(i64::to_le_bytes).collect()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let numbers: Vec<i64> = bytes::chunks(bytes)?.into_iter().map(i64::from_le_bytes).collect();
        let [latest, forgotten, lineages, builds, releases, entries, figures, series, grants] =
            numbers.try_into().ok()?;
        Some(Self { latest, forgotten, lineages, builds, releases, entries, figures, series, grants })
    }
}

fn place() -> Place {
    Place::new("head", 1)
}
