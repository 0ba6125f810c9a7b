//! The lineages of a site's data sets: what was released of each, in memory beside the ledger.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use coda_disclosure::history::{Set, Universe};
use coda_engine::keys::Keys;
use coda_ledger::{Ledger, LedgerError, LineageId, Person, ReleaseId, UniverseName, Written};
use coda_model::{BuildId, DatasetId, dictionary::Dataset};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{census::Census, known::Known};

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
    /// Of earlier builds on which something was released: the members of whom this build says something else.
    pub(crate) changed: HashMap<BuildId, Set>,
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
        let mut known = Known::new(Universe::people(count, least, seed));
        let mut earlier = BTreeSet::new();
        for stored in ledger.load(id).await? {
            if stored.build != *build {
                earlier.insert(stored.build.clone());
            }
            if stored.universe == UniverseName::People {
                known.remember(stored);
            }
        }
        let mut changed = HashMap::new();
        for old in earlier {
            let set = ledger.changed(id, &old, build).await?;
            changed.insert(old, set);
        }
        // What takes long of the sets is done now, not when somebody waits for an answer.
        known.universe.prepare(0);
        let known = HashMap::from([(UniverseName::People, known)]);
        Ok(Self { id, build: build.clone(), least, seed, ordinals, newest, known, changed })
    }

    /// Whether the lineage was read as it is to be seen now.
    pub(crate) fn fits(&self, build: &BuildId, least: u64) -> bool {
        self.build == *build && self.least == least
    }

    /// How many people the build has.
    pub(crate) fn people(&self) -> u64 {
        self.ordinals.len() as u64
    }

    /// The universe of a query's records, and how they are its members. The rows of a table of which a person has at most one
    /// are people.
    pub(crate) async fn universe(
        &mut self,
        ledger: &Ledger,
        dataset: &Dataset,
        rows: Option<(usize, &[i32])>,
    ) -> Result<(UniverseName, Census), LedgerError> {
        let ordinal = |person: &i32| self.ordinals.get(*person as usize).copied().unwrap_or_default();
        let Some((table, persons)) = rows else {
            return Ok((UniverseName::People, Census::of_people(self.ordinals.clone())));
        };
        let table = dataset.tables.get(table);
        if table.is_some_and(|table| table.rows.most() == 1) {
            return Ok((UniverseName::People, Census::of_people(persons.iter().map(ordinal).collect())));
        }
        let name = UniverseName::Rows {
            table: table.map(|table| table.id.to_string()).unwrap_or_default(),
            build: self.build.clone(),
        };
        if !self.known.contains_key(&name) {
            let person_of: Arc<[u32]> = persons.iter().map(ordinal).collect();
            let mut known = Known::new(Universe::rows(person_of, self.least, self.seed));
            for stored in ledger.load(self.id).await? {
                if stored.universe == name {
                    known.remember(stored);
                }
            }
            self.known.insert(name.clone(), known);
        }
        Ok((name, Census::Rows(persons.len() as u32)))
    }

    /// What was released over a universe that [`Lineage::universe`] gave.
    pub(crate) fn known(&mut self, name: &UniverseName) -> &mut Known {
        let (least, seed) = (self.least, self.seed);
        self.known.entry(name.clone()).or_insert_with(|| Known::new(Universe::people(0, least, seed)))
    }

    /// What was decided is on the disk.
    pub(crate) fn written(&mut self, name: &UniverseName, written: Written) {
        self.newest = Some(written.release);
        self.known(name).written(written.first);
    }

    /// Makes ready for the next review, after an answer.
    pub(crate) fn prepare(&mut self) {
        self.known.values_mut().for_each(|known| known.universe.prepare(PREPARED));
    }
}
