//! The site's secret, under which a person of the source becomes a pseudonym of the build (ISO 25237).

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use aws_lc_rs::{hmac, rand};
use zeroize::Zeroizing;

/// How many bytes the key has: one block of SHA-256, so that HMAC takes it as it is (RFC 2104, 2).
const BYTES: usize = 64;
/// How many hexadecimal digits stand in its file.
const DIGITS: usize = BYTES * 2;

/// A site's pseudonym key. Whoever has it and the identifiers of the source can tell whose pseudonym is whose. Whoever lost
/// it cannot tell any more that a person was in an earlier build. `Debug` shows nothing of it, and the bytes are wiped when
/// it is dropped.
pub struct PseudonymKey(Box<Zeroizing<[u8; BYTES]>>);

/// A file of a pseudonym key that cannot be used. No variant carries any of the key.
#[derive(Debug, thiserror::Error)]
pub enum PseudonymKeyError {
    /// It is readable or writable by others than its owner.
    #[error("the pseudonym key {} is open to others than its owner (mode {mode:04o}); run: chmod 600 {}", path.display(), path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It cannot be read.
    #[error("cannot read the pseudonym key {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It holds something else.
    #[error("{} holds no pseudonym key, which is 128 hexadecimal digits", .0.display())]
    Content(PathBuf),
    /// It cannot be made.
    #[error("cannot make the pseudonym key {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system gave no random bytes.
    #[error("the system gives no random bytes for a pseudonym key")]
    Random,
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey")
    }
}

impl PseudonymKey {
    /// The pseudonym key in a file of 128 hexadecimal digits that only its owner may read; where there is no such file, a new one
    /// from the system's randomness, written there with mode 0600.
    ///
    /// # Errors
    /// [`PseudonymKeyError`].
    pub fn open_or_create(path: &Path) -> Result<Self, PseudonymKeyError> {
        if let Some(key) = Self::load(path)? {
            return Ok(key);
        }
        create(path)?;
        // Read back, so that two builds that begin at the same moment use the one that came to stand there.
        let gone = || PseudonymKeyError::Read { path: path.to_owned(), source: io::ErrorKind::NotFound.into() };
        Self::load(path)?.ok_or_else(gone)
    }

    /// A pseudonym key of these bytes.
    pub fn new(bytes: [u8; BYTES]) -> Self {
        Self(Box::new(Zeroizing::new(bytes)))
    }

    /// HMAC-SHA256 (RFC 2104, FIPS 180-4) under this pseudonym key.
    pub(crate) fn hmac(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.0.as_slice())
    }

    fn load(path: &Path) -> Result<Option<Self>, PseudonymKeyError> {
        let unreadable = |source| PseudonymKeyError::Read { path: path.to_owned(), source };
        let mut file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(unreadable)?,
        };
        // Asked of the open file, not of the path, so that nobody can swap the file in between.
        let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(PseudonymKeyError::Open { path: path.to_owned(), mode });
        }
        // The digits, a line's end, and one byte more to see that there is no more; room for all, so that nothing is
        // copied about in memory.
        let mut text = Zeroizing::new(Vec::with_capacity(DIGITS * 2));
        (&mut file).take(DIGITS as u64 + 3).read_to_end(&mut text).map_err(unreadable)?;
        let mut key = Self::new([0; BYTES]);
        let digits = text.trim_ascii_end();
        hex::decode_to_slice(digits, key.0.as_mut_slice()).map_err(|_| PseudonymKeyError::Content(path.to_owned()))?;
        Ok(Some(key))
    }
}

/// Makes the file of a new pseudonym key, unless there is one by then.
fn create(path: &Path) -> Result<(), PseudonymKeyError> {
    let failed = |source| PseudonymKeyError::Write { path: path.to_owned(), source };
    let mut key = PseudonymKey::new([0; BYTES]);
    let mut name = [0; 8];
    for bytes in [key.0.as_mut_slice(), &mut name] {
        rand::fill(bytes).map_err(|_| PseudonymKeyError::Random)?;
    }
    let mut text = Zeroizing::new([b'\n'; DIGITS + 1]);
    let (digits, _) = text.split_at_mut(DIGITS);
    hex::encode_to_slice(key.0.as_slice(), digits).map_err(|_| PseudonymKeyError::Random)?;

    // Written beside and then given its name: a file of that name is a whole key, also after a power cut, and one that is
    // there is never overwritten. Were it lost after a build was published, the lineage would be lost with it.
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}", hex::encode(name)));
    let beside = PathBuf::from(beside);
    let written = write(&beside, &text[..]).and_then(|()| match fs::hard_link(&beside, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    let removed = fs::remove_file(&beside);
    written.and(removed).map_err(failed)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
