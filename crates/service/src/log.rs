//! A service's audit log for the eyes of others: checkpoints that other sites cosign, and cosignatures for their logs.

mod error;
mod keeper;

pub use error::LogError;
pub use keeper::{Keeper, kept, kept_checkpoint};

use std::sync::Arc;

use coda_model::Identity;
use coda_wire::v1;
use tonic::{Request, Response, Status};

use crate::{caller::Caller, guard::Guard};

/// Answers `coda.v1.Log`, to the coordinator alone.
#[derive(Clone)]
pub struct LogService {
    guard: Guard,
    keeper: Arc<Keeper>,
}

impl LogService {
    /// The service of a log.
    pub fn new(guard: Guard, keeper: Arc<Keeper>) -> Self {
        Self { guard, keeper }
    }

    /// Files are read and synced: not on a thread that serves requests.
    async fn answer<Message: Send + 'static, Answer: Send + 'static>(
        &self,
        method: &'static str,
        request: Request<Message>,
        work: impl FnOnce(&Keeper, Message) -> Result<Answer, LogError> + Send + 'static,
    ) -> Result<Response<Answer>, Status> {
        let keeper = self.keeper.clone();
        let work = async |caller: Caller, message| {
            if caller.identity != Identity::Coordinator {
                return Err(LogError::Caller(caller.identity));
            }
            tokio::task::spawn_blocking(move || work(&keeper, message)).await.map_err(|_| LogError::Interrupted)?
        };
        self.guard.answer(method, request, work).await
    }
}

#[tonic::async_trait]
impl v1::log_server::Log for LogService {
    async fn checkpoint(&self, request: Request<v1::CheckpointRequest>) -> Result<Response<v1::LogCheckpoint>, Status> {
        self.answer("Log/Checkpoint", request, |keeper, v1::CheckpointRequest {}| keeper.checkpoint()).await
    }

    async fn prove(&self, request: Request<v1::ProveRequest>) -> Result<Response<v1::Submission>, Status> {
        self.answer("Log/Prove", request, Keeper::prove).await
    }

    async fn cosign(&self, request: Request<v1::CosignRequest>) -> Result<Response<v1::CosignReply>, Status> {
        self.answer("Log/Cosign", request, Keeper::cosign).await
    }

    async fn keep(&self, request: Request<v1::CosignedCheckpoint>) -> Result<Response<v1::KeepReply>, Status> {
        self.answer("Log/Keep", request, Keeper::keep).await
    }
}
