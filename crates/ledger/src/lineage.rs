//! Lineages: all builds of a data set made with one pseudonym key.

use std::fmt;
use std::sync::PoisonError;

use coda_model::DatasetId;

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::seal::Place;

/// All builds of one source: a person has the same pseudonym in each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineageId(pub i64);

impl fmt::Display for LineageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Ledger {
    /// The lineage of a data set's source, made when there is none.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be read or written.
    pub async fn lineage(&self, dataset: &DatasetId, source: [u8; 16]) -> Result<LineageId, LedgerError> {
        let known = (dataset.clone(), source);
        if let Some(lineage) = self.lineages.read().unwrap_or_else(PoisonError::into_inner).get(&known) {
            return Ok(*lineage);
        }
        let lineage = self.find_lineage(dataset, source).await?;
        self.lineages.write().unwrap_or_else(PoisonError::into_inner).insert(known, lineage);
        Ok(lineage)
    }

    async fn find_lineage(&self, dataset: &DatasetId, source: [u8; 16]) -> Result<LineageId, LedgerError> {
        let mut change = self.begin().await?;
        let mut head = change.head().await?;
        let find = sqlx::query("SELECT id FROM lineages WHERE dataset = $1 AND source = $2");
        if let Some(row) = change.row(find.bind(dataset.as_str()).bind(source.as_slice())).await? {
            return Ok(LineageId(change.column(&row, "id", &Place::new("lineages", dataset))?));
        }
        head.lineages += 1;
        let insert = sqlx::query("INSERT INTO lineages (id, dataset, source) VALUES ($1, $2, $3)");
        change.run(insert.bind(head.lineages).bind(dataset.as_str()).bind(source.as_slice())).await?;
        change.write_head(&head).await?;
        change.commit().await?;
        Ok(LineageId(head.lineages))
    }
}
