//! Renewals: from when on a project's or a person's asks count anew. A decision of the site's privacy auditor.

use std::fmt;

use coda_model::UserId;

use crate::access::Access;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::lineage::LineageId;
use crate::seal::Place;

/// Whose asks are counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// A project.
    Project(String),
    /// A person, over all projects.
    User(UserId),
}

impl Party {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Project(_) => "project",
            Self::User(_) => "user",
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Project(name) => name,
            Self::User(user) => user.as_str(),
        }
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project(name) => write!(f, "project {name}"),
            Self::User(user) => write!(f, "{user}"),
        }
    }
}

const INSERT: &str = "INSERT INTO renewals (id, lineage, kind, name, after, time, renewed_by, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const LAST: &str = "SELECT * FROM renewals WHERE lineage = $1 AND kind = $2 AND name = $3 ORDER BY id DESC LIMIT 1";
const LAST_OF_BOTH: &str = "SELECT * FROM renewals WHERE id IN (\
     (SELECT max(id) FROM renewals WHERE lineage = $1 AND kind = 'project' AND name = $2), \
     (SELECT max(id) FROM renewals WHERE lineage = $1 AND kind = 'user' AND name = $3))";

impl Ledger {
    /// Lets the asks of a project or a person count anew from now on. Whether `by` may is not asked here.
    ///
    /// # Errors
    /// [`LedgerError::Clock`], [`LedgerError::Unknown`] for a lineage that is none, and others when it cannot be read or
    /// written.
    pub async fn renew(&self, lineage: LineageId, party: &Party, by: &str, time: i64) -> Result<(), LedgerError> {
        let mut change = self.begin().await?;
        let mut head = change.verified_head().await?;
        change.tick(&mut head, time)?;
        let lineages = sqlx::query("SELECT count(*) FROM lineages WHERE id = $1").bind(lineage.0);
        if change.number(lineages).await? == 0 {
            return Err(LedgerError::Unknown("a lineage"));
        }
        head.renewals += 1;
        let place = place(head.renewals, lineage, (party.kind(), party.name()), head.asks, time).with(by.as_bytes());
        let sealed = change.seal(&place, &[])?;
        let insert = sqlx::query(INSERT).bind(head.renewals).bind(lineage.0).bind(party.kind()).bind(party.name());
        change.run(insert.bind(head.asks).bind(time).bind(by).bind(sealed)).await?;
        change.write_head(&head).await?;
        change.commit().await
    }
}

impl Access<'_> {
    /// The last ask of a party that no longer counts.
    pub(crate) async fn renewed_after(&mut self, lineage: LineageId, party: &Party) -> Result<i64, LedgerError> {
        let last = sqlx::query(LAST).bind(lineage.0).bind(party.kind()).bind(party.name().to_owned());
        let Some(row) = self.row(last).await? else { return Ok(0) };
        self.read_renewal(lineage, &row)
    }

    /// The same of a project and of a person at once.
    pub(crate) async fn both_renewed_after(
        &mut self,
        lineage: LineageId,
        user: &UserId,
        project: &str,
    ) -> Result<[i64; 2], LedgerError> {
        let last = sqlx::query(LAST_OF_BOTH).bind(lineage.0).bind(project.to_owned()).bind(user.as_str().to_owned());
        let mut after = [0, 0];
        for row in self.rows(last).await? {
            let kind: &str = self.column(&row, "kind", &Place::new("renewals", "of unknown number"))?;
            let [of_project, of_user] = &mut after;
            *(if kind == "user" { of_user } else { of_project }) = self.read_renewal(lineage, &row)?;
        }
        Ok(after)
    }

    pub(crate) fn read_renewal(&self, lineage: LineageId, row: &sqlx::sqlite::SqliteRow) -> Result<i64, LedgerError> {
        let unknown = Place::new("renewals", "of unknown number");
        let id: i64 = self.column(row, "id", &unknown)?;
        let after: i64 = self.column(row, "after", &unknown)?;
        let time: i64 = self.column(row, "time", &unknown)?;
        let (kind, name): (&str, &str) = (self.column(row, "kind", &unknown)?, self.column(row, "name", &unknown)?);
        let by: &str = self.column(row, "renewed_by", &unknown)?;
        self.decrypt(row, &place(id, lineage, (kind, name), after, time).with(by.as_bytes()))?;
        Ok(after)
    }
}

fn place(id: i64, lineage: LineageId, (kind, name): (&str, &str), after: i64, time: i64) -> Place {
    let place = Place::new("renewals", id).with_number(lineage.0).with(kind.as_bytes()).with(name.as_bytes());
    place.with_number(after).with_number(time)
}
