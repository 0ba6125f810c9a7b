//! Lineages, and the people in them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use coda_model::{BuildId, DatasetId};
use roaring::RoaringBitmap;

use crate::access::Access;
use crate::bytes;
use crate::error::LedgerError;
use crate::head::Head;
use crate::ledger::Ledger;
use crate::seal::Place;

/// All builds of one source: a person has the same ordinal in each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineageId(pub i64);

/// A person of a build. Its `Debug` says nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// What stays the same for the person over all builds of the lineage.
    pub key: [u8; 16],
    /// Digest of all that the build says of the person: another one when anything has changed.
    pub digest: [u8; 8],
}

impl fmt::Display for LineageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person")
    }
}

/// The ordinal and the digest of each person of a build, in the order of the build.
type Members = Vec<(u32, [u8; 8])>;

impl Ledger {
    /// The lineage of a data set's source, made when there is none.
    ///
    /// # Errors
    /// [`LedgerError`] when it cannot be read or written.
    pub async fn lineage(&self, dataset: &DatasetId, id: [u8; 16]) -> Result<LineageId, LedgerError> {
        let mut change = self.change().await?;
        let mut head = change.verified_head().await?;
        let find = sqlx::query("SELECT id FROM lineages WHERE dataset = $1 AND source = $2");
        if let Some(row) = change.row(find.bind(dataset.as_str()).bind(id.as_slice())).await? {
            return Ok(LineageId(change.column(&row, "id", &Place::new("lineages", dataset))?));
        }
        head.lineages += 1;
        let insert = sqlx::query("INSERT INTO lineages (id, dataset, source) VALUES ($1, $2, $3)");
        change.run(insert.bind(head.lineages).bind(dataset.as_str()).bind(id.as_slice())).await?;
        let lineage = LineageId(head.lineages);
        change.write_keys(lineage, &[]).await?;
        change.write_head(&head).await?;
        change.done().await?;
        Ok(lineage)
    }

    /// Records the people of a build, in the order of the build, and gives the ordinal of each. A key has the same ordinal in
    /// every build of the lineage, also when it is missing from some in between; a new key gets the next one. A build that was
    /// recorded before is only compared.
    ///
    /// # Errors
    /// [`LedgerError::SameKey`], [`LedgerError::BuildChanged`], [`LedgerError::Unknown`] for a lineage that is none, and
    /// others when it cannot be read or written.
    pub async fn people(
        &self,
        lineage: LineageId,
        build: &BuildId,
        people: &[Person],
    ) -> Result<Vec<u32>, LedgerError> {
        let mut change = self.change().await?;
        let head = change.verified_head().await?;
        let mut keys = change.keys(lineage).await?;
        let known = keys.len();
        let members = number(&mut keys, build, people)?;
        match change.members(lineage, build).await? {
            Some(before) if before == members => {}
            Some(_) => return Err(LedgerError::BuildChanged(build.clone())),
            None => {
                if keys.len() > known {
                    change.write_keys(lineage, &keys).await?;
                }
                change.write_members(lineage, build, &members).await?;
                change.write_head(&Head { builds: head.builds + 1, ..head }).await?;
                change.done().await?;
            }
        }
        Ok(members.into_iter().map(|(ordinal, _)| ordinal).collect())
    }

    /// The ordinals of those who are in only one of two builds, or of whom the two say different things.
    ///
    /// # Errors
    /// [`LedgerError::UnknownBuild`], and others when it cannot be read.
    pub async fn changed(
        &self,
        lineage: LineageId,
        old: &BuildId,
        new: &BuildId,
    ) -> Result<RoaringBitmap, LedgerError> {
        let mut look = self.look().await?;
        look.verified_head().await?;
        let mut before: HashMap<u32, [u8; 8]> = look.known_members(lineage, old).await?.into_iter().collect();
        let after = look.known_members(lineage, new).await?;
        let mut changed: Vec<u32> =
            after.iter().filter(|(ordinal, digest)| before.remove(ordinal) != Some(*digest)).map(|(o, _)| *o).collect();
        changed.extend(before.into_keys());
        Ok(changed.into_iter().collect())
    }
}

/// Gives each person an ordinal: that of their key, or the next one.
fn number(keys: &mut Vec<[u8; 16]>, build: &BuildId, people: &[Person]) -> Result<Members, LedgerError> {
    let mut ordinals = HashMap::with_capacity(keys.len() + people.len());
    for (ordinal, key) in (0..).zip(keys.iter()) {
        ordinals.insert(*key, (ordinal, Seen::Before));
    }
    people
        .iter()
        .map(|Person { key, digest }| {
            let ordinal = match ordinals.entry(*key) {
                Entry::Occupied(mut entry) => match entry.insert((entry.get().0, Seen::Here)) {
                    (ordinal, Seen::Before) => ordinal,
                    (_, Seen::Here) => return Err(LedgerError::SameKey(build.clone())),
                },
                Entry::Vacant(entry) => {
                    let ordinal = u32::try_from(keys.len()).map_err(|_| LedgerError::Number)?;
                    keys.push(*key);
                    entry.insert((ordinal, Seen::Here)).0
                }
            };
            Ok((ordinal, *digest))
        })
        .collect()
}

#[derive(Clone, Copy)]
enum Seen {
    Before,
    Here,
}

impl Access<'_> {
    /// The keys of a lineage's people, in the order of their ordinals.
    pub(crate) async fn keys(&mut self, lineage: LineageId) -> Result<Vec<[u8; 16]>, LedgerError> {
        let row = self.row(sqlx::query("SELECT sealed FROM people WHERE lineage = $1").bind(lineage.0)).await?;
        let row = row.ok_or(LedgerError::Unknown("a lineage"))?;
        let place = keys_place(lineage);
        bytes::chunks(&self.unseal(&row, &place)?).ok_or_else(|| self.corrupt(&place))
    }

    async fn write_keys(&mut self, lineage: LineageId, keys: &[[u8; 16]]) -> Result<(), LedgerError> {
        let sealed = self.seal(&keys_place(lineage), keys.as_flattened())?;
        let write = sqlx::query("INSERT OR REPLACE INTO people (lineage, sealed) VALUES ($1, $2)");
        self.run(write.bind(lineage.0).bind(sealed)).await
    }

    /// `None` for a build that was never recorded.
    pub(crate) async fn members(
        &mut self,
        lineage: LineageId,
        build: &BuildId,
    ) -> Result<Option<Members>, LedgerError> {
        let find = sqlx::query("SELECT sealed FROM builds WHERE lineage = $1 AND build = $2");
        let Some(row) = self.row(find.bind(lineage.0).bind(build.as_str())).await? else { return Ok(None) };
        let place = members_place(lineage, build);
        bytes::decode_build(&self.unseal(&row, &place)?).map(Some).ok_or_else(|| self.corrupt(&place))
    }

    async fn known_members(&mut self, lineage: LineageId, build: &BuildId) -> Result<Members, LedgerError> {
        self.members(lineage, build).await?.ok_or_else(|| LedgerError::UnknownBuild(build.clone()))
    }

    async fn write_members(
        &mut self,
        lineage: LineageId,
        build: &BuildId,
        members: &[(u32, [u8; 8])],
    ) -> Result<(), LedgerError> {
        let sealed = self.seal(&members_place(lineage, build), &bytes::encode_build(members))?;
        let write = sqlx::query("INSERT INTO builds (lineage, build, sealed) VALUES ($1, $2, $3)");
        self.run(write.bind(lineage.0).bind(build.as_str()).bind(sealed)).await
    }
}

fn keys_place(lineage: LineageId) -> Place {
    Place::new("people", lineage)
}

/// Where the people of a build are kept.
pub(crate) fn members_place(lineage: LineageId, build: &BuildId) -> Place {
    Place::new("builds", format!("{lineage}, {build}"))
}
