//! What was asked of each lineage, and by whom, for the people of the site.

use coda_model::{DatasetId, UserId};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::limits;
use crate::lineage::LineageId;
use crate::renewal::Party;
use crate::seal::Place;

/// What was asked of a lineage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineageStatus {
    /// The lineage.
    pub lineage: LineageId,
    /// Its data set.
    pub dataset: DatasetId,
    /// Each project and person who asked.
    pub parties: Vec<PartyStatus>,
}

/// What a project or a person asked since they were last renewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyStatus {
    /// Who.
    pub party: Party,
    /// Asks.
    pub asks: u64,
    /// Distinct cohorts.
    pub cohorts: u64,
}

const LINEAGES: &str = "SELECT id, dataset FROM lineages ORDER BY id";
const PROJECTS: &str = "SELECT DISTINCT project AS name FROM asks WHERE lineage = $1 ORDER BY project";
const USERS: &str = "SELECT DISTINCT user AS name FROM asks WHERE lineage = $1 ORDER BY user";

impl Ledger {
    /// What was asked of every lineage.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be read.
    pub async fn status(&self) -> Result<Vec<LineageStatus>, LedgerError> {
        let mut look = self.read().await?;
        look.verified_head().await?;
        let mut status = Vec::new();
        for row in look.rows(sqlx::query(LINEAGES)).await? {
            let place = Place::new("lineages", "of unknown number");
            let lineage = LineageId(look.column(&row, "id", &place)?);
            let dataset = DatasetId::new(look.column(&row, "dataset", &place)?).map_err(|_| look.corrupt(&place))?;
            let mut parties = Vec::new();
            for row in look.rows(sqlx::query(PROJECTS).bind(lineage.0)).await? {
                parties.push(Party::Project(look.column::<String>(&row, "name", &place)?));
            }
            for row in look.rows(sqlx::query(USERS).bind(lineage.0)).await? {
                let name: &str = look.column(&row, "name", &place)?;
                parties.push(Party::User(UserId::new(name).map_err(|_| look.corrupt(&place))?));
            }
            let mut counted = Vec::new();
            for party in parties {
                let (asks, cohorts) = look.used(limits::of(&party), lineage, &party).await?;
                counted.push(PartyStatus { party, asks, cohorts });
            }
            status.push(LineageStatus { lineage, dataset, parties: counted });
        }
        Ok(status)
    }
}
