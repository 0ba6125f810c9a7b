//! The key file.
//!
//! On first use the key is written under another name and gets its own when the database is made, so that a key under its own
//! name says that there was a database. Without that, a lost database would look like a first use, and all that was ever
//! released would be forgotten without a word.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand;
use zeroize::Zeroizing;

use crate::error::LedgerError;
use crate::seal::Secret;

/// No key file is longer, in bytes.
const LONGEST: usize = 80;

/// The key, and whether there is a database made with it.
pub(crate) enum Key {
    /// There must be a database.
    Settled(Secret),
    /// The database is still to be made.
    First(Secret, FirstUse),
}

/// A key without its name.
pub(crate) struct FirstUse {
    written: PathBuf,
    key: PathBuf,
    database: PathBuf,
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

/// The perturbation key of `database`. It is made on first use alone: another one later would give every figure fresh noise,
/// which averages out.
pub(crate) fn perturbation(database: &Path, key: &Path, first: bool) -> Result<Secret, LedgerError> {
    if !exists(key)? {
        if !first {
            return Err(LedgerError::KeyMissing { database: database.to_owned(), key: key.to_owned() });
        }
        write(key)?;
    }
    read(key)
}

impl FirstUse {
    /// The database is made: the key gets its name.
    pub(crate) fn settle(self) -> Result<(), LedgerError> {
        sync_folder(&self.database)?;
        // A link, because unlike a new name it never takes the place of a file.
        link(&self.written, &self.key)?;
        sync_folder(&self.key)?;
        remove(&self.written)
    }
}

/// `path` with `suffix` after its whole name.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Refuses a file that others than its owner may use, or that its owner may not use.
pub(crate) fn private(path: &Path, file: &Metadata, owner: u32) -> Result<(), LedgerError> {
    let mode = file.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(LedgerError::Open { path: path.to_owned(), mode });
    }
    // Asked of the mode too, for whom modes do not bind means them no less.
    if mode & owner == owner { Ok(()) } else { Err(failed(path)(io::ErrorKind::PermissionDenied.into())) }
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
    let secret = read(key)?;
    if empty(database)? {
        return Err(LedgerError::Lost { database: database.to_owned(), key: key.to_owned() });
    }
    Ok(Key::Settled(secret))
}

/// Several programs may be the first at once; no lock is held, because all that follows waits on a runtime.
fn first(database: &Path, key: &Path, written: PathBuf) -> Result<Key, LedgerError> {
    if !exists(&written)? {
        write(&written)?;
    }
    // Another may have come to the end meanwhile: then what was just written is none's key. If none has, what is there under
    // the passing name is everybody's.
    if exists(key)? {
        remove(&written)?;
        return settled(database, key);
    }
    match read(&written) {
        Err(LedgerError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => settled(database, key),
        secret => Ok(Key::First(secret?, FirstUse { written, key: key.to_owned(), database: database.to_owned() })),
    }
}

fn read(path: &Path) -> Result<Secret, LedgerError> {
    let file = File::open(path).map_err(failed(path))?;
    private(path, &file.metadata().map_err(failed(path))?, 0o400)?;
    let mut text = Zeroizing::new(Vec::with_capacity(LONGEST));
    file.take(LONGEST as u64).read_to_end(&mut text).map_err(failed(path))?;
    let mut secret = Secret::default();
    let decoded = hex::decode_to_slice(text.trim_ascii_end(), secret.as_mut_slice());
    decoded.map_err(|_| LedgerError::KeyText(path.to_owned()))?;
    Ok(secret)
}

/// Makes a key, whole or not at all, unless there is one by then.
fn write(path: &Path) -> Result<(), LedgerError> {
    let mut random = [0; 8];
    let mut secret = Secret::default();
    for bytes in [random.as_mut_slice(), secret.as_mut_slice()] {
        rand::fill(bytes).map_err(|_| LedgerError::Cryptography)?;
    }
    let part = with_suffix(path, &format!(".{}", hex::encode(random)));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part).map_err(failed(&part))?;
    let mut digits = Zeroizing::new([0; 64]);
    hex::encode_to_slice(secret.as_slice(), digits.as_mut_slice()).map_err(|_| LedgerError::Cryptography)?;
    file.write_all(digits.as_slice())
        .and_then(|()| file.write_all(b"\n"))
        .and_then(|()| file.sync_all())
        .map_err(failed(&part))?;
    link(&part, path)?;
    remove(&part)?;
    sync_folder(path)
}

/// Gives a file another name, unless that is taken.
fn link(from: &Path, to: &Path) -> Result<(), LedgerError> {
    match fs::hard_link(from, to) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        // Another has given it the name, and removed it under this one.
        Err(error) if error.kind() == io::ErrorKind::NotFound && exists(to)? => Ok(()),
        outcome => outcome.map_err(failed(to)),
    }
}

fn remove(path: &Path) -> Result<(), LedgerError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome.map_err(failed(path)),
    }
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
