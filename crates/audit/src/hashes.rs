//! The hashes kept of a log: most in a file beside it, the last ones in memory.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use tlog_tiles::{Error, HASH_SIZE, Hash, HashReader};

use crate::disk;

/// The file beside the log at `path`: 32 bytes a hash, at its [`tlog_tiles::stored_hash_index`].
pub(crate) fn beside(path: &Path) -> PathBuf {
    disk::beside(path, ".hashes")
}

/// Where the hash with this index stands in the file.
pub(crate) fn offset(index: u64) -> u64 {
    index.saturating_mul(HASH_SIZE as u64)
}

/// All hashes kept of a log.
#[derive(Debug)]
pub(crate) struct Hashes {
    /// None when there is no file.
    pub(crate) file: Option<File>,
    /// How many of its hashes count.
    pub(crate) in_file: u64,
    /// Those after them.
    pub(crate) rest: Vec<Hash>,
}

impl Hashes {
    fn read(&self, index: u64) -> Result<Hash, Error> {
        let Some(place) = index.checked_sub(self.in_file) else {
            let mut hash = [0; HASH_SIZE];
            let file = self.file.as_ref().ok_or(Error::IndexesNotInTree)?;
            file.read_exact_at(&mut hash, offset(index)).map_err(|error| Error::InvalidInput(error.to_string()))?;
            return Ok(Hash(hash));
        };
        let place = usize::try_from(place).map_err(|_| Error::IndexesNotInTree)?;
        self.rest.get(place).copied().ok_or(Error::IndexesNotInTree)
    }
}

impl HashReader for Hashes {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        indexes.iter().map(|index| self.read(*index)).collect()
    }
}
