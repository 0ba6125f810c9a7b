//! The revocation lists: read from their folder, handed out to every party, and obeyed here too.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use coda_pki::{RevocationError, Roots, SignedList};
use coda_runtime::{Clock, Stop};
use coda_service::{causes, revocation::EVERY};

use crate::accounts::Accounts;

/// The folder that `coda-hub authority` fills. A new list is handed out as soon as it is there.
pub(crate) struct Revoked {
    folder: PathBuf,
    roots: Roots,
    clock: Arc<dyn Clock>,
    read: Mutex<Read>,
}

/// What was read, and what the folder looked like then.
#[derive(Default)]
struct Read {
    lists: Vec<SignedList>,
    folder: Vec<(PathBuf, u64, Option<SystemTime>)>,
}

impl Revoked {
    pub(crate) fn new(folder: PathBuf, roots: Roots, clock: Arc<dyn Clock>) -> Self {
        Self { folder, roots, clock, read: Mutex::default() }
    }

    /// The lists as they are now. They are read again where a file has changed, and each that is good holds here from then on.
    ///
    /// # Errors
    /// [`RevocationError`] of the folder: then nothing is handed out, and after a while every party refuses every other.
    pub(crate) fn take(&self) -> Result<Vec<SignedList>, RevocationError> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let found = self.files()?;
        if read.lists.is_empty() || read.folder != found {
            *read = Read { lists: SignedList::read(&self.folder)?, folder: found };
            if let Err(error) = self.roots.take_lists(&read.lists, self.clock.now()) {
                // The others hold, and every party judges for itself.
                tracing::error!(cause = causes(&error), "a revocation list cannot be used");
            }
        }
        Ok(read.lists.clone())
    }

    fn files(&self) -> Result<Vec<(PathBuf, u64, Option<SystemTime>)>, RevocationError> {
        let failed = |source| RevocationError::File { path: self.folder.clone(), source };
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let metadata = entry.metadata().map_err(failed)?;
            files.push((entry.path(), metadata.len(), metadata.modified().ok()));
        }
        files.sort();
        Ok(files)
    }

    /// Renews the list of people and takes them all, again and again until `stop`: this server must not take a revoked certificate
    /// either, when nobody asks.
    pub(crate) fn follow(self: &Arc<Self>, stop: &Stop, accounts: &Accounts) {
        let (this, stop, accounts) = (self.clone(), stop.clone(), accounts.clone());
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = tokio::time::sleep(EVERY) => {
                        if let Err(error) = accounts.renew_list(this.clock.now()).await {
                            tracing::error!(cause = causes(&error), "the list of revoked certificates is not renewed");
                        }
                        if let Err(error) = this.take() {
                            tracing::error!(cause = causes(&error), "the revocation lists cannot be used");
                        }
                    }
                    () = stop.requested() => return,
                }
            }
        });
    }
}
