//! A secret in a file of its own, which only its owner may read.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Why the file of a secret is not used.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// It cannot be read.
    #[error("cannot use {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Others than the owner may read it.
    #[error("{} is open to others than its owner; run: chmod 600 {}", .0.display(), .0.display())]
    Open(PathBuf),
}

/// The secret, without the line feed at its end.
pub(crate) fn read(path: &Path) -> Result<String, SecretFileError> {
    let failed = |source| SecretFileError::Read { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(failed)?.permissions().mode() & 0o077 != 0 {
        return Err(SecretFileError::Open(path.to_owned()));
    }
    Ok(std::fs::read_to_string(path).map_err(failed)?.trim_end_matches(['\n', '\r']).to_owned())
}
