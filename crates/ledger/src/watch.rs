//! The watch's memory: the query sets of earlier asks, what was seen of near pairs, and who is held.

use std::collections::BTreeSet;

use coda_disclosure::watch::{COHORTS, GROUPS, HOLD, Relation, SetKind, WatchedSet};
use coda_disclosure::{BUCKETS, Buckets};
use coda_model::UserId;
use sqlx::sqlite::SqliteRow;

use crate::access::Access;
use crate::bytes;
use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::lineage::LineageId;
use crate::renewal::Party;
use crate::seal::Place;

/// The query sets of new asks, after they were answered.
pub struct Watched<'a> {
    /// Of which lineage.
    pub lineage: LineageId,
    /// Who asked.
    pub user: UserId,
    /// For which project.
    pub project: String,
    /// When, in seconds since 1970.
    pub time: i64,
    /// Each set with the number of its ask, see [`crate::Counted::new`].
    pub sets: Vec<(i64, WatchedSet)>,
    /// Everybody in the build.
    pub everybody: &'a Buckets,
}

/// What was seen of a person's or a project's questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Whose.
    pub party: Party,
    /// What the twins that were seen now count.
    pub new_twins: u64,
    /// Twins over the last hundred cohorts, or since the party was last released.
    pub twins: u64,
    /// Near cells over the same.
    pub near_cells: u64,
    /// Whether new asks are refused from now on.
    pub held: bool,
}

/// A person or a project whose new asks are refused, or were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its number.
    pub id: i64,
    /// Who.
    pub party: Party,
    /// Since when, in seconds since 1970.
    pub time: i64,
    /// By whom it was released, and why.
    pub released: Option<(String, String)>,
}

/// A set as it is kept.
pub(crate) struct Kept {
    pub(crate) id: i64,
    ask: i64,
    set: WatchedSet,
}

const INSERT_SET: &str =
    "INSERT INTO sets (id, lineage, ask, g1, g2, g3, g4, g5, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const NEAR: [&str; GROUPS] = [
    "SELECT * FROM sets WHERE g1 = $1 AND lineage = $2",
    "SELECT * FROM sets WHERE g2 = $1 AND lineage = $2",
    "SELECT * FROM sets WHERE g3 = $1 AND lineage = $2",
    "SELECT * FROM sets WHERE g4 = $1 AND lineage = $2",
    "SELECT * FROM sets WHERE g5 = $1 AND lineage = $2",
];
const SEEN: &str =
    "SELECT count(*) FROM sightings WHERE lineage = $1 AND project = $2 AND user = $3 AND kind = $4 AND pair = $5";
const INSERT_SIGHTING: &str = "INSERT INTO sightings (id, lineage, project, user, pair, kind, weight, ask, time) VALUES \
     ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const OF_USER: &str = "SELECT coalesce(sum(weight), 0) FROM sightings WHERE lineage = $1 AND user = $2 AND kind = $3 AND id > $4 AND \
     ask >= (SELECT coalesce(min(first), 0) FROM (SELECT min(id) AS first FROM asks WHERE lineage = $1 AND user = $2 GROUP BY cohort \
     ORDER BY first DESC LIMIT $5))";
const OF_PROJECT: &str = "SELECT coalesce(sum(weight), 0) FROM sightings WHERE lineage = $1 AND project = $2 AND kind = $3 AND id > $4 \
     AND ask >= (SELECT coalesce(min(first), 0) FROM (SELECT min(id) AS first FROM asks WHERE lineage = $1 AND project = $2 GROUP BY \
     cohort ORDER BY first DESC LIMIT $5))";
const RELEASED: &str = "SELECT coalesce(max(released_after), 0) FROM holds WHERE lineage = $1 AND kind = $2 AND name = $3 AND released_after IS NOT NULL";
const HELD_PARTY: &str =
    "SELECT count(*) FROM holds WHERE lineage = $1 AND released_after IS NULL AND kind = $2 AND name = $3";
const INSERT_HOLD: &str = "INSERT INTO holds (lineage, kind, name, time) VALUES ($1, $2, $3, $4)";
const HOLDS: &str = "SELECT * FROM holds ORDER BY id";
const RELEASE: &str = "UPDATE holds SET released_after = (SELECT coalesce(max(id), 0) FROM sightings), released_by = $2, reason = $3 \
     WHERE id = $1 AND released_after IS NULL";

impl Ledger {
    /// Compares query sets with those of earlier asks, keeps them, and holds whoever asked for too many twins.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be read or written; then nothing was kept.
    pub async fn watch(&self, watched: &Watched<'_>) -> Result<Vec<Sighting>, LedgerError> {
        let mut change = self.begin().await?;
        let mut head = change.head().await?;
        let (mut twins, mut cells) = (0, 0);
        // Of people each is in one cell of an ask: however many of its sets have a twin, the first one counts.
        let mut counted = BTreeSet::new();
        for (ask, set) in &watched.sets {
            for earlier in change.candidates(watched, set).await? {
                if earlier.ask == *ask {
                    continue;
                }
                let Some(relation) = set.relation(&earlier.set, watched.everybody) else { continue };
                let pair = pair(set, &earlier.set);
                let Watched { lineage, user, project, time, .. } = watched;
                let kind = match relation {
                    Relation::Twin { .. } => "twin",
                    Relation::NearCell => "near cell",
                };
                let seen = sqlx::query(SEEN).bind(lineage.0).bind(project).bind(user.as_str()).bind(kind);
                if change.number(seen.bind(pair.as_slice())).await? > 0 {
                    continue;
                }
                let weight = match relation {
                    Relation::Twin { weight } if set.kind == SetKind::CellOfRows || counted.insert(*ask) => weight,
                    Relation::Twin { .. } => 0,
                    Relation::NearCell => 1,
                };
                head.sightings += 1;
                let insert = sqlx::query(INSERT_SIGHTING).bind(head.sightings).bind(lineage.0).bind(project);
                let insert = insert.bind(user.as_str()).bind(pair.clone()).bind(kind).bind(weight).bind(ask).bind(time);
                change.run(insert).await?;
                match relation {
                    Relation::Twin { .. } => twins += u64::from(weight),
                    Relation::NearCell => cells += 1,
                }
            }
        }
        for (ask, set) in &watched.sets {
            head.sets += 1;
            change.keep(watched.lineage, head.sets, *ask, set).await?;
        }
        let mut sightings = Vec::new();
        if twins + cells > 0 {
            for party in [Party::User(watched.user.clone()), Party::Project(watched.project.clone())] {
                sightings.push(change.sighting(watched, party, twins).await?);
            }
        }
        change.write_head(&head).await?;
        change.commit().await?;
        Ok(sightings)
    }

    /// All holds, the oldest first.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be read.
    pub async fn holds(&self) -> Result<Vec<Hold>, LedgerError> {
        let mut look = self.read().await?;
        let place = Place::new("holds", "of unknown number");
        let mut holds = Vec::new();
        for row in look.rows(sqlx::query(HOLDS)).await? {
            let (kind, name): (&str, &str) = (look.column(&row, "kind", &place)?, look.column(&row, "name", &place)?);
            let party = match kind {
                "user" => Party::User(UserId::new(name).map_err(|_| look.corrupt(&place))?),
                _ => Party::Project(name.to_owned()),
            };
            let by: Option<String> = look.column(&row, "released_by", &place)?;
            let reason: Option<String> = look.column(&row, "reason", &place)?;
            let (id, time) = (look.column(&row, "id", &place)?, look.column(&row, "time", &place)?);
            holds.push(Hold { id, party, time, released: by.zip(reason) });
        }
        Ok(holds)
    }

    /// Ends a hold: a decision of the site's privacy auditor, who says why. `false` when there is no such hold any more.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be read or written.
    pub async fn release_hold(&self, id: i64, by: &str, reason: &str) -> Result<bool, LedgerError> {
        let standing = self.holds().await?.iter().any(|hold| hold.id == id && hold.released.is_none());
        if standing {
            let mut change = self.begin().await?;
            change.run(sqlx::query(RELEASE).bind(id).bind(by).bind(reason)).await?;
            change.commit().await?;
        }
        Ok(standing)
    }
}

impl Access<'_> {
    /// Sets that may be near this one or near everybody but this one.
    async fn candidates(&mut self, watched: &Watched<'_>, set: &WatchedSet) -> Result<Vec<Kept>, LedgerError> {
        let (mut found, mut known) = (Vec::new(), BTreeSet::new());
        for groups in [set.groups(), set.groups_of_rest(watched.everybody)] {
            for (statement, group) in NEAR.into_iter().zip(groups) {
                for row in self.rows(sqlx::query(statement).bind(group as i64).bind(watched.lineage.0)).await? {
                    let kept = self.read_set(&row)?;
                    if known.insert(kept.id) {
                        found.push(kept);
                    }
                }
            }
        }
        Ok(found)
    }

    async fn keep(&mut self, lineage: LineageId, id: i64, ask: i64, set: &WatchedSet) -> Result<(), LedgerError> {
        let sealed = self.seal(&place(id, lineage, ask), &encode(set))?;
        let mut insert = sqlx::query(INSERT_SET).bind(id).bind(lineage.0).bind(ask);
        for group in set.groups() {
            insert = insert.bind(group as i64);
        }
        self.run(insert.bind(sealed)).await.map(drop)
    }

    pub(crate) fn read_set(&self, row: &SqliteRow) -> Result<Kept, LedgerError> {
        let unknown = Place::new("sets", "of unknown number");
        let id: i64 = self.column(row, "id", &unknown)?;
        let (lineage, ask) = (LineageId(self.column(row, "lineage", &unknown)?), self.column(row, "ask", &unknown)?);
        let place = place(id, lineage, ask);
        let set = decode(&self.decrypt(row, &place)?).ok_or_else(|| self.corrupt(&place))?;
        Ok(Kept { id, ask, set })
    }

    async fn sighting(&mut self, watched: &Watched<'_>, party: Party, new_twins: u64) -> Result<Sighting, LedgerError> {
        let Watched { lineage, time, .. } = watched;
        let (kind, name) = (party.kind(), party.name().to_owned());
        let released = self.number(sqlx::query(RELEASED).bind(lineage.0).bind(kind).bind(name.clone())).await?;
        let statement = match party {
            Party::User(_) => OF_USER,
            Party::Project(_) => OF_PROJECT,
        };
        let mut counted = [0, 0];
        for (counted, of) in counted.iter_mut().zip(["twin", "near cell"]) {
            let count = sqlx::query(statement).bind(lineage.0).bind(name.clone()).bind(of).bind(released).bind(COHORTS);
            *counted = self.number(count).await?.unsigned_abs();
        }
        let [twins, near_cells] = counted;
        let standing = self.number(sqlx::query(HELD_PARTY).bind(lineage.0).bind(kind).bind(name.clone())).await? > 0;
        let held = twins >= HOLD;
        if held && !standing {
            self.run(sqlx::query(INSERT_HOLD).bind(lineage.0).bind(kind).bind(name).bind(time)).await?;
        }
        Ok(Sighting { party, new_twins, twins, near_cells, held })
    }
}

fn place(id: i64, lineage: LineageId, ask: i64) -> Place {
    Place::new("sets", id).with_number(lineage.0).with_number(ask)
}

/// Two statements in either order. A pair of distributions is another one than that of their wholes.
fn pair(set: &WatchedSet, earlier: &WatchedSet) -> Vec<u8> {
    let (one, other) = (set.statement.min(earlier.statement), set.statement.max(earlier.statement));
    let distributions = [set.kind, earlier.kind] == [SetKind::Distribution; 2];
    [one.as_slice(), &other, &[u8::from(distributions)]].concat()
}

fn encode(set: &WatchedSet) -> Vec<u8> {
    let WatchedSet { buckets, told, statement, complement, cohort, levels, kind } = set;
    let kind = match kind {
        SetKind::Cell => 0,
        SetKind::Distribution => 1,
        SetKind::CellOfRows => 2,
    };
    let mut bytes: Vec<u8> = buckets.iter().flat_map(|bucket| bucket.to_le_bytes()).collect();
    bytes.extend_from_slice(&told.to_le_bytes());
    for key in [statement, complement, cohort, levels] {
        bytes.extend_from_slice(key);
    }
    bytes.push(kind);
    bytes
}

fn decode(bytes: &[u8]) -> Option<WatchedSet> {
    let (buckets, rest) = bytes.split_at_checked(8 * BUCKETS)?;
    let buckets: Vec<u64> = bytes::chunks(buckets)?.into_iter().map(u64::from_le_bytes).collect();
    let (told, rest) = rest.split_first_chunk::<8>()?;
    let (keys, kind) = rest.split_at_checked(4 * 32)?;
    let [statement, complement, cohort, levels] = bytes::chunks(keys)?.try_into().ok()?;
    let kind = match kind {
        [0] => SetKind::Cell,
        [1] => SetKind::Distribution,
        [2] => SetKind::CellOfRows,
        _ => return None,
    };
    let buckets = buckets.try_into().ok()?;
    Some(WatchedSet { buckets, told: u64::from_le_bytes(*told), statement, complement, cohort, levels, kind })
}
