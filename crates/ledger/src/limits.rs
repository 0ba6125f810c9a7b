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
use crate::nonce::Nonce;
use crate::renewal::Party;

const SECONDS_A_DAY: i64 = 86_400;

/// Nothing where the project asked it before.
const INSERT: &str = "INSERT INTO asks (id, lineage, project, user, ask, cohort, day, time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
     ON CONFLICT (lineage, project, ask) DO NOTHING";
const OF_PROJECT: &str =
    "SELECT count(*), count(DISTINCT cohort) FROM asks WHERE lineage = $1 AND project = $2 AND id > $3";
const OF_USER: &str = "SELECT count(*), count(DISTINCT cohort) FROM asks WHERE lineage = $1 AND user = $2 AND id > $3";
/// The person's asks of a day, asks and cohorts of the project and of the person since they were renewed, and what holds them.
const USED: &str = "SELECT (SELECT count(*) FROM asks WHERE lineage = $1 AND user = $3 AND day = $4), \
     project.asks, project.cohorts, person.asks, person.cohorts, \
     (SELECT count(*) FROM holds WHERE lineage = $1 AND released_after IS NULL \
         AND ((kind = 'user' AND name = $3) OR (kind = 'project' AND name = $2))) \
     FROM (SELECT count(*) AS asks, count(DISTINCT cohort) AS cohorts FROM asks WHERE lineage = $1 AND project = $2 AND id > $5) \
         AS project, \
     (SELECT count(*) AS asks, count(DISTINCT cohort) AS cohorts FROM asks WHERE lineage = $1 AND user = $3 AND id > $6) AS person";

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
    /// Of the envelope in which it is asked.
    pub nonce: Nonce,
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

/// Why asks are not counted, and must not be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotCounted {
    /// The envelope was answered before, or may have been.
    Replay,
    /// The person's new asks of today are used up.
    Today,
    /// The project's, or the person's, asks until a renewal.
    Asks,
    /// The project's, or the person's, cohorts until a renewal.
    Cohorts,
    /// The watch holds the person or the project.
    Held,
}

impl Ledger {
    /// Takes the nonce of an envelope and counts its asks, all or none of them. Where they are not counted, the nonce is taken all the
    /// same: an envelope is good once. When this returns, it is on the disk.
    ///
    /// # Errors
    /// [`LedgerError::Clock`], and others when it cannot be read or written; then the asks must be refused.
    pub async fn count(&self, new: &NewAsks, limits: &Limits) -> Result<Result<Counted, NotCounted>, LedgerError> {
        let NewAsks { lineage, user, project, time, nonce, asks } = new;
        // Dropped before its end, the transaction takes with it what was inserted.
        let mut change = self.begin().await?;
        let Some(mut head) = change.take_nonce(*nonce, *time).await? else { return Ok(Err(NotCounted::Replay)) };
        let day = time.div_euclid(SECONDS_A_DAY);
        let mut found = Vec::with_capacity(asks.len());
        for NewAsk { ask, cohort } in asks {
            let insert = sqlx::query(INSERT).bind(head.asks + 1).bind(lineage.0).bind(project).bind(user.as_str());
            let insert = insert.bind(ask.as_slice()).bind(cohort.as_slice()).bind(day).bind(time);
            let is_new = change.run(insert).await? > 0;
            head.asks += i64::from(is_new);
            found.push(is_new.then_some(head.asks));
        }
        let has_new = found.iter().any(Option::is_some);
        let left = match change.left(new, day, limits).await? {
            Ok(left) => left,
            Err(why) if has_new => {
                drop(change);
                // Where another request with the same envelope was quicker, that one has taken it.
                self.spend(*nonce, *time).await?;
                return Ok(Err(why));
            }
            // What was asked before is answered again, held or not.
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
        new: &NewAsks,
        day: i64,
        limits: &Limits,
    ) -> Result<Result<Limits, NotCounted>, LedgerError> {
        let NewAsks { lineage, user, project, .. } = new;
        let [of_project, of_user] = self.both_renewed_after(*lineage, user, project).await?;
        let used = sqlx::query(USED).bind(lineage.0).bind(project).bind(user.as_str()).bind(day);
        let used: [i64; 6] = self.numbers(used.bind(of_project).bind(of_user)).await?;
        let [today, asks, cohorts, own_asks, own_cohorts, held] = used.map(i64::unsigned_abs);
        let left = |limit: u64, used: u64, why| limit.checked_sub(used).ok_or(why);
        let all = || {
            if held > 0 {
                return Err(NotCounted::Held);
            }
            Ok(Limits {
                asks_left_today: left(limits.asks_left_today, today, NotCounted::Today)?,
                asks_left: left(limits.asks_left, asks.max(own_asks), NotCounted::Asks)?,
                cohorts_left: left(limits.cohorts_left, cohorts.max(own_cohorts), NotCounted::Cohorts)?,
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
        let used = sqlx::query(statement).bind(lineage.0).bind(party.name().to_owned()).bind(after);
        let [asks, cohorts] = self.numbers(used).await?.map(i64::unsigned_abs);
        Ok((asks, cohorts))
    }
}

/// Asks and cohorts of a party.
pub(crate) fn of(party: &Party) -> &'static str {
    match party {
        Party::Project(_) => OF_PROJECT,
        Party::User(_) => OF_USER,
    }
}
