//! Columns from the storage node, kept in memory while their build is current. A build never changes, so what is kept
//! never goes stale; which build is current is asked again every second.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use coda_client::{ClientError, CurrentBuild, Storage};
use coda_engine::{
    Need, Tables, columns,
    keys::{self, Keys},
};
use coda_model::{DatasetId, dictionary::Dataset};
use tokio::sync::Mutex;

use crate::error::ComputeError;

/// How long it is believed which build is current.
const BELIEVED: Duration = Duration::from_secs(1);

/// The columns in memory.
pub(crate) struct Columns {
    storage: Storage,
    kept: Mutex<HashMap<DatasetId, Kept>>,
}

struct Kept {
    build: CurrentBuild,
    asked: Instant,
    columns: HashMap<Need, Arc<Vec<i32>>>,
    keys: Option<Arc<Keys>>,
}

/// What a query needs of a build.
pub(crate) struct Loaded<'a> {
    pub(crate) build: CurrentBuild,
    pub(crate) tables: Tables<'a>,
    /// Who its people are.
    pub(crate) keys: Arc<Keys>,
}

impl Columns {
    pub(crate) fn new(storage: Storage) -> Self {
        Self { storage, kept: Mutex::new(HashMap::new()) }
    }

    /// The tables of the current build with these columns, each checked against the dictionary.
    pub(crate) async fn tables<'a>(
        &self,
        dataset: &'a Dataset,
        needs: &BTreeSet<Need>,
        dictionary_digest: &str,
    ) -> Result<Loaded<'a>, ComputeError> {
        // Held while loading, so that queries arriving together load a column once.
        let mut kept = self.kept.lock().await;
        let fresh = kept.get(&dataset.id).is_some_and(|kept| kept.asked.elapsed() < BELIEVED);
        if !fresh {
            let build = self.storage.current(&dataset.id).await.map_err(|error| match error {
                ClientError::Invalid(..) => ComputeError::NoBuild,
                other => ComputeError::Storage(other),
            })?;
            match kept.get_mut(&dataset.id) {
                Some(kept) if kept.build == build => kept.asked = Instant::now(),
                _ => {
                    let new = Kept { build, asked: Instant::now(), columns: HashMap::new(), keys: None };
                    kept.insert(dataset.id.clone(), new);
                }
            }
        }
        let Some(Kept { build, columns: loaded, keys, .. }) = kept.get_mut(&dataset.id) else {
            return Err(ComputeError::NoBuild);
        };
        if build.dictionary_digest != dictionary_digest {
            return Err(ComputeError::Dictionary);
        }
        let mut tables = Tables::new(dataset, build.people);
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
        let keys = match keys {
            Some(keys) => keys.clone(),
            None => keys.insert(self.keys(dataset, build).await?).clone(),
        };
        Ok(Loaded { build: build.clone(), tables, keys })
    }

    async fn keys(&self, dataset: &Dataset, build: &CurrentBuild) -> Result<Arc<Keys>, ComputeError> {
        let table = dataset.tables.get(dataset.people).map_or("", |table| table.id.as_str());
        let bytes = self.storage.column(&build.id, table, "_keys").await.map_err(ComputeError::Storage)?;
        let keys = keys::parse(&bytes)?;
        if keys.people.len() == build.people {
            Ok(Arc::new(keys))
        } else {
            Err(ComputeError::Keys(keys::KeysError::Length))
        }
    }

    async fn load(&self, dataset: &Dataset, build: &CurrentBuild, need: Need) -> Result<Arc<Vec<i32>>, ComputeError> {
        let (table, variable) = match need {
            Need::Person(table) => (table, None),
            Need::Variable(place) => (place.table, dataset.variable(place)),
        };
        let table = dataset.tables.get(table).map_or("", |table| table.id.as_str());
        let column = variable.map_or("_person", |variable| variable.id.as_str());
        let bytes = self.storage.column(&build.id, table, column).await.map_err(ComputeError::Storage)?;
        let codes = tokio::task::spawn_blocking(move || columns::read(bytes)).await??;
        Tables::check(dataset, build.people, need, &codes)?;
        Ok(Arc::new(codes))
    }
}
