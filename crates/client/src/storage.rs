//! The storage node, as its computation node calls it.

use coda_model::{BuildId, DatasetId, calendar::parse_iso};
use coda_wire::v1::{self, storage_client::StorageClient};
use time::Date;

use crate::{ClientError, Link};

/// Largest column taken, in bytes of its Parquet file.
const LARGEST: usize = 4 << 30;

/// A storage node.
#[derive(Debug, Clone)]
pub struct Storage {
    link: Link,
}

/// The build that is current.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentBuild {
    /// Its name.
    pub id: BuildId,
    /// SHA-256 of the dictionary it was made with, hexadecimal.
    pub dictionary_digest: String,
    /// People in it.
    pub people: usize,
    /// The day on which it was made.
    pub made: Date,
}

/// A reply with an invalid field.
#[derive(Debug, thiserror::Error)]
#[error("the reply has no valid {0}")]
struct Field(&'static str);

impl Storage {
    /// Over a link to a storage node.
    pub fn new(link: Link) -> Self {
        Self { link }
    }

    /// The current build of a data set.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn current(&self, dataset: &DatasetId) -> Result<CurrentBuild, ClientError> {
        let request = v1::CurrentRequest { dataset: dataset.to_string() };
        let reply = self.client().current(request).await.map_err(|status| self.link.error(status))?;
        let v1::Build { id, dataset: of, dictionary_version: _, dictionary_digest, people, made } = reply.into_inner();
        let odd = |field| ClientError::Odd(self.link.peer.clone(), Box::new(Field(field)));
        if of != dataset.as_str() {
            return Err(odd("data set"));
        }
        Ok(CurrentBuild {
            id: BuildId::new(&id).map_err(|_| odd("build"))?,
            dictionary_digest,
            people: usize::try_from(people).map_err(|_| odd("number of people"))?,
            made: made.get(..10).and_then(parse_iso).ok_or_else(|| odd("day"))?,
        })
    }

    /// The bytes of a column's Parquet file.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn column(&self, build: &BuildId, table: &str, column: &str) -> Result<Vec<u8>, ClientError> {
        let request =
            v1::ColumnRequest { build: build.to_string(), table: table.to_owned(), column: column.to_owned() };
        let failed = |status| self.link.error(status);
        let mut chunks = self.client().column(request).await.map_err(failed)?.into_inner();
        let mut bytes = Vec::new();
        while let Some(v1::Chunk { bytes: chunk }) = chunks.message().await.map_err(failed)? {
            if bytes.len() + chunk.len() > LARGEST {
                return Err(ClientError::Odd(self.link.peer.clone(), Box::new(Field("size of a column"))));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn client(&self) -> StorageClient<tonic::transport::Channel> {
        StorageClient::new(self.link.channel())
    }
}
