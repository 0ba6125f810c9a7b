//! Budgets: what was spent, what was added, and how often somebody asked (disclosure.md 2.5).

use coda_model::{DatasetId, UserId};
use sqlx::sqlite::SqliteRow;

use crate::access::Access;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::people::LineageId;
use crate::seal::Place;

pub(crate) const SECONDS_A_DAY: i64 = 86_400;

/// What was spent in a lineage, and what an auditor has added. Charges are in the unit of [`crate::NewRelease::charge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// By everybody.
    pub lineage: u64,
    /// By the user.
    pub user: u64,
    /// Added to the budget of everybody.
    pub extra_lineage: u64,
    /// Added to the budget of the user.
    pub extra_user: u64,
    /// How often the user asked, in all lineages, refused requests too.
    pub requests_today: u64,
    /// About how many different cohorts the user got an answer, in all lineages.
    pub cohorts_today: u64,
}

/// An addition to a budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetGrant {
    /// Its number, growing with time.
    pub id: i64,
    /// Whose budget; nobody's for that of everybody together.
    pub user: Option<UserId>,
    /// How much was added.
    pub amount: u64,
    /// Who added it.
    pub by: String,
    /// When, in seconds since 1970.
    pub time: i64,
}

/// What was spent in a lineage, for people to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineageStatus {
    /// The lineage.
    pub lineage: LineageId,
    /// Its data set.
    pub dataset: DatasetId,
    /// How many of its builds were used.
    pub builds: u64,
    /// How many sets were released.
    pub entries: u64,
    /// Those who got answers, by name.
    pub users: Vec<UserStatus>,
    /// Additions to its budgets, the oldest first.
    pub grants: Vec<BudgetGrant>,
}

/// What a user has spent in a lineage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserStatus {
    /// The user.
    pub user: UserId,
    /// How many answers they got.
    pub releases: u64,
    /// What those cost together.
    pub charge: u64,
}

const LINEAGE: &str = "SELECT coalesce(sum(charge), 0) FROM releases WHERE lineage = $1";
const USER: &str = "SELECT coalesce(sum(charge), 0) FROM releases WHERE lineage = $1 AND user = $2";
const REQUESTS: &str = "SELECT coalesce(sum(requests), 0) FROM requests WHERE user = $1 AND day >= $2";
const COHORTS: &str =
    "SELECT count(*) FROM (SELECT DISTINCT lineage, cohort FROM releases WHERE user = $1 AND time >= $2)";
const NOTE: &str = "INSERT INTO requests (user, day, requests) VALUES ($1, $2, 1) \
     ON CONFLICT (user, day) DO UPDATE SET requests = requests + 1";
const GRANT: &str = "INSERT INTO grants (id, lineage, user, amount, granted_by, time, sealed) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)";
const GRANTS: &str = "SELECT * FROM grants WHERE lineage = $1 ORDER BY id";
const LINEAGES: &str = "SELECT id, dataset, \
     (SELECT count(*) FROM builds WHERE builds.lineage = lineages.id) AS builds, \
     (SELECT count(*) FROM entries WHERE entries.lineage = lineages.id) AS entries FROM lineages ORDER BY id";
const USERS: &str = "SELECT user, count(*) AS releases, sum(charge) AS charge FROM releases \
     WHERE lineage = $1 GROUP BY user ORDER BY user";

impl Ledger {
    /// What was spent in a lineage and what was added to its budgets; and what `user` asked from the day `since` on, counted in
    /// days from 1970-01-01.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be read; then nothing may be spent.
    pub async fn spent(&self, lineage: LineageId, user: &UserId, since: i64) -> Result<Spent, LedgerError> {
        let mut look = self.look().await?;
        look.verified_head().await?;
        let name = user.as_str();
        let mut spent = Spent {
            lineage: look.amount(sqlx::query(LINEAGE).bind(lineage.0)).await?,
            user: look.amount(sqlx::query(USER).bind(lineage.0).bind(name)).await?,
            requests_today: look.amount(sqlx::query(REQUESTS).bind(name).bind(since)).await?,
            cohorts_today: look.cohorts(user, since).await?,
            ..Spent::default()
        };
        for grant in look.grants(lineage).await? {
            let extra = match &grant.user {
                None => &mut spent.extra_lineage,
                Some(granted) if granted == user => &mut spent.extra_user,
                Some(_) => continue,
            };
            *extra = extra.saturating_add(grant.amount);
        }
        Ok(spent)
    }

    /// Counts a request of `user` at `time`, in seconds since 1970, whatever becomes of it.
    ///
    /// # Errors
    /// [`LedgerError::Clock`], and others when it cannot be read or written; then the request must be refused.
    pub async fn note_request(&self, user: &UserId, time: i64) -> Result<(), LedgerError> {
        let mut change = self.change().await?;
        let mut head = change.head().await?;
        change.tick(&mut head, time)?;
        let day = time.div_euclid(SECONDS_A_DAY);
        change.run(sqlx::query(NOTE).bind(user.as_str()).bind(day)).await?;
        change.write_head(&head).await?;
        change.done().await
    }

    /// Adds to the budget of a user in a lineage, or to that of everybody together. Whether `by` may is not asked here.
    ///
    /// # Errors
    /// [`LedgerError::Number`], [`LedgerError::Clock`], [`LedgerError::Unknown`] for a lineage that is none, and others when
    /// it cannot be read or written.
    pub async fn grant(
        &self,
        lineage: LineageId,
        user: Option<UserId>,
        amount: u64,
        by: &str,
        time: i64,
    ) -> Result<(), LedgerError> {
        let kept = i64::try_from(amount).map_err(|_| LedgerError::Number)?;
        let mut change = self.change().await?;
        let mut head = change.verified_head().await?;
        change.tick(&mut head, time)?;
        let lineages = sqlx::query("SELECT count(*) FROM lineages WHERE id = $1").bind(lineage.0);
        if change.number(lineages).await? == 0 {
            return Err(LedgerError::Unknown("a lineage"));
        }
        head.grants += 1;
        let grant = BudgetGrant { id: head.grants, user, amount, by: by.to_owned(), time };
        let sealed = change.seal(&grant_place(lineage, &grant), &[])?;
        let insert = sqlx::query(GRANT).bind(grant.id).bind(lineage.0).bind(grant.user.as_ref().map(UserId::as_str));
        change.run(insert.bind(kept).bind(by).bind(time).bind(sealed)).await?;
        change.write_head(&head).await?;
        change.done().await
    }

    /// What was added to the budgets of a lineage, the oldest first.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be read.
    pub async fn granted(&self, lineage: LineageId) -> Result<Vec<BudgetGrant>, LedgerError> {
        let mut look = self.look().await?;
        look.verified_head().await?;
        look.grants(lineage).await
    }

    /// What was spent in every lineage.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be read.
    pub async fn status(&self) -> Result<Vec<LineageStatus>, LedgerError> {
        let mut look = self.look().await?;
        look.verified_head().await?;
        let mut status = Vec::new();
        for row in look.rows(sqlx::query(LINEAGES)).await? {
            let place = Place::new("lineages", "of unknown number");
            let lineage = LineageId(look.column(&row, "id", &place)?);
            let place = Place::new("lineages", lineage);
            status.push(LineageStatus {
                lineage,
                dataset: DatasetId::new(look.column(&row, "dataset", &place)?).map_err(|_| look.corrupt(&place))?,
                builds: look.count(&row, "builds", &place)?,
                entries: look.count(&row, "entries", &place)?,
                users: look.users(lineage).await?,
                grants: look.grants(lineage).await?,
            });
        }
        Ok(status)
    }
}

impl Access<'_> {
    /// About how many different cohorts `user` got an answer from the day `since` on.
    pub(crate) async fn cohorts(&mut self, user: &UserId, since: i64) -> Result<u64, LedgerError> {
        let midnight = since.saturating_mul(SECONDS_A_DAY);
        self.amount(sqlx::query(COHORTS).bind(user.as_str()).bind(midnight)).await
    }

    pub(crate) async fn grants(&mut self, lineage: LineageId) -> Result<Vec<BudgetGrant>, LedgerError> {
        let rows = self.rows(sqlx::query(GRANTS).bind(lineage.0)).await?;
        rows.iter().map(|row| self.read_grant(lineage, row)).collect()
    }

    async fn users(&mut self, lineage: LineageId) -> Result<Vec<UserStatus>, LedgerError> {
        let place = Place::new("releases", format!("of lineage {lineage}"));
        let rows = self.rows(sqlx::query(USERS).bind(lineage.0)).await?;
        let read = |row: &SqliteRow| {
            Ok(UserStatus {
                user: UserId::new(self.column(row, "user", &place)?).map_err(|_| self.corrupt(&place))?,
                releases: self.count(row, "releases", &place)?,
                charge: self.count(row, "charge", &place)?,
            })
        };
        rows.iter().map(read).collect()
    }

    fn read_grant(&self, lineage: LineageId, row: &SqliteRow) -> Result<BudgetGrant, LedgerError> {
        let place = Place::new("grants", "of unknown number");
        let id = self.column(row, "id", &place)?;
        let place = Place::new("grants", id);
        let user: Option<&str> = self.column(row, "user", &place)?;
        let grant = BudgetGrant {
            id,
            user: user.map(UserId::new).transpose().map_err(|_| self.corrupt(&place))?,
            amount: self.count(row, "amount", &place)?,
            by: self.column(row, "granted_by", &place)?,
            time: self.column(row, "time", &place)?,
        };
        self.unseal(row, &grant_place(lineage, &grant))?;
        Ok(grant)
    }

    fn count(&self, row: &SqliteRow, column: &str, place: &Place) -> Result<u64, LedgerError> {
        u64::try_from(self.column::<i64>(row, column, place)?).map_err(|_| self.corrupt(place))
    }

    async fn amount(&mut self, statement: crate::access::Statement<'_>) -> Result<u64, LedgerError> {
        u64::try_from(self.number(statement).await?).map_err(|_| LedgerError::Number)
    }
}

fn grant_place(lineage: LineageId, grant: &BudgetGrant) -> Place {
    let BudgetGrant { id, user, amount, by, time } = grant;
    let place = Place::new("grants", id).with_number(lineage.0).with_optional(user.as_ref().map(UserId::as_str));
    place.with(&amount.to_le_bytes()).with(by.as_bytes()).with_number(*time)
}
