//! The audit log of a party, as the coordinator calls it.

use coda_wire::v1::{self, log_client::LogClient};
use tonic::transport::Channel;

use crate::{ClientError, Link};

/// A party's log, and the party as a witness. What it says is signed, and is for others to check.
#[derive(Debug, Clone)]
pub struct Log {
    link: Link,
}

impl Log {
    /// Over a link to the party.
    pub fn new(link: Link) -> Self {
        Self { link }
    }

    /// Its keys, and a checkpoint of its log.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn checkpoint(&self) -> Result<v1::LogCheckpoint, ClientError> {
        let reply = self.client().checkpoint(v1::CheckpointRequest {}).await;
        Ok(reply.map_err(|status| self.link.error(status))?.into_inner())
    }

    /// The proof that a checkpoint of its log continues the first records.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn prove(&self, checkpoint: String, old_size: u64) -> Result<String, ClientError> {
        let reply = self.client().prove(v1::ProveRequest { checkpoint, old_size }).await;
        Ok(reply.map_err(|status| self.link.error(status))?.into_inner().text)
    }

    /// Its cosignature of another log.
    ///
    /// # Errors
    /// [`ClientError`]; [`ClientError::Invalid`] where that log does not continue what this party has seen.
    pub async fn cosign(&self, request: v1::CosignRequest) -> Result<v1::CosignReply, ClientError> {
        let reply = self.client().cosign(request).await;
        Ok(reply.map_err(|status| self.link.error(status))?.into_inner())
    }

    /// Hands it the cosignatures of its log.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn keep(&self, cosigned: v1::CosignedCheckpoint) -> Result<(), ClientError> {
        let reply = self.client().keep(cosigned).await;
        reply.map(drop).map_err(|status| self.link.error(status))
    }

    fn client(&self) -> LogClient<Channel> {
        LogClient::new(self.link.channel())
    }
}
