//! Files that are private, and whole or not there.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Opens a file for reading and appending, made with mode 0600 when there is none.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)
}

/// Opens a file for reading and for writing at any place, made with mode 0600 when there is none.
pub(crate) fn open_private_anywhere(path: &Path) -> io::Result<File> {
    // Not for appending: Linux would then write at the end, whatever the place.
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Permission bits by which others than the owner may use the file, with all others. Asked of the open file, not of the
/// path, so that nobody can swap the file in between.
pub(crate) fn open_to_others(file: &File) -> io::Result<Option<u32>> {
    let mode = file.metadata()?.permissions().mode() & 0o7777;
    Ok((mode & 0o077 != 0).then_some(mode))
}

/// Replaces a file in one step: who reads it sees the old text or the new one, also after the machine went down.
pub(crate) fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let beside = beside(path, ".new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    sync_folder(path)
}

/// Makes a file that is whole from the start. Says whether it did: a file that is there stays as it is.
pub(crate) fn make(path: &Path, text: &[u8]) -> io::Result<bool> {
    // Of this call alone: a file that another one is still writing must not become the whole one.
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let beside = beside(path, &format!(".{}-{call}.new", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(text)?;
    file.sync_all()?;
    // Unlike a rename, a link never replaces.
    let made = match fs::hard_link(&beside, path) {
        Ok(()) => true,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
        Err(error) => {
            fs::remove_file(&beside)?;
            return Err(error);
        }
    };
    fs::remove_file(&beside)?;
    sync_folder(path)?;
    Ok(made)
}

/// A new file is only safe once its folder is.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// The path with `suffix` after its name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}
