//! Files and folders that only their owner may see, and that are on the disk when a function returns.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use coda_model::ids::DatasetId;

use crate::error::BuildsError;

/// The name of the manifest in a build's folder.
pub(crate) const MANIFEST: &str = "manifest.toml";

pub(crate) fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BuildsError {
    let path = path.to_owned();
    move |cause| BuildsError::File { what, path, cause }
}

/// The file that names the current build of a data set.
pub(crate) fn pointer(store: &Path, dataset: &DatasetId) -> PathBuf {
    store.join(format!("current-{dataset}"))
}

pub(crate) fn is_manifest_there(folder: &Path) -> bool {
    folder.join(MANIFEST).is_file()
}

/// The names in a folder that are text.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>, BuildsError> {
    let entries = fs::read_dir(folder).map_err(failed("list", folder))?;
    let names = entries.map(|entry| entry.map(|entry| entry.file_name().into_string().ok()));
    let names: Vec<Option<String>> = names.collect::<Result<_, _>>().map_err(failed("list", folder))?;
    Ok(names.into_iter().flatten().collect())
}

/// The text of a file; `None` when there is no such file.
pub(crate) fn read_text(path: &Path) -> Result<Option<String>, BuildsError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path)(error)),
    }
}

pub(crate) fn make_folder(path: &Path) -> Result<(), BuildsError> {
    private_folder().create(path).map_err(failed("make the folder", path))
}

pub(crate) fn make_folders(path: &Path) -> Result<(), BuildsError> {
    private_folder().recursive(true).create(path).map_err(failed("make the folder", path))
}

/// Writes a file that must not be there yet.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), BuildsError> {
    let mut file = private_file().create_new(true).open(path).map_err(failed("make", path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed("write", path))
}

/// Replaces a file in one step: who reads it sees the old text or the new one.
pub(crate) fn replace(path: &Path, temporary: &Path, bytes: &[u8]) -> Result<(), BuildsError> {
    if temporary.exists() {
        fs::remove_file(temporary).map_err(failed("remove", temporary))?;
    }
    write_new(temporary, bytes)?;
    rename(temporary, path)
}

/// Renames within a folder and makes the folder remember it.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), BuildsError> {
    fs::rename(from, to).map_err(failed("rename", from))?;
    to.parent().map_or(Ok(()), sync_folder)
}

pub(crate) fn sync_folder(path: &Path) -> Result<(), BuildsError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(failed("sync", path))
}

/// Opens a file to lock it, making it when it is not there.
pub(crate) fn open_lock(path: &Path) -> Result<File, BuildsError> {
    private_file().create(true).truncate(false).open(path).map_err(failed("open", path))
}

fn private_folder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
