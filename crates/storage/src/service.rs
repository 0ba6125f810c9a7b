//! The service: who asks, what is read, what is recorded, what is said.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use coda_audit::{AuditLog, Event};
use coda_builds::{Build, Builds, ColumnName};
use coda_model::{BuildId, DatasetId, Identity, SiteId, TableId};
use coda_pki::{Peer, Roots};
use coda_runtime::Clock;
use coda_wire::v1;
use time::OffsetDateTime;
use tokio_stream::Stream;
use tonic::{Code, Request, Response, Status};

use crate::error::{StorageError, told, unavailable};

/// How many bytes of a column's file go into one message.
pub const CHUNK: usize = 256 * 1024;

/// Answers `coda.v1.Storage`.
pub(crate) struct StorageService {
    pub(crate) site: SiteId,
    pub(crate) builds: Builds,
    pub(crate) roots: Roots,
    pub(crate) audit: Arc<AuditLog>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// A request before it is known whether it is lawful.
struct Asked {
    method: &'static str,
    identity: Option<Identity>,
    address: Option<SocketAddr>,
    now: OffsetDateTime,
}

#[tonic::async_trait]
impl v1::storage_server::Storage for StorageService {
    type ColumnStream = Pin<Box<dyn Stream<Item = Result<v1::Chunk, Status>> + Send>>;

    async fn current(&self, request: Request<v1::CurrentRequest>) -> Result<Response<v1::Build>, Status> {
        let (asked, admitted) = self.asked("Storage/Current", &request);
        let outcome = async {
            admitted?;
            let v1::CurrentRequest { dataset } = request.into_inner();
            let dataset = DatasetId::new(&dataset)?;
            Ok(message(&self.read(move |builds| builds.current(&dataset), |build| Ok(build.clone())).await?))
        };
        self.answer(&asked, outcome.await)
    }

    async fn column(&self, request: Request<v1::ColumnRequest>) -> Result<Response<Self::ColumnStream>, Status> {
        let (asked, admitted) = self.asked("Storage/Column", &request);
        let outcome = async {
            admitted?;
            let v1::ColumnRequest { build, table, column } = request.into_inner();
            let (build, table) = (BuildId::new(&build)?, TableId::new(&table)?);
            let column = ColumnName::parse(&column).ok_or(StorageError::Column)?;
            let read = move |build: &Build| Ok(build.read(table.as_str(), column.as_str())?);
            let bytes = self.read(move |builds| builds.get(&build), read).await?;
            Ok(Box::pin(tokio_stream::iter(chunks(bytes).map(Ok))) as Self::ColumnStream)
        };
        self.answer(&asked, outcome.await)
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

    fn asked<T>(&self, method: &'static str, request: &Request<T>) -> (Asked, Result<(), StorageError>) {
        let now = self.clock.now();
        match Peer::of(request) {
            Ok(peer) => {
                let asked = Asked { method, identity: Some(peer.identity.clone()), address: peer.address, now };
                (asked, self.admit(&peer, now))
            }
            Err(error) => (Asked { method, identity: None, address: None, now }, Err(error.into())),
        }
    }

    fn admit(&self, peer: &Peer, now: OffsetDateTime) -> Result<(), StorageError> {
        // The handshake looked at the certificate once; a connection may outlive it.
        let verified = self.roots.verify(&peer.chain, now);
        match verified.map_err(|error| StorageError::Certificate(error.into()))? {
            Identity::Compute(site) if site == self.site => Ok(()),
            other => Err(StorageError::NotOurs(other)),
        }
    }

    /// The end of every request: one line in the program's log; for a refusal one in the audit log, before the caller
    /// learns of it.
    fn answer<T>(&self, asked: &Asked, outcome: Result<T, StorageError>) -> Result<Response<T>, Status> {
        let Asked { method, identity, address, now } = asked;
        let (peer, from) = (identity.as_ref().map(tracing::field::display), address.map(tracing::field::display));
        let took = self.clock.now() - *now;
        let error = match outcome {
            Ok(reply) => {
                tracing::info!(method, peer, address = from, %took, "answered");
                return Ok(Response::new(reply));
            }
            Err(error) => error,
        };
        let (code, reason) = told(&error);
        let cause = chain(&error);
        match code {
            Code::Unavailable | Code::DataLoss => {
                tracing::error!(method, peer, address = from, %took, cause, "failed");
            }
            _ => tracing::warn!(method, peer, address = from, %took, cause, "refused"),
        }
        if matches!(code, Code::PermissionDenied | Code::Unauthenticated) {
            let event = Event::Refused { peer: identity.clone(), address: *address, what: method, reason };
            if let Err(error) = self.audit.record(&event, *now) {
                tracing::error!(method, cause = chain(&error), "a refusal could not be recorded");
                return Err(unavailable());
            }
        }
        Err(Status::new(code, reason))
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

/// An error with all that caused it, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
