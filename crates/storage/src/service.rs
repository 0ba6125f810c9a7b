//! The service: what is read, and what is said.

use std::pin::Pin;

use coda_builds::{Build, Builds, ColumnName};
use coda_model::{BuildId, DatasetId, Identity, SiteId, TableId};
use coda_service::{Caller, Guard};
use coda_wire::v1;
use tokio_stream::Stream;
use tonic::{Request, Response, Status};

use crate::error::StorageError;

/// How many bytes of a column's file go into one message.
pub const CHUNK: usize = 256 * 1024;

/// Answers `coda.v1.Storage`.
pub(crate) struct StorageService {
    pub(crate) guard: Guard,
    pub(crate) site: SiteId,
    pub(crate) builds: Builds,
}

#[tonic::async_trait]
impl v1::storage_server::Storage for StorageService {
    type ColumnStream = Pin<Box<dyn Stream<Item = Result<v1::Chunk, Status>> + Send>>;

    async fn current(&self, request: Request<v1::CurrentRequest>) -> Result<Response<v1::Build>, Status> {
        let work = async |caller, v1::CurrentRequest { dataset }| {
            self.admit(caller)?;
            let dataset = DatasetId::new(&dataset)?;
            Ok::<_, StorageError>(message(
                &self.read(move |builds| builds.current(&dataset), |build| Ok(build.clone())).await?,
            ))
        };
        self.guard.answer("Storage/Current", request, work).await
    }

    async fn column(&self, request: Request<v1::ColumnRequest>) -> Result<Response<Self::ColumnStream>, Status> {
        let work = async |caller, v1::ColumnRequest { build, table, column }| {
            self.admit(caller)?;
            let (build, table) = (BuildId::new(&build)?, TableId::new(&table)?);
            let column = ColumnName::parse(&column).ok_or(StorageError::Column)?;
            let read = move |build: &Build| Ok(build.read(table.as_str(), column.as_str())?);
            let bytes = self.read(move |builds| builds.get(&build), read).await?;
            Ok::<_, StorageError>(Box::pin(tokio_stream::iter(chunks(bytes).map(Ok))) as Self::ColumnStream)
        };
        self.guard.answer("Storage/Column", request, work).await
    }
}

impl StorageService {
    /// Finds a build of this site and reads something of it, on a thread that may block.
    async fn read<T: Send + 'static>(
        &self,
        find: impl FnOnce(&Builds) -> Result<Option<Build>, coda_builds::BuildsError> + Send + 'static,
        read: impl FnOnce(&Build) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        let (builds, site) = (self.builds.clone(), self.site.clone());
        let work = move || {
            let build = find(&builds)?.ok_or(StorageError::NoBuild)?;
            let facts = &build.manifest().facts;
            if facts.site != site {
                return Err(StorageError::Foreign(build.id().clone(), facts.site.clone()));
            }
            read(&build)
        };
        tokio::task::spawn_blocking(work).await?
    }

    fn admit(&self, caller: Caller) -> Result<(), StorageError> {
        match caller.identity {
            Identity::Compute(site) if site == self.site => Ok(()),
            other => Err(StorageError::NotOurs(other)),
        }
    }
}

fn message(build: &Build) -> v1::Build {
    let facts = &build.manifest().facts;
    v1::Build {
        id: build.id().to_string(),
        dataset: facts.dataset.to_string(),
        dictionary_version: facts.dictionary_version.clone(),
        dictionary_digest: facts.dictionary_digest.clone(),
        people: facts.people.0,
        made: facts.made.clone(),
    }
}

/// The bytes in messages of at most [`CHUNK`]; each is made when it is its turn.
fn chunks(bytes: Vec<u8>) -> impl Iterator<Item = v1::Chunk> {
    let mut at = 0_usize;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        let part = rest.get(..CHUNK).unwrap_or(rest).to_vec();
        at = at.saturating_add(part.len());
        Some(v1::Chunk { bytes: part })
    })
}
