//! A look over everything.

use coda_model::BuildId;

use crate::access::Access;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::people::{LineageId, members_place};
use crate::seal::Place;

/// What was found to be sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checked {
    /// Lineages.
    pub lineages: u64,
    /// Builds with their people.
    pub builds: u64,
    /// Releases with their replies.
    pub releases: u64,
    /// Sets.
    pub entries: u64,
    /// Figures of sets.
    pub figures: u64,
    /// Columns bound to a bucket.
    pub series: u64,
}

/// Replies are read so many at a time.
const AT_ONCE: i64 = 100;
const REPLIES: &str = "SELECT * FROM releases WHERE id > $1 ORDER BY id LIMIT $2";

impl Ledger {
    /// Looks over the whole file and opens everything that is sealed. For `coda-node ledger check`; takes seconds.
    ///
    /// # Errors
    /// The first thing that is wrong: [`LedgerError::Damaged`], [`LedgerError::Rows`], [`LedgerError::Corrupt`].
    pub async fn check(&self) -> Result<Checked, LedgerError> {
        let mut look = self.look().await?;
        look.integrity().await?;
        let head = look.verified_head().await?;
        let mut checked = Checked { releases: look.replies().await?, ..Checked::default() };
        for lineage in (1..=head.lineages).map(LineageId) {
            checked.builds += look.builds(lineage).await?;
            let entries = look.entries(lineage, None).await?;
            checked.entries += entries.len() as u64;
            checked.figures += entries.iter().map(|entry| entry.figures.len() as u64).sum::<u64>();
            checked.series += look.check_series(lineage).await?;
            look.grants(lineage).await?;
            checked.lineages += 1;
        }
        // What belongs to no lineage is in no list of a lineage's.
        let counted = [(checked.builds, head.builds, "builds"), (checked.entries, head.entries, "entries")];
        let counted = counted
            .into_iter()
            .chain([(checked.figures, head.figures, "figures"), (checked.series, head.series, "series")]);
        for (found, written, table) in counted {
            if found != written as u64 {
                let path = self.path.to_path_buf();
                return Err(LedgerError::Rows { path, table, written: written as u64, found });
            }
        }
        Ok(checked)
    }
}

impl Access<'_> {
    async fn integrity(&mut self) -> Result<(), LedgerError> {
        let place = Place::new("sqlite_schema", "of any number");
        let row = self.row(sqlx::query("PRAGMA integrity_check(1)")).await?.ok_or_else(|| self.corrupt(&place))?;
        let found: String = self.column(&row, "integrity_check", &place)?;
        if found == "ok" { Ok(()) } else { Err(LedgerError::Damaged { path: self.ledger().path.to_path_buf(), found }) }
    }

    async fn replies(&mut self) -> Result<u64, LedgerError> {
        let (mut last, mut replies) = (0, 0);
        loop {
            let rows = self.rows(sqlx::query(REPLIES).bind(last).bind(AT_ONCE)).await?;
            if rows.is_empty() {
                return Ok(replies);
            }
            for row in rows {
                self.reply(&row)?;
                last = self.column(&row, "id", &Place::new("releases", "of unknown number"))?;
                replies += 1;
            }
        }
    }

    /// Each build's people have ordinals of the lineage.
    async fn builds(&mut self, lineage: LineageId) -> Result<u64, LedgerError> {
        let people = self.keys(lineage).await?.len();
        let rows = self.rows(sqlx::query("SELECT build FROM builds WHERE lineage = $1").bind(lineage.0)).await?;
        let place = Place::new("builds", format!("of lineage {lineage}"));
        for row in &rows {
            let build = BuildId::new(self.column(row, "build", &place)?).map_err(|_| self.corrupt(&place))?;
            let members = self.members(lineage, &build).await?.unwrap_or_default();
            if members.iter().any(|(ordinal, _)| *ordinal as usize >= people) {
                return Err(self.corrupt(&members_place(lineage, &build)));
            }
        }
        Ok(rows.len() as u64)
    }
}
