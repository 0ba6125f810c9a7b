//! The head: how far the ledger has come. Sealed, so it proves the key, and rows that were taken out or put in are seen.

use crate::access::Access;
use crate::bytes;
use crate::error::LedgerError;
use crate::seal::Place;

/// Tables whose rows are counted: those that only grow.
pub(crate) const COUNTED: [&str; 5] = ["lineages", "asks", "renewals", "sets", "sightings"];

const COUNT: &str = "SELECT (SELECT count(*) FROM lineages), (SELECT count(*) FROM asks), \
     (SELECT count(*) FROM renewals), (SELECT count(*) FROM sets), (SELECT count(*) FROM sightings)";

/// How far the ledger has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Head {
    /// The latest time anything was written at, in seconds since 1970.
    pub(crate) latest: i64,
    /// The latest end of a nonce that is no longer kept, in seconds since 1970.
    pub(crate) forgotten: i64,
    /// The number of lineages, which are numbered from 1 without a gap; so are the others.
    pub(crate) lineages: i64,
    pub(crate) asks: i64,
    pub(crate) renewals: i64,
    pub(crate) sets: i64,
    pub(crate) sightings: i64,
    /// Check value of the perturbation key.
    pub(crate) perturbation: [u8; 32],
}

impl Access<'_> {
    pub(crate) async fn has_head(&mut self) -> Result<bool, LedgerError> {
        Ok(self.number(sqlx::query("SELECT count(*) FROM head")).await? > 0)
    }

    pub(crate) async fn head(&mut self) -> Result<Head, LedgerError> {
        let place = place();
        let row = self.row(sqlx::query("SELECT sealed FROM head")).await?;
        let row = row.ok_or_else(|| self.corrupt(&place))?;
        let bytes = self.decrypt(&row, &place)?;
        Head::decode(&bytes).ok_or_else(|| self.corrupt(&place))
    }

    pub(crate) async fn write_head(&mut self, head: &Head) -> Result<(), LedgerError> {
        let sealed = self.seal(&place(), &head.encode())?;
        self.run(sqlx::query("INSERT OR REPLACE INTO head (id, sealed) VALUES (1, $1)").bind(sealed)).await.map(drop)
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
    fn counts(&self) -> [i64; 5] {
        let Self { lineages, asks, renewals, sets, sightings, .. } = *self;
        [lineages, asks, renewals, sets, sightings]
    }

    fn encode(&self) -> Vec<u8> {
        let numbers = [self.latest, self.forgotten].into_iter().chain(self.counts());
        self.perturbation.into_iter().chain(numbers.flat_map(i64::to_le_bytes)).collect()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (perturbation, numbers) = bytes.split_first_chunk()?;
        let numbers: Vec<i64> = bytes::chunks(numbers)?.into_iter().map(i64::from_le_bytes).collect();
        let [latest, forgotten, lineages, asks, renewals, sets, sightings] = numbers.try_into().ok()?;
        Some(Self { latest, forgotten, lineages, asks, renewals, sets, sightings, perturbation: *perturbation })
    }
}

fn place() -> Place {
    Place::new("head", 1)
}
