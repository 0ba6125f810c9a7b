//! The key file.
//!
//! On first use the key is written under another name and gets its own when the database is made, so that a key under its own
//! name says that there was a database. Without that, a lost database would look like a first use, and all that was ever
//! released would be forgotten without a word.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand;
use zeroize::Zeroizing;

use crate::error::LedgerError;
use crate::seal::Secret;

/// The key, and whether there is a database made with it.
pub(crate) enum Key {
    /// There must be a database.
    Settled(Secret),
    /// The database is still to be made.
    First(Secret, FirstUse),
}

/// A key without its name, locked: another program that opens the same ledger waits for it.
pub(crate) struct FirstUse {
    file: File,
    written: PathBuf,
    key: PathBuf,
}

/// Finds the key of `database` in the file `key`, or makes one where there is neither.
pub(crate) fn find(database: &Path, key: &Path) -> Result<Key, LedgerError> {
    if exists(key)? {
        return settled(database, key);
    }
    let written = with_suffix(key, ".new");
    if !empty(database)? && !exists(&written)? {
        return Err(LedgerError::KeyMissing { database: database.to_owned(), key: key.to_owned() });
    }
    first(database, key, written)
}

impl FirstUse {
    /// The database is made: the key gets its name.
    pub(crate) fn settle(self) -> Result<(), LedgerError> {
        fs::rename(&self.written, &self.key).map_err(failed(&self.key))?;
        sync_folder(&self.key)?;
        self.file.unlock().map_err(failed(&self.key))
    }
}

/// `path` with `suffix` after its whole name.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Refuses a file that others than its owner may use, or that its owner may not use.
pub(crate) fn private(path: &Path, file: &File, owner: u32) -> Result<(), LedgerError> {
    let mode = file.metadata().map_err(failed(path))?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(LedgerError::Open { path: path.to_owned(), mode });
    }
    // Asked of the mode too, for whom modes do not bind means them no less.
    if mode & owner != owner { Err(failed(path)(io::ErrorKind::PermissionDenied.into())) } else { Ok(()) }
}

/// Whether there is nothing in it, or no file at all.
pub(crate) fn empty(path: &Path) -> Result<bool, LedgerError> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.len() == 0),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(failed(path)(error)),
    }
}

fn settled(database: &Path, key: &Path) -> Result<Key, LedgerError> {
    let mut file = File::open(key).map_err(failed(key))?;
    private(key, &file, 0o400)?;
    let secret = read(key, &mut file)?.ok_or_else(|| LedgerError::KeyText(key.to_owned()))?;
    if empty(database)? {
        return Err(LedgerError::Lost { database: database.to_owned(), key: key.to_owned() });
    }
    Ok(Key::Settled(secret))
}

fn first(database: &Path, key: &Path, written: PathBuf) -> Result<Key, LedgerError> {
    let path = written.as_path();
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    let mut file = open.map_err(failed(path))?;
    private(path, &file, 0o600)?;
    file.lock().map_err(failed(path))?;
    // Whoever had the lock before may have come to the end.
    if exists(key)? {
        return settled(database, key);
    }
    let secret = match read(path, &mut file)? {
        Some(secret) => secret,
        None if empty(database)? => write(path, &mut file)?,
        None => return Err(LedgerError::KeyMissing { database: database.to_owned(), key: key.to_owned() }),
    };
    Ok(Key::First(secret, FirstUse { file, written, key: key.to_owned() }))
}

fn read(path: &Path, file: &mut File) -> Result<Option<Secret>, LedgerError> {
    let mut text = Zeroizing::new(String::new());
    match file.take(80).read_to_string(&mut text) {
        Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(None),
        outcome => outcome.map_err(failed(path))?,
    };
    let mut secret = Secret::default();
    Ok(hex::decode_to_slice(text.trim_end(), secret.as_mut_slice()).ok().map(|()| secret))
}

fn write(path: &Path, file: &mut File) -> Result<Secret, LedgerError> {
    let mut secret = Secret::default();
    rand::fill(secret.as_mut_slice()).map_err(|_| LedgerError::Cryptography)?;
    let text = Zeroizing::new(hex::encode(secret.as_slice()) + "\n");
    // What is there was cut short while it was written.
    file.set_len(0).map_err(failed(path))?;
    file.rewind().map_err(failed(path))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed(path))?;
    sync_folder(path)?;
    Ok(secret)
}

fn exists(path: &Path) -> Result<bool, LedgerError> {
    path.try_exists().map_err(failed(path))
}

fn sync_folder(path: &Path) -> Result<(), LedgerError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))
}

fn failed(path: &Path) -> impl Fn(io::Error) -> LedgerError {
    let path = path.to_owned();
    move |source| LedgerError::File { path: path.clone(), source }
}
