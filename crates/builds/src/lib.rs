//! The store of builds on disk.
//!
//! A build is one immutable folder `<store>/<build>/` with `manifest.toml` and a file `<table>/<variable>.parquet` for
//! each column, beside `<table>/_person.parquet`, the code of the person of each row. The table of the people has
//! `<table>/_keys.bin` too, which tells who of them is in other builds. Which build of a data set answers is said by the
//! file `current-<dataset>`, swapped by a rename. There is no way to change or to extend a build, and none to see one
//! that is not finished.

mod build;
mod digest;
mod disk;
mod draft;
mod error;
mod manifest;
mod text;

use std::path::{Path, PathBuf};

use coda_model::ids::{BuildId, DatasetId};

pub use build::Build;
pub use digest::sha256;
pub use draft::Draft;
pub use error::BuildsError;
pub use manifest::{ColumnEntry, ColumnName, Facts, Manifest, TableEntry};

/// The folder that holds the builds of a site.
#[derive(Debug, Clone)]
pub struct Builds {
    folder: PathBuf,
}

impl Builds {
    /// The store in a folder that exists. Writes nothing, so that a node may read a store it cannot write.
    ///
    /// # Errors
    /// [`BuildsError::NoFolder`] when there is no such folder.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, BuildsError> {
        let folder = folder.into();
        if folder.is_dir() { Ok(Self { folder }) } else { Err(BuildsError::NoFolder { path: folder }) }
    }

    /// The same, making the folder (for its owner only) when it is not there.
    ///
    /// # Errors
    /// [`BuildsError::File`] when it cannot be made.
    pub fn create(folder: impl Into<PathBuf>) -> Result<Self, BuildsError> {
        let folder = folder.into();
        if !folder.is_dir() {
            disk::make_folders(&folder)?;
        }
        Ok(Self { folder })
    }

    /// The folder of the store.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts a build. Only one can be under way in a store; what a crashed one left behind is removed.
    ///
    /// # Errors
    /// [`BuildsError::Busy`] when another build is under way, [`BuildsError::File`].
    pub fn begin(&self) -> Result<Draft, BuildsError> {
        Draft::begin(&self.folder)
    }

    /// The build of a data set that answers now; `None` before the first.
    ///
    /// # Errors
    /// [`BuildsError`] when the pointer or the build it names cannot be read.
    pub fn current(&self, dataset: &DatasetId) -> Result<Option<Build>, BuildsError> {
        let pointer = disk::pointer(&self.folder, dataset);
        let Some(text) = disk::read_text(&pointer)? else { return Ok(None) };
        let broken = || BuildsError::Pointer { path: pointer.clone() };
        let id = BuildId::new(text.trim_end()).map_err(|_| broken())?;
        let build = self.get(&id)?.ok_or_else(broken)?;
        if build.manifest().facts.dataset == *dataset { Ok(Some(build)) } else { Err(broken()) }
    }

    /// The build of this name, if there is one.
    ///
    /// # Errors
    /// [`BuildsError`] when its manifest cannot be read or is not the one it was published with.
    pub fn get(&self, id: &BuildId) -> Result<Option<Build>, BuildsError> {
        Build::load(&self.folder.join(id.as_str()), id)
    }

    /// The names of all published builds, in order: the oldest day first.
    ///
    /// # Errors
    /// [`BuildsError::File`].
    pub fn list(&self) -> Result<Vec<BuildId>, BuildsError> {
        let mut found: Vec<BuildId> = disk::names(&self.folder)?
            .iter()
            .filter(|name| disk::is_manifest_there(&self.folder.join(name)))
            .filter_map(|name| BuildId::new(name).ok())
            .collect();
        found.sort();
        Ok(found)
    }
}

#[cfg(test)]
mod tests;
