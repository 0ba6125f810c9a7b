//! Releases, written before they leave.

use std::collections::BTreeSet;
use std::fmt;

use coda_model::{BuildId, UserId, plan::Words};
use roaring::RoaringBitmap;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::Digest;
use crate::access::Access;
use crate::budget::SECONDS_A_DAY;
use crate::entry::{EntryId, FigureStored, Figured, UniverseName};
use crate::error::LedgerError;
use crate::head::Head;
use crate::ledger::Ledger;
use crate::people::LineageId;
use crate::seal::Place;

/// A release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseId(pub i64);

/// All that is to be remembered of a release. Its `Debug` does not say what is in it.
#[derive(Clone)]
pub struct NewRelease {
    /// Who asked.
    pub user: UserId,
    /// When, in seconds since 1970.
    pub time: i64,
    /// Of which lineage.
    pub lineage: LineageId,
    /// On which of its builds.
    pub build: BuildId,
    /// The last release that the decision has taken into account: [`Ledger::newest`], asked before the history was read.
    pub seen: Option<ReleaseId>,
    /// Digest of the site's policy.
    pub policy: Digest,
    /// Digest of the canonical query.
    pub query: Digest,
    /// Digest of the canonical text of its cohort.
    pub cohort: Digest,
    /// Digest of the signed envelope.
    pub envelope: Digest,
    /// The sets of which something is told for the first time.
    pub entries: Vec<NewEntry>,
    /// What is told of sets beside their numbers.
    pub figures: Vec<NewFigure>,
    /// Columns that were cut into buckets.
    pub series: Vec<NewSeries>,
    /// What it costs of the budgets.
    pub charge: u64,
    /// The reply, as it goes out.
    pub reply: Vec<u8>,
}

/// What came of writing a release: its numbers, and how many cohorts the user got an answer about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Its number.
    pub release: ReleaseId,
    /// The number of the first of its entries; the others follow.
    pub first: EntryId,
    /// About how many different cohorts the user got an answer that day, in all lineages, this one among them.
    pub cohorts_today: u64,
}

/// A set of which something is told for the first time. Its `Debug` says nothing.
#[derive(Clone, PartialEq)]
pub struct NewEntry {
    /// What the members are.
    pub universe: UniverseName,
    /// SHA-256 of the canonical text of the filter.
    pub text: Digest,
    /// The members.
    pub set: RoaringBitmap,
    /// What is said of them; none for a set that was not chosen by words.
    pub words: Option<Words>,
}

/// What is told of a set. Its `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct NewFigure {
    /// Of which set.
    pub subject: Subject,
    /// What.
    pub figure: FigureStored,
}

/// The entry of which a figure tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// One that is kept.
    Stored(EntryId),
    /// One of the release's own, by its place in [`NewRelease::entries`].
    New(usize),
}

/// A column cut into buckets over a cohort: from now on in this way only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSeries {
    /// SHA-256 of the canonical text of the cohort.
    pub cohort: Digest,
    /// SHA-256 of the canonical text of the column.
    pub column: Digest,
    /// The bucket, such as `month`.
    pub bucket: String,
}

impl fmt::Display for ReleaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for NewRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewRelease")
    }
}

impl fmt::Debug for NewEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewEntry")
    }
}

impl fmt::Debug for NewFigure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewFigure")
    }
}

const INSERT: &str = "INSERT INTO releases \
     (id, lineage, build, policy, query, cohort, envelope, user, time, charge, sealed) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const CACHED: &str = "SELECT * FROM releases WHERE lineage = $1 AND build = $2 AND policy = $3 AND query = $4";
const NEWEST: &str = "SELECT max(id) AS newest FROM releases WHERE lineage = $1";
const TOLD: &str = "SELECT DISTINCT build FROM releases WHERE lineage = $1";
const BUILDS: &str = "SELECT count(*) FROM builds WHERE lineage = $1 AND build = $2";
const ENTRIES: &str = "SELECT count(*) FROM entries WHERE lineage = $1 AND id = $2";

impl Ledger {
    /// Writes a release, all of it or nothing. When this returns it is on the disk, and may leave.
    ///
    /// # Errors
    /// [`LedgerError::Stale`] when the lineage has other releases than [`NewRelease::seen`] says: read the history anew and
    /// decide again. [`LedgerError::Contradiction`], [`LedgerError::Clock`], [`LedgerError::UnknownBuild`],
    /// [`LedgerError::Unknown`], [`LedgerError::Number`], and others when it cannot be read or written. It must not leave.
    pub async fn commit(&self, release: NewRelease) -> Result<Written, LedgerError> {
        let mut change = self.change().await?;
        let mut head = change.verified_head().await?;
        change.tick(&mut head, release.time)?;
        change.may_follow(&release).await?;
        head.releases += 1;
        let id = ReleaseId(head.releases);
        change.insert_release(id, &release).await?;
        let first = head.entries + 1;
        for (number, entry) in (first..).zip(&release.entries) {
            change.insert_entry(EntryId(number), id, &release, entry).await?;
            head.entries = number;
        }
        change.write_figures(&mut head, id, first, &release).await?;
        for series in &release.series {
            head.series += i64::from(change.bind_series(release.lineage, id, series).await?);
        }
        change.write_head(&head).await?;
        let cohorts_today = change.cohorts(&release.user, release.time.div_euclid(SECONDS_A_DAY)).await?;
        change.done().await?;
        Ok(Written { release: id, first: EntryId(first), cohorts_today })
    }

    /// The last release of a lineage.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be read.
    pub async fn newest(&self, lineage: LineageId) -> Result<Option<ReleaseId>, LedgerError> {
        self.look().await?.newest(lineage).await
    }

    /// The reply that this query had on this build under this policy, to the byte.
    ///
    /// # Errors
    /// [`LedgerError::Corrupt`], and others when it cannot be read.
    pub async fn cached(
        &self,
        lineage: LineageId,
        build: &BuildId,
        policy: Digest,
        query: Digest,
    ) -> Result<Option<Vec<u8>>, LedgerError> {
        let mut look = self.look().await?;
        let row = look.cached_row(lineage, build, &policy, &query).await?;
        row.map(|row| look.reply(&row)).transpose()
    }
}

impl Ledger {
    /// The builds of a lineage on which anything was told.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be read.
    pub async fn builds_told(&self, lineage: LineageId) -> Result<BTreeSet<BuildId>, LedgerError> {
        let mut look = self.look().await?;
        look.verified_head().await?;
        let place = Place::new("releases", format!("of lineage {lineage}"));
        let rows = look.rows(sqlx::query(TOLD).bind(lineage.0)).await?;
        let name = |row: &SqliteRow| {
            let name: String = look.column(row, "build", &place)?;
            BuildId::new(&name).map_err(|_| look.corrupt(&place))
        };
        rows.iter().map(name).collect()
    }
}

impl Access<'_> {
    async fn newest(&mut self, lineage: LineageId) -> Result<Option<ReleaseId>, LedgerError> {
        let row = self.row(sqlx::query(NEWEST).bind(lineage.0)).await?;
        let place = Place::new("releases", format!("of lineage {lineage}"));
        let newest: Option<Option<i64>> = row.map(|row| self.column(&row, "newest", &place)).transpose()?;
        Ok(newest.flatten().map(ReleaseId))
    }

    /// The build is known, nothing came in between, and the query had no reply yet.
    async fn may_follow(&mut self, release: &NewRelease) -> Result<(), LedgerError> {
        let NewRelease { lineage, build, seen, policy, query, .. } = release;
        if self.number(sqlx::query(BUILDS).bind(lineage.0).bind(build.as_str())).await? == 0 {
            return Err(LedgerError::UnknownBuild(build.clone()));
        }
        if self.newest(*lineage).await? != *seen {
            return Err(LedgerError::Stale);
        }
        match self.cached_row(*lineage, build, policy, query).await? {
            Some(_) => Err(LedgerError::Contradiction("reply")),
            None => Ok(()),
        }
    }

    async fn write_figures(
        &mut self,
        head: &mut Head,
        id: ReleaseId,
        first: i64,
        release: &NewRelease,
    ) -> Result<(), LedgerError> {
        for NewFigure { subject, figure } in &release.figures {
            let entry = match *subject {
                Subject::Stored(entry) => entry,
                Subject::New(place) if place < release.entries.len() => EntryId(first + place as i64),
                Subject::New(_) => return Err(LedgerError::Unknown("an entry")),
            };
            if self.number(sqlx::query(ENTRIES).bind(release.lineage.0).bind(entry.0)).await? == 0 {
                return Err(LedgerError::Unknown("an entry"));
            }
            match self.write_figure(entry, id, figure).await? {
                Figured::New => head.figures += 1,
                Figured::Known => {}
            }
        }
        Ok(())
    }

    async fn insert_release(&mut self, id: ReleaseId, release: &NewRelease) -> Result<(), LedgerError> {
        let charge = i64::try_from(release.charge).map_err(|_| LedgerError::Number)?;
        let plain = Plain {
            id: id.0,
            lineage: release.lineage.0,
            build: release.build.as_str(),
            digests: [&release.policy, &release.query, &release.cohort, &release.envelope],
            user: release.user.as_str(),
            time: release.time,
            charge,
        };
        let sealed = self.seal(&plain.place(), &release.reply)?;
        let [policy, query, cohort, envelope] = plain.digests;
        let insert = sqlx::query(INSERT).bind(plain.id).bind(plain.lineage).bind(plain.build);
        let insert = insert.bind(policy).bind(query).bind(cohort).bind(envelope);
        self.run(insert.bind(plain.user).bind(plain.time).bind(plain.charge).bind(sealed)).await
    }

    async fn cached_row(
        &mut self,
        lineage: LineageId,
        build: &BuildId,
        policy: &Digest,
        query: &Digest,
    ) -> Result<Option<SqliteRow>, LedgerError> {
        let find = sqlx::query(CACHED).bind(lineage.0).bind(build.as_str());
        self.row(find.bind(policy.as_slice()).bind(query.as_slice())).await
    }

    /// The reply of a release; all its columns must be as they were written.
    pub(crate) fn reply(&self, row: &SqliteRow) -> Result<Vec<u8>, LedgerError> {
        let plain = Plain::read(row).map_err(|_| self.corrupt(&Place::new("releases", "of unknown number")))?;
        self.unseal(row, &plain.place())
    }
}

/// What of a release is kept in clear.
struct Plain<'r> {
    id: i64,
    lineage: i64,
    build: &'r str,
    /// Of the policy, the query, the cohort and the envelope.
    digests: [&'r [u8]; 4],
    user: &'r str,
    time: i64,
    charge: i64,
}

impl<'r> Plain<'r> {
    fn read(row: &'r SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            lineage: row.try_get("lineage")?,
            build: row.try_get("build")?,
            digests: [row.try_get("policy")?, row.try_get("query")?, row.try_get("cohort")?, row.try_get("envelope")?],
            user: row.try_get("user")?,
            time: row.try_get("time")?,
            charge: row.try_get("charge")?,
        })
    }

    fn place(&self) -> Place {
        let Self { id, lineage, build, digests, user, time, charge } = self;
        let place = Place::new("releases", id).with_number(*lineage).with(build.as_bytes());
        let place = digests.iter().fold(place, |place, digest| place.with(digest));
        place.with(user.as_bytes()).with_number(*time).with_number(*charge)
    }
}
