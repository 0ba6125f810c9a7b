//! Entries: the sets that were released, and what was told of them.

use std::collections::BTreeMap;
use std::fmt;

use coda_model::{BuildId, plan::Words};
use roaring::RoaringBitmap;
use sqlx::sqlite::SqliteRow;

use crate::Digest;
use crate::access::Access;
use crate::bytes;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::people::LineageId;
use crate::release::{NewEntry, NewRelease, ReleaseId};
use crate::seal::Place;

/// An entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub i64);

/// What the members of a set are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UniverseName {
    /// People, by their ordinals in the lineage.
    People,
    /// The same, in sets of those who have a value of a variable, or of several: counted with the few who have none, they are told
    /// of under no number of their own. By a name of these variables.
    Valid(String),
    /// Rows of a table, by their places in one build.
    Rows {
        /// The table.
        table: String,
        /// The build.
        build: BuildId,
    },
}

/// Before the name of variables in the place of a table, with no build: sets of people who have a value of them. No table's name
/// begins so.
const VALID: char = '=';

/// An entry as it is kept. Its `Debug` does not say who is in the set.
#[derive(Clone, PartialEq)]
pub struct Stored {
    /// Its number, growing with time.
    pub id: EntryId,
    /// What the members are.
    pub universe: UniverseName,
    /// SHA-256 of the canonical text of the filter.
    pub text: Digest,
    /// The build it was released on.
    pub build: BuildId,
    /// The members.
    pub set: RoaringBitmap,
    /// What is said of them; none for a set that was not chosen by words.
    pub words: Option<Words>,
    /// What was told of them beside their number.
    pub figures: Vec<FigureStored>,
}

/// Sums over the members of an entry. Its `Debug` does not say them.
#[derive(Clone, PartialEq, Eq)]
pub struct FigureStored {
    /// SHA-256 of the canonical text of the column.
    pub column: Digest,
    /// The sums of the column's first, second, third … powers, in the unit the releases keep to.
    pub powers: Vec<i128>,
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stored({})", self.id)
    }
}

impl fmt::Debug for FigureStored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FigureStored")
    }
}

const INSERT: &str = "INSERT INTO entries (id, release, lineage, build, text, row_table, row_build, sealed) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
// All of a lineage, or those that a later release than $2 has made or told of.
const LOAD: &str = "SELECT * FROM entries WHERE lineage = $1 ORDER BY id";
const LOAD_SINCE: &str = "SELECT * FROM entries WHERE lineage = $1 \
     AND (release > $2 OR id IN (SELECT entry FROM figures WHERE release > $2)) ORDER BY id";
const FIGURES: &str = "SELECT figures.* FROM figures JOIN entries ON entries.id = figures.entry \
     WHERE entries.lineage = $1 ORDER BY figures.entry, figures.variable";
const FIGURES_SINCE: &str = "SELECT * FROM figures WHERE entry IN (SELECT id FROM entries WHERE lineage = $1 \
     AND (release > $2 OR id IN (SELECT entry FROM figures WHERE release > $2))) ORDER BY entry, variable";
const FIND_FIGURE: &str = "SELECT * FROM figures WHERE entry = $1 AND variable = $2";
const WRITE_FIGURE: &str = "INSERT OR REPLACE INTO figures (entry, variable, release, sealed) VALUES ($1, $2, $3, $4)";

/// What became of a figure.
pub(crate) enum Figured {
    /// It is the first of its column.
    New,
    /// The column's figure was there, and is now as long as the longer of the two.
    Known,
}

impl Ledger {
    /// All entries of a lineage, the oldest first.
    ///
    /// # Errors
    /// [`LedgerError::Corrupt`], [`LedgerError::Rows`], and others when it cannot be read.
    pub async fn load(&self, lineage: LineageId) -> Result<Vec<Stored>, LedgerError> {
        self.load_since(lineage, None).await
    }

    /// The entries of a lineage that releases later than `seen` have made or have told more of, whole, the oldest first. With
    /// [`Ledger::newest`], asked before, a history in memory is kept up to date.
    ///
    /// # Errors
    /// As [`Ledger::load`].
    pub async fn load_since(&self, lineage: LineageId, seen: Option<ReleaseId>) -> Result<Vec<Stored>, LedgerError> {
        let mut look = self.look().await?;
        look.verified_head().await?;
        look.entries(lineage, seen).await
    }
}

impl Access<'_> {
    pub(crate) async fn entries(
        &mut self,
        lineage: LineageId,
        seen: Option<ReleaseId>,
    ) -> Result<Vec<Stored>, LedgerError> {
        let query = |all, since| match seen {
            None => sqlx::query(all).bind(lineage.0),
            Some(release) => sqlx::query(since).bind(lineage.0).bind(release.0),
        };
        let mut figures: BTreeMap<EntryId, Vec<FigureStored>> = BTreeMap::new();
        for row in self.rows(query(FIGURES, FIGURES_SINCE)).await? {
            let (entry, figure) = self.read_figure(&row)?;
            figures.entry(entry).or_default().push(figure);
        }
        let rows = self.rows(query(LOAD, LOAD_SINCE)).await?;
        let read = |row: &SqliteRow| {
            let stored = self.read_entry(row)?;
            Ok(Stored { figures: figures.remove(&stored.id).unwrap_or_default(), ..stored })
        };
        rows.iter().map(read).collect()
    }

    pub(crate) async fn insert_entry(
        &mut self,
        id: EntryId,
        id_of_release: ReleaseId,
        release: &NewRelease,
        entry: &NewEntry,
    ) -> Result<(), LedgerError> {
        let valid;
        let (table, rows) = match &entry.universe {
            UniverseName::People => (None, None),
            UniverseName::Valid(variables) => {
                valid = format!("{VALID}{variables}");
                (Some(valid.as_str()), None)
            }
            UniverseName::Rows { table, build } => (Some(table.as_str()), Some(build.as_str())),
        };
        let build = release.build.as_str();
        let place = entry_place(id, id_of_release, release.lineage, build, &entry.text, table, rows);
        let sealed = self.seal(&place, &bytes::encode_entry(&entry.set, entry.words.as_ref())?)?;
        let insert = sqlx::query(INSERT).bind(id.0).bind(id_of_release.0).bind(release.lineage.0).bind(build);
        self.run(insert.bind(entry.text.as_slice()).bind(table).bind(rows).bind(sealed)).await
    }

    /// Keeps what was told of an entry. What is kept may get more powers, never other ones.
    pub(crate) async fn write_figure(
        &mut self,
        entry: EntryId,
        release: ReleaseId,
        figure: &FigureStored,
    ) -> Result<Figured, LedgerError> {
        let FigureStored { column, powers } = figure;
        let find = sqlx::query(FIND_FIGURE).bind(entry.0).bind(column.as_slice());
        let kept = self.row(find).await?.map(|row| self.read_figure(&row)).transpose()?;
        let figured = match kept {
            Some((_, kept)) if kept.powers.starts_with(powers) => return Ok(Figured::Known),
            Some((_, kept)) if powers.starts_with(&kept.powers) => Figured::Known,
            Some(_) => return Err(LedgerError::Contradiction("figure")),
            None => Figured::New,
        };
        let sealed = self.seal(&figure_place(entry, column, release), &bytes::encode_powers(powers))?;
        let write = sqlx::query(WRITE_FIGURE).bind(entry.0).bind(column.as_slice()).bind(release.0);
        self.run(write.bind(sealed)).await?;
        Ok(figured)
    }

    fn read_entry(&self, row: &SqliteRow) -> Result<Stored, LedgerError> {
        let place = Place::new("entries", "of unknown number");
        let id = EntryId(self.column(row, "id", &place)?);
        let place = Place::new("entries", id);
        let release = ReleaseId(self.column(row, "release", &place)?);
        let lineage = LineageId(self.column(row, "lineage", &place)?);
        let build: &str = self.column(row, "build", &place)?;
        let text: &[u8] = self.column(row, "text", &place)?;
        let table: Option<&str> = self.column(row, "row_table", &place)?;
        let rows: Option<&str> = self.column(row, "row_build", &place)?;
        let place = entry_place(id, release, lineage, build, text, table, rows);
        let broken = || self.corrupt(&place);
        let (set, words) = bytes::decode_entry(&self.unseal(row, &place)?).ok_or_else(broken)?;
        let name = |build| BuildId::new(build).map_err(|_| broken());
        let universe = match (table, rows) {
            (Some(table), Some(rows)) => UniverseName::Rows { table: table.to_owned(), build: name(rows)? },
            (None, None) => UniverseName::People,
            (Some(table), None) => UniverseName::Valid(table.strip_prefix(VALID).ok_or_else(broken)?.to_owned()),
            _ => return Err(broken()),
        };
        let text = text.try_into().map_err(|_| broken())?;
        Ok(Stored { id, universe, text, build: name(build)?, set, words, figures: Vec::new() })
    }

    fn read_figure(&self, row: &SqliteRow) -> Result<(EntryId, FigureStored), LedgerError> {
        let place = Place::new("figures", "of unknown entry");
        let entry = EntryId(self.column(row, "entry", &place)?);
        let column: &[u8] = self.column(row, "variable", &place)?;
        let release = ReleaseId(self.column(row, "release", &place)?);
        let place = figure_place(entry, column, release);
        let broken = || self.corrupt(&place);
        let powers = bytes::decode_powers(&self.unseal(row, &place)?).ok_or_else(broken)?;
        Ok((entry, FigureStored { column: column.try_into().map_err(|_| broken())?, powers }))
    }
}

fn entry_place(
    id: EntryId,
    release: ReleaseId,
    lineage: LineageId,
    build: &str,
    text: &[u8],
    table: Option<&str>,
    rows: Option<&str>,
) -> Place {
    let place = Place::new("entries", id).with_number(release.0).with_number(lineage.0);
    place.with(build.as_bytes()).with(text).with_optional(table).with_optional(rows)
}

fn figure_place(entry: EntryId, column: &[u8], release: ReleaseId) -> Place {
    Place::new("figures", format!("of entry {entry}")).with(column).with_number(release.0)
}
