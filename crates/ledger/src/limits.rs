//! How much was asked (docs/disclosure.md, R15). An ask is one statistic of one cohort; what the project asked before is free.
//!
//! A project is named by the person who asks. So that nobody gets more by naming another one, the limits of a project hold for
//! each person as well, over all projects.

use coda_model::{UserId, estimate::Limits};

use crate::Digest;
use crate::access::Access;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::lineage::LineageId;
use crate::renewal::Party;

const SECONDS_A_DAY: i64 = 86_400;

const KNOWN: &str = "SELECT count(*) FROM asks WHERE lineage = $1 AND project = $2 AND ask = $3";
const INSERT: &str =
    "INSERT INTO asks (id, lineage, project, user, ask, cohort, day, time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const OF_PROJECT: &str =
    "SELECT count(*), count(DISTINCT cohort) FROM asks WHERE lineage = $1 AND project = $2 AND id > $3";
const OF_USER: &str = "SELECT count(*), count(DISTINCT cohort) FROM asks WHERE lineage = $1 AND user = $2 AND id > $3";
const TODAY: &str = "SELECT count(*) FROM asks WHERE lineage = $1 AND user = $2 AND day = $3";

/// What somebody asks, before it is answered.
#[derive(Debug, Clone)]
pub struct NewAsks {
    /// Of which lineage.
    pub lineage: LineageId,
    /// Who asks.
    pub user: UserId,
    /// For which project.
    pub project: String,
    /// When, in seconds since 1970.
    pub time: i64,
    /// What.
    pub asks: Vec<NewAsk>,
}

/// One statistic of one cohort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewAsk {
    /// Digest of the ask.
    pub ask: Digest,
    /// Digest of its cohort.
    pub cohort: Digest,
}

/// Asks that may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// What is left.
    pub left: Limits,
    /// The number under which each ask is kept, if it was new, in their order.
    pub new: Vec<Option<i64>>,
}

/// A limit that is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exceeded {
    /// The person's new asks of today.
    Today,
    /// The project's, or the person's, asks until a renewal.
    Asks,
    /// The project's, or the person's, cohorts until a renewal.
    Cohorts,
    /// The watch holds the person or the project.
    Held,
}

impl Ledger {
    /// Counts asks, all or none of them. What is returned when this returns is on the disk.
    ///
    /// # Errors
    /// [`LedgerError::Clock`], and others when it cannot be read or written; then the asks must be refused.
    pub async fn count(&self, new: &NewAsks, limits: &Limits) -> Result<Result<Counted, Exceeded>, LedgerError> {
        let NewAsks { lineage, user, project, time, asks } = new;
        let mut change = self.begin().await?;
        let mut head = change.head().await?;
        change.tick(&mut head, *time)?;
        let day = time.div_euclid(SECONDS_A_DAY);
        let mut found = Vec::with_capacity(asks.len());
        for NewAsk { ask, cohort } in asks {
            let known = sqlx::query(KNOWN).bind(lineage.0).bind(project).bind(ask.as_slice());
            if change.number(known).await? > 0 {
                found.push(None);
                continue;
            }
            if found.is_empty() || found.iter().all(Option::is_none) {
                // What was asked before is answered again, held or not.
                if change.is_held(*lineage, user, project).await? {
                    return Ok(Err(Exceeded::Held));
                }
            }
            head.asks += 1;
            let insert = sqlx::query(INSERT).bind(head.asks).bind(lineage.0).bind(project).bind(user.as_str());
            change.run(insert.bind(ask.as_slice()).bind(cohort.as_slice()).bind(day).bind(time)).await?;
            found.push(Some(head.asks));
        }
        let left = match change.left(*lineage, user, project, day, limits).await? {
            Ok(left) => left,
            // The transaction is dropped, and with it what was inserted.
            Err(exceeded) if found.iter().any(Option::is_some) => return Ok(Err(exceeded)),
            Err(_) => Limits::default(),
        };
        change.write_head(&head).await?;
        change.commit().await?;
        Ok(Ok(Counted { left, new: found }))
    }
}

impl Access<'_> {
    /// What is left after what stands in the tables.
    async fn left(
        &mut self,
        lineage: LineageId,
        user: &UserId,
        project: &str,
        day: i64,
        limits: &Limits,
    ) -> Result<Result<Limits, Exceeded>, LedgerError> {
        let today = self.amount(sqlx::query(TODAY).bind(lineage.0).bind(user.as_str()).bind(day)).await?;
        let of_project = self.used(OF_PROJECT, lineage, &Party::Project(project.to_owned())).await?;
        let of_user = self.used(OF_USER, lineage, &Party::User(user.clone())).await?;
        let (asks, cohorts) = (of_project.0.max(of_user.0), of_project.1.max(of_user.1));
        let left = |limit: u64, used: u64, exceeded| limit.checked_sub(used).ok_or(exceeded);
        let all = || {
            Ok(Limits {
                asks_left_today: left(limits.asks_left_today, today, Exceeded::Today)?,
                asks_left: left(limits.asks_left, asks, Exceeded::Asks)?,
                cohorts_left: left(limits.cohorts_left, cohorts, Exceeded::Cohorts)?,
            })
        };
        Ok(all())
    }

    /// Asks and cohorts of a project or a person since they were last renewed.
    pub(crate) async fn used(
        &mut self,
        statement: &'static str,
        lineage: LineageId,
        party: &Party,
    ) -> Result<(u64, u64), LedgerError> {
        let after = self.renewed_after(lineage, party).await?;
        let row = self.row(sqlx::query(statement).bind(lineage.0).bind(party.name().to_owned()).bind(after)).await?;
        let number = |at: usize| -> Result<u64, LedgerError> {
            let found = row.as_ref().map(|row| sqlx::Row::try_get::<i64, _>(row, at)).transpose();
            let found = found.map_err(|error| self.ledger().failed(error))?.unwrap_or_default();
            u64::try_from(found).map_err(|_| LedgerError::Number)
        };
        Ok((number(0)?, number(1)?))
    }

    pub(crate) async fn amount(&mut self, statement: crate::access::Statement<'_>) -> Result<u64, LedgerError> {
        u64::try_from(self.number(statement).await?).map_err(|_| LedgerError::Number)
    }
}

/// Asks and cohorts of a party.
pub(crate) fn of(party: &Party) -> &'static str {
    match party {
        Party::Project(_) => OF_PROJECT,
        Party::User(_) => OF_USER,
    }
}
