//! The revocation lists: read from their folder, handed out to every party, and obeyed here too.

use std::path::PathBuf;
use std::sync::Arc;

use coda_pki::{RevocationError, Roots, SignedList};
use coda_runtime::{Clock, Stop};
use coda_service::{causes, revocation::EVERY};

/// The folder that `coda-hub authority` fills. It is read at each request: a new list is handed out as soon as it is there.
pub(crate) struct Revoked {
    folder: PathBuf,
    roots: Roots,
    clock: Arc<dyn Clock>,
}

impl Revoked {
    pub(crate) fn new(folder: PathBuf, roots: Roots, clock: Arc<dyn Clock>) -> Self {
        Self { folder, roots, clock }
    }

    /// The lists as they are now, checked as every party will check them.
    ///
    /// # Errors
    /// [`RevocationError`]: then nothing is handed out, and after a while every party refuses every other.
    pub(crate) fn take(&self) -> Result<Vec<SignedList>, RevocationError> {
        let lists = SignedList::read(&self.folder)?;
        self.roots.take_lists(&lists, self.clock.now())?;
        Ok(lists)
    }

    /// Reads them again and again until `stop`: this server must not take a revoked certificate either, when nobody asks.
    pub(crate) fn follow(self: Arc<Self>, stop: &Stop) {
        let stop = stop.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = tokio::time::sleep(EVERY) => {
                        if let Err(error) = self.take() {
                            tracing::error!(cause = causes(&error), "the revocation lists cannot be used");
                        }
                    }
                    () = stop.requested() => return,
                }
            }
        });
    }
}
