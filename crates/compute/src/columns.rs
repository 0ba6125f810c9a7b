//! Columns from the storage node, kept in memory while their build is current. A build never changes, so what is kept
//! never goes stale; which build is current is asked again every second.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use coda_client::{ClientError, CurrentBuild, Storage};
use coda_disclosure::{SiteSecret, record_keys};
use coda_engine::{Need, Tables, columns, keys};
use coda_model::{BuildId, DatasetId, dictionary::Dataset, frame::SetKey};
use tokio::sync::Mutex;

use crate::error::ComputeError;

/// How long the answer to "which build is current" is used again.
const RECHECK_AFTER: Duration = Duration::from_secs(1);

/// The columns in memory.
pub(crate) struct Columns {
    storage: Storage,
    secret: SiteSecret,
    kept: Mutex<HashMap<DatasetId, Kept>>,
}

struct Kept {
    build: CurrentBuild,
    asked: Instant,
    columns: HashMap<Need, Arc<Vec<i32>>>,
    people: Option<People>,
    /// For the record, until it is there.
    changed: Option<BuildChange>,
}

/// Another build than before.
pub(crate) struct BuildChange {
    pub(crate) old: Option<BuildId>,
    pub(crate) new: BuildId,
}

/// The people of a build, by their record keys.
#[derive(Clone)]
struct People {
    lineage: [u8; 16],
    record_keys: Arc<Vec<u64>>,
    everybody: SetKey,
}

/// What a query needs of a build.
pub(crate) struct Loaded<'a> {
    pub(crate) build: CurrentBuild,
    pub(crate) tables: Tables<'a>,
    /// The lineage of the build.
    pub(crate) lineage: [u8; 16],
    /// Key of all its people.
    pub(crate) everybody: SetKey,
}

impl Columns {
    pub(crate) fn new(storage: Storage, secret: SiteSecret) -> Self {
        Self { storage, secret, kept: Mutex::new(HashMap::new()) }
    }

    /// The tables of the current build with these columns, each checked against the dictionary.
    pub(crate) async fn tables<'a>(
        &self,
        dataset: &'a Dataset,
        needs: &BTreeSet<Need>,
        dictionary_digest: &[u8; 32],
    ) -> Result<Loaded<'a>, ComputeError> {
        // Held while loading, so that queries arriving together load a column once.
        let mut kept = self.kept.lock().await;
        self.refresh(&mut kept, &dataset.id).await?;
        let Some(Kept { build, columns: loaded, people, .. }) = kept.get_mut(&dataset.id) else {
            return Err(ComputeError::NoBuild);
        };
        if build.dictionary_digest != hex::encode(dictionary_digest) {
            return Err(ComputeError::BuildDictionary);
        }
        let People { lineage, record_keys, everybody } = match people {
            Some(people) => people.clone(),
            None => people.insert(self.people(dataset, build).await?).clone(),
        };
        let mut tables = Tables::new(dataset, record_keys);
        for need in needs {
            let codes = if let Some(codes) = loaded.get(need) {
                codes.clone()
            } else {
                let codes = self.load(dataset, build, *need).await?;
                loaded.insert(*need, codes.clone());
                codes
            };
            tables.insert(*need, codes);
        }
        Ok(Loaded { build: build.clone(), tables, lineage, everybody })
    }

    /// Gives a change of a data set's build that is not on record yet to `record`; it stays until `record` succeeds. Nothing is answered
    /// meanwhile.
    pub(crate) async fn record_change<E>(
        &self,
        dataset: &DatasetId,
        record: impl FnOnce(&BuildChange) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut kept = self.kept.lock().await;
        let Some(Kept { changed, .. }) = kept.get_mut(dataset) else { return Ok(()) };
        changed.as_ref().map_or(Ok(()), record)?;
        *changed = None;
        Ok(())
    }

    /// Asks which build is current. While the storage node cannot be reached, what is in memory is answered from.
    async fn refresh(&self, kept: &mut HashMap<DatasetId, Kept>, dataset: &DatasetId) -> Result<(), ComputeError> {
        if kept.get(dataset).is_some_and(|kept| kept.asked.elapsed() < RECHECK_AFTER) {
            return Ok(());
        }
        let build = match self.storage.current(dataset).await {
            Ok(build) => build,
            Err(ClientError::Invalid(..)) => return Err(ComputeError::NoBuild),
            Err(error @ ClientError::Unreachable { .. }) if kept.contains_key(dataset) => {
                tracing::warn!(%error, "answering from memory");
                return Ok(());
            }
            Err(error) => return Err(ComputeError::Storage(error)),
        };
        match kept.get_mut(dataset) {
            Some(kept) if kept.build == build => kept.asked = Instant::now(),
            _ => {
                let before = kept.remove(dataset);
                // Of two that were not put on record the first one's counts.
                let old = before.and_then(|kept| kept.changed.map_or(Some(kept.build.id), |changed| changed.old));
                let changed = Some(BuildChange { old, new: build.id.clone() });
                let new = Kept { build, asked: Instant::now(), columns: HashMap::new(), people: None, changed };
                kept.insert(dataset.clone(), new);
            }
        }
        Ok(())
    }

    async fn people(&self, dataset: &Dataset, build: &CurrentBuild) -> Result<People, ComputeError> {
        let table = dataset.tables.get(dataset.people).map_or("", |table| table.id.as_str());
        let bytes = self.storage.column(&build.id, table, "_keys").await.map_err(ComputeError::Storage)?;
        let keys = keys::parse(&bytes)?;
        if keys.people.len() != build.people {
            return Err(ComputeError::Keys(keys::KeysError::Length));
        }
        let secret = self.secret.clone();
        let made = move || {
            let record_keys = record_keys(&secret, &keys.lineage, keys.people.iter().map(|person| &person.key));
            let everybody = SetKey(record_keys.iter().fold(0, |sum, key| sum.wrapping_add(*key)));
            People { lineage: keys.lineage, record_keys: Arc::new(record_keys), everybody }
        };
        tokio::task::spawn_blocking(made).await.map_err(|_| ComputeError::Task)
    }

    async fn load(&self, dataset: &Dataset, build: &CurrentBuild, need: Need) -> Result<Arc<Vec<i32>>, ComputeError> {
        let (table, variable) = match need {
            Need::Person(table) => (table, None),
            Need::Variable(place) => (place.table, dataset.variable(place)),
        };
        let table = dataset.tables.get(table).map_or("", |table| table.id.as_str());
        let column = variable.map_or("_person", |variable| variable.id.as_str());
        let bytes = self.storage.column(&build.id, table, column).await.map_err(ComputeError::Storage)?;
        let codes =
            tokio::task::spawn_blocking(move || columns::read(bytes)).await.map_err(|_| ComputeError::Task)??;
        Tables::check(dataset, build.people, need, &codes)?;
        Ok(Arc::new(codes))
    }
}
