//! The lineages of a site's data sets: what was released of each, in memory beside the ledger.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use coda_disclosure::history::{Set, Universe};
use coda_engine::keys::Keys;
use coda_ledger::{EntryId, Ledger, LedgerError, LineageId, Person, ReleaseId, UniverseName, Written};
use coda_model::{BuildId, DatasetId, dictionary::Dataset};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{census::Census, known::Known, review::Which};

/// Random vectors kept for the next review (disclosure.md 2.4): two more than most answers have sets.
const PREPARED: usize = 64;

/// The lineages that were asked about since the node started. Who asks about one waits for those who came before: two queries
/// can never be decided without each other.
#[derive(Default)]
pub(crate) struct Lineages(Mutex<HashMap<DatasetId, Arc<Mutex<Option<Lineage>>>>>);

/// A lineage on one of its builds.
pub(crate) struct Lineage {
    pub(crate) id: LineageId,
    build: BuildId,
    /// The least number of people that the rules had when the sets were read.
    least: u64,
    seed: [u8; 32],
    /// The ordinal of each person of the build.
    ordinals: Vec<u32>,
    pub(crate) newest: Option<ReleaseId>,
    known: HashMap<UniverseName, Known>,
    /// Of each table, the earlier builds of which rows of it were told.
    rows_before: HashMap<String, BTreeSet<BuildId>>,
    /// Of earlier builds on which something was released: the members of whom this build says something else.
    pub(crate) changed: BTreeMap<BuildId, Set>,
}

/// The universes in which a query's records are compared.
pub(crate) struct Universes {
    /// That of the records.
    pub(crate) own: UniverseName,
    /// The same records, in sets of those that have a value: one for each name that was asked for, in that order.
    pub(crate) valid: Vec<UniverseName>,
    /// How records are members of both.
    pub(crate) census: Census,
}

impl Lineages {
    /// The lineage of a data set, to the exclusion of everybody else.
    pub(crate) async fn of(&self, dataset: &DatasetId) -> OwnedMutexGuard<Option<Lineage>> {
        let lineage = self.0.lock().await.entry(dataset.clone()).or_default().clone();
        lineage.lock_owned().await
    }
}

impl Lineage {
    /// Reads a lineage from the ledger, as seen from a build.
    pub(crate) async fn open(
        ledger: &Ledger,
        dataset: &DatasetId,
        build: &BuildId,
        keys: &Keys,
        least: u64,
    ) -> Result<Self, LedgerError> {
        let id = ledger.lineage(dataset, keys.lineage).await?;
        let people: Vec<Person> =
            keys.people.iter().map(|person| Person { key: person.key, digest: person.digest }).collect();
        let ordinals = ledger.people(id, build, &people).await?;
        let newest = ledger.newest(id).await?;
        let seed = ledger.secret("audit");
        let count = ordinals.iter().max().map_or(0, |last| last + 1);
        let new = || Known::new(Universe::people(count, least, seed));
        let mut known = HashMap::from([(UniverseName::People, new())]);
        for stored in ledger.load(id).await? {
            if !matches!(stored.universe, UniverseName::Rows { .. }) {
                known.entry(stored.universe.clone()).or_insert_with(new).remember(stored);
            }
        }
        let mut changed = BTreeMap::new();
        for old in ledger.builds_told(id).await?.into_iter().filter(|old| old != build) {
            let set = ledger.changed(id, &old, build).await?;
            changed.insert(old, set);
        }
        // What takes long of the sets is done now, not when somebody waits for an answer.
        for known in known.values_mut() {
            known.universe.prepare(0);
        }
        Ok(Self {
            id,
            build: build.clone(),
            least,
            seed,
            ordinals,
            newest,
            known,
            rows_before: HashMap::new(),
            changed,
        })
    }

    /// Whether the lineage was read as it is to be seen now.
    pub(crate) fn fits(&self, build: &BuildId, least: u64) -> bool {
        self.build == *build && self.least == least
    }

    /// How many people the build has.
    pub(crate) fn people(&self) -> u64 {
        self.ordinals.len() as u64
    }

    /// The universes of a query's records, and how they are their members. The rows of a table of which a person has at most one
    /// are people.
    pub(crate) async fn universe(
        &mut self,
        ledger: &Ledger,
        dataset: &Dataset,
        rows: Option<(usize, &[i32])>,
        valid: &[String],
    ) -> Result<Universes, LedgerError> {
        let of_people = || valid.iter().cloned().map(UniverseName::Valid).collect();
        let people = |census| Universes { own: UniverseName::People, valid: of_people(), census };
        let Some((table, persons)) = rows else { return Ok(people(self.people_census())) };
        let person_of: Arc<[u32]> =
            persons.iter().map(|person| self.ordinals.get(*person as usize).copied().unwrap_or_default()).collect();
        let table = dataset.tables.get(table);
        if table.is_some_and(|table| table.rows.most() == 1) {
            return Ok(people(Census::of_people(person_of.to_vec())));
        }
        let table = table.map(|table| table.id.to_string()).unwrap_or_default();
        let name = |table: String| UniverseName::Rows { table, build: self.build.clone() };
        let own = name(table.clone());
        let with_values = format!("{table} with ");
        let valid: Vec<UniverseName> =
            valid.iter().map(|variables| name(format!("{with_values}{variables}"))).collect();
        let new = || Known::new(Universe::rows(person_of.clone(), self.least, self.seed));
        if !self.known.contains_key(&own) {
            let mut known = HashMap::from([(own.clone(), new())]);
            for stored in ledger.load(self.id).await? {
                let is_valid = |name: &UniverseName| matches!(name, UniverseName::Rows { table, build } if *build == self.build && table.starts_with(&with_values));
                if stored.universe == own || is_valid(&stored.universe) {
                    known.entry(stored.universe.clone()).or_insert_with(new).remember(stored);
                } else if matches!(&stored.universe, UniverseName::Rows { table: other, .. } if *other == table) {
                    self.rows_before.entry(table.clone()).or_default().insert(stored.build.clone());
                }
            }
            for known in known.values_mut() {
                known.universe.prepare(0);
            }
            self.known.extend(known);
        }
        for name in &valid {
            self.known.entry(name.clone()).or_insert_with(new);
        }
        Ok(Universes { own, valid, census: Census::Rows(persons.len() as u32) })
    }

    /// The earlier builds of which rows of a universe's table were told.
    pub(crate) fn rows_before(&self, own: &UniverseName) -> Vec<BuildId> {
        let UniverseName::Rows { table, .. } = own else { return Vec::new() };
        self.rows_before.get(table).into_iter().flatten().cloned().collect()
    }

    /// Takes what was released over a universe that [`Lineage::universe`] gave, to be given back after the review.
    pub(crate) fn take(&mut self, name: &UniverseName) -> Known {
        let count = self.ordinals.iter().max().map_or(0, |last| last + 1);
        let (least, seed) = (self.least, self.seed);
        self.known.remove(name).unwrap_or_else(|| Known::new(Universe::people(count, least, seed)))
    }

    /// Gives back what [`Lineage::take`] took.
    pub(crate) fn give_back(&mut self, name: UniverseName, known: Known) {
        self.known.insert(name, known);
    }

    /// The people of the build as members of their universe.
    pub(crate) fn people_census(&self) -> Census {
        Census::of_people(self.ordinals.clone())
    }

    /// What was decided is on the disk.
    pub(crate) fn written(&mut self, universes: &Universes, places: &[(Which, usize)], written: Written) {
        self.newest = Some(written.release);
        for (number, (which, entry)) in (written.first.0..).zip(places) {
            let name = match which {
                Which::Own => &universes.own,
                Which::Valid(place) => universes.valid.get(*place).unwrap_or(&universes.own),
                Which::People => &UniverseName::People,
            };
            if let Some(known) = self.known.get_mut(name) {
                known.written(*entry, EntryId(number));
            }
        }
    }

    /// Whether sets were released since it was made ready.
    pub(crate) fn holds_any(&self) -> bool {
        self.known.values().any(|known| known.universe.holds_any())
    }

    /// Makes ready for the next review, after an answer.
    pub(crate) fn prepare(&mut self) {
        for (name, known) in &mut self.known {
            // There may be many variables, and of one no sets are audited together.
            known.universe.prepare(if matches!(name, UniverseName::Valid(_)) { 0 } else { PREPARED });
        }
    }
}
