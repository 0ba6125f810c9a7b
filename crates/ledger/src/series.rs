//! Series: over one cohort a column is cut into buckets in one way only, or two ways would be subtracted from each other.

use sqlx::sqlite::SqliteRow;

use crate::Digest;
use crate::access::Access;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::people::LineageId;
use crate::release::{NewSeries, ReleaseId};
use crate::seal::Place;

const FIND: &str = "SELECT * FROM series WHERE lineage = $1 AND cohort = $2 AND variable = $3";
const ALL: &str = "SELECT * FROM series WHERE lineage = $1";
const INSERT: &str = "INSERT INTO series (lineage, cohort, variable, release, sealed) VALUES ($1, $2, $3, $4, $5)";

impl Ledger {
    /// The bucket to which a column is bound over a cohort; `None` while it was never released as a series.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be read.
    pub async fn series(
        &self,
        lineage: LineageId,
        cohort: &Digest,
        column: &Digest,
    ) -> Result<Option<String>, LedgerError> {
        let mut look = self.look().await?;
        look.verified_head().await?;
        look.bucket(lineage, cohort, column).await
    }
}

impl Access<'_> {
    /// Binds a column to its bucket. `false` when it was bound to the same before.
    pub(crate) async fn bind_series(
        &mut self,
        lineage: LineageId,
        release: ReleaseId,
        series: &NewSeries,
    ) -> Result<bool, LedgerError> {
        let NewSeries { cohort, column, bucket } = series;
        match self.bucket(lineage, cohort, column).await? {
            Some(before) if before == *bucket => return Ok(false),
            Some(_) => return Err(LedgerError::Contradiction("series")),
            None => {}
        }
        let place = place(lineage, cohort, column, release);
        let sealed = self.seal(&place, bucket.as_bytes())?;
        let insert = sqlx::query(INSERT).bind(lineage.0).bind(cohort.as_slice()).bind(column.as_slice());
        self.run(insert.bind(release.0).bind(sealed)).await?;
        Ok(true)
    }

    /// How many series of a lineage can be read.
    pub(crate) async fn check_series(&mut self, lineage: LineageId) -> Result<u64, LedgerError> {
        let rows = self.rows(sqlx::query(ALL).bind(lineage.0)).await?;
        rows.iter().try_for_each(|row| self.read_bucket(lineage, row).map(|_| ()))?;
        Ok(rows.len() as u64)
    }

    async fn bucket(
        &mut self,
        lineage: LineageId,
        cohort: &Digest,
        column: &Digest,
    ) -> Result<Option<String>, LedgerError> {
        let find = sqlx::query(FIND).bind(lineage.0).bind(cohort.as_slice()).bind(column.as_slice());
        self.row(find).await?.map(|row| self.read_bucket(lineage, &row)).transpose()
    }

    fn read_bucket(&self, lineage: LineageId, row: &SqliteRow) -> Result<String, LedgerError> {
        let unknown = Place::new("series", format!("of lineage {lineage}"));
        let cohort: &[u8] = self.column(row, "cohort", &unknown)?;
        let column: &[u8] = self.column(row, "variable", &unknown)?;
        let release = ReleaseId(self.column(row, "release", &unknown)?);
        let place = place(lineage, cohort, column, release);
        String::from_utf8(self.unseal(row, &place)?).map_err(|_| self.corrupt(&place))
    }
}

fn place(lineage: LineageId, cohort: &[u8], column: &[u8], release: ReleaseId) -> Place {
    let place = Place::new("series", format!("of lineage {lineage}, release {release}"));
    place.with(cohort).with(column)
}
