//! Series: over one cohort a column is cut into buckets in one way only, or two ways would be subtracted from each other.

use crate::Digest;
use crate::access::Access;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::people::LineageId;
use crate::release::{NewSeries, ReleaseId};
use crate::seal::Place;

const FIND: &str = "SELECT bucket FROM series WHERE lineage = $1 AND cohort = $2 AND variable = $3";
const INSERT: &str = "INSERT INTO series (lineage, cohort, variable, bucket, release) VALUES ($1, $2, $3, $4, $5)";

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
        let insert = sqlx::query(INSERT).bind(lineage.0).bind(cohort.as_slice()).bind(column.as_slice());
        self.run(insert.bind(bucket).bind(release.0)).await?;
        Ok(true)
    }

    async fn bucket(
        &mut self,
        lineage: LineageId,
        cohort: &Digest,
        column: &Digest,
    ) -> Result<Option<String>, LedgerError> {
        let find = sqlx::query(FIND).bind(lineage.0).bind(cohort.as_slice()).bind(column.as_slice());
        let row = self.row(find).await?;
        let place = Place::new("series", format!("of lineage {lineage}"));
        row.map(|row| self.column(&row, "bucket", &place)).transpose()
    }
}
