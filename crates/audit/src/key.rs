//! Private keys of logs and witnesses. They are made where they are used and never leave.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use signature::Error;
use signed_note::{Signer, Verifier as _};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::disk;
use crate::name::Name;
use crate::vkey::{LogVerifier, WitnessVerifier, cosigned};

/// Signs the checkpoints of one log.
#[derive(Debug)]
pub struct LogKey {
    pair: Pair,
    verifier: LogVerifier,
}

/// Cosigns the checkpoints of others' logs. Not the key of a log: a cosignature does not name who made it, and a log
/// that bears witness for itself proves nothing.
#[derive(Debug)]
pub struct WitnessKey {
    pair: Pair,
    verifier: WitnessVerifier,
}

/// 32 secret bytes from which an Ed25519 key follows (RFC 8032, section 5.1.5).
pub struct Seed(Zeroizing<[u8; 32]>);

/// Why a key was not made, read or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be made, read or written.
    #[error("cannot use the key file {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is readable or writable by others than its owner.
    #[error("the key file {} is open to others than its owner (mode {mode:04o}); run: chmod 600 {}", path.display(), path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds something else.
    #[error("{} holds no key of a log or a witness: 64 hexadecimal digits and a line feed", .0.display())]
    Content(PathBuf),
    /// The cryptographic library failed.
    #[error("the key operation failed")]
    Operation,
}

struct Pair(Ed25519KeyPair);

/// A witness's key at one moment.
pub(crate) struct Cosigner<'a> {
    pub(crate) key: &'a WitnessKey,
    pub(crate) now: OffsetDateTime,
}

impl Seed {
    /// These bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Random ones.
    ///
    /// # Errors
    /// [`KeyError::Operation`].
    pub fn random() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(bytes.as_mut_slice()).map_err(|_| KeyError::Operation)?;
        Ok(Self(bytes))
    }

    /// Reads the seed at `path`; where there is none, makes one with `new` and writes it there with mode 0600.
    fn open(path: &Path, new: impl FnOnce() -> Result<Self, KeyError>) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File { path: path.to_owned(), source };
        if !path.try_exists().map_err(failed)? {
            let digits = Zeroizing::new(hex::encode(new()?.0));
            // Whoever else makes one meanwhile is not overwritten: the file that is there is the key.
            disk::make(path, Zeroizing::new(format!("{}\n", *digits)).as_bytes()).map_err(failed)?;
        }
        let file = File::open(path).map_err(failed)?;
        if let Some(mode) = disk::open_to_others(&file).map_err(failed)? {
            return Err(KeyError::Open { path: path.to_owned(), mode });
        }
        let content = || KeyError::Content(path.to_owned());
        let mut text = Zeroizing::new(Vec::new());
        file.take(80).read_to_end(&mut text).map_err(failed)?;
        let mut bytes = Zeroizing::new([0; 32]);
        let digits = text.strip_suffix(b"\n").ok_or_else(content)?;
        hex::decode_to_slice(digits, bytes.as_mut_slice()).map_err(|_| content())?;
        Ok(Self(bytes))
    }
}

impl LogKey {
    /// Reads the key at `path` for the log called `name`; where there is none, makes one from `seed` (in a program
    /// [`Seed::random`]) and writes it there with mode 0600. A key that is there is never overwritten.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn open(path: &Path, name: Name, seed: impl FnOnce() -> Result<Seed, KeyError>) -> Result<Self, KeyError> {
        Seed::open(path, seed).and_then(|seed| Self::new(name, &seed))
    }

    /// The key that follows from `seed`.
    ///
    /// # Errors
    /// [`KeyError::Operation`].
    pub fn new(name: Name, seed: &Seed) -> Result<Self, KeyError> {
        let (pair, public) = Pair::new(seed)?;
        Ok(Self { pair, verifier: LogVerifier::new(name, public) })
    }

    /// What others need to check its signatures.
    pub fn verifier(&self) -> &LogVerifier {
        &self.verifier
    }
}

impl WitnessKey {
    /// As [`LogKey::open`], for the witness called `name`.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn open(path: &Path, name: Name, seed: impl FnOnce() -> Result<Seed, KeyError>) -> Result<Self, KeyError> {
        Seed::open(path, seed).and_then(|seed| Self::new(name, &seed))
    }

    /// The key that follows from `seed`.
    ///
    /// # Errors
    /// [`KeyError::Operation`].
    pub fn new(name: Name, seed: &Seed) -> Result<Self, KeyError> {
        let (pair, public) = Pair::new(seed)?;
        Ok(Self { pair, verifier: WitnessVerifier::new(name, public) })
    }

    /// What others need to check its cosignatures.
    pub fn verifier(&self) -> &WitnessVerifier {
        &self.verifier
    }
}

impl Signer for LogKey {
    fn name(&self) -> &str {
        self.verifier.name().as_str()
    }

    fn key_id(&self) -> u32 {
        self.verifier.key_id()
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, Error> {
        self.pair.sign(text)
    }
}

impl Signer for Cosigner<'_> {
    fn name(&self) -> &str {
        self.key.verifier.name().as_str()
    }

    fn key_id(&self) -> u32 {
        self.key.verifier.key_id()
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, Error> {
        let time = u64::try_from(self.now.unix_timestamp()).map_err(|_| Error::new())?;
        let signature = self.key.pair.sign(&cosigned(time, text))?;
        Ok([time.to_be_bytes().as_slice(), &signature].concat())
    }
}

impl Pair {
    fn new(seed: &Seed) -> Result<(Self, [u8; 32]), KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.0.as_slice()).map_err(|_| KeyError::Operation)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| KeyError::Operation)?;
        Ok((Self(pair), public))
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.0.try_sign(message).map(|signature| signature.as_ref().to_vec()).map_err(|_| Error::new())
    }
}

impl fmt::Debug for Pair {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Pair")
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Seed")
    }
}
