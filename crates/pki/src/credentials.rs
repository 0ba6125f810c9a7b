//! What a program shows of itself: its chain, its key, and its trust anchors.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use coda_model::Identity;
use rcgen::PublicKeyData as _;
use rustls_pki_types::CertificateDer;
use time::OffsetDateTime;

use crate::certificate::{self, CertificateError};
use crate::chain::{self, ChainError};
use crate::digest::sha256;
use crate::key::{KeyError, PrivateKey};
use crate::roots::Roots;
use crate::tls::TlsError;

/// A party's own certificate with its issuer's, its key, and its trust anchors; checked against one another. Copies are
/// cheap and share the key.
#[derive(Debug, Clone)]
pub struct Credentials {
    chain: Vec<CertificateDer<'static>>,
    key: Arc<PrivateKey>,
    roots: Roots,
    identity: Identity,
    expires: OffsetDateTime,
    thumbprint: [u8; 32],
    /// Where they were read, so that they can be read again.
    files: Option<Arc<Files>>,
}

/// Where chain, key and trust anchors are, in PEM; as it stands in configuration files.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// The party's certificate and its issuer's.
    pub chain: PathBuf,
    /// The party's key.
    pub key: PathBuf,
    /// The network's trust anchors.
    pub roots: PathBuf,
}

impl Files {
    /// The same files with their paths resolved, such as against the folder of the configuration file.
    #[must_use]
    pub fn resolved(&self, resolve: impl Fn(&Path) -> PathBuf) -> Self {
        Self { chain: resolve(&self.chain), key: resolve(&self.key), roots: resolve(&self.roots) }
    }

    /// The credentials in the files.
    ///
    /// # Errors
    /// [`CredentialsError`], as of [`Credentials::load`].
    pub fn load(&self, now: OffsetDateTime) -> Result<Credentials, CredentialsError> {
        let read = Credentials::load(&self.chain, &self.key, &self.roots, now)?;
        Ok(Credentials { files: Some(Arc::new(self.clone())), ..read })
    }
}

/// Why credentials cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// A certificate file cannot be read.
    #[error("cannot read the certificate file {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is read and its certificates are of no use.
    #[error("cannot use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: CertificateError,
    },
    /// A certificate in memory is of no use.
    #[error("cannot use the certificate")]
    Certificate(#[source] CertificateError),
    /// The chain does not lead to a trust anchor, or not by the right issuer.
    #[error("the certificate does not belong to the network of these roots")]
    Chain(#[source] ChainError),
    /// A chain that is complete and leads to other trust anchors than those of the file.
    #[error(
        "{} does not hold the trust anchors of the network that issued {}; take root.pem from the authority that issued it",
        roots.display(),
        chain.display()
    )]
    Roots {
        /// The file of the trust anchors.
        roots: PathBuf,
        /// The file of the chain.
        chain: PathBuf,
        /// How the chain fails.
        source: ChainError,
    },
    /// The key.
    #[error("the private key cannot be used")]
    Key(#[from] KeyError),
    /// Files that were replaced name another party.
    #[error("{} is the certificate of {found}, and this program runs as {expected}", path.display())]
    OtherParty {
        /// The chain's file.
        path: PathBuf,
        /// Whom it names.
        found: Identity,
        /// Whom it should name.
        expected: Identity,
    },
    /// Trust anchors that were replaced.
    #[error("{} has other trust anchors than this program started with; restart it to take them", .0.display())]
    OtherRoots(PathBuf),
    /// What was read does not make a TLS key.
    #[error("the certificate and key cannot be used for TLS")]
    Tls(#[from] TlsError),
}

impl Credentials {
    /// Reads chain, key and trust anchors from three PEM files, and checks them against one another at `now`.
    ///
    /// # Errors
    /// [`CredentialsError`] naming the file and the cause; for an expired certificate, since when.
    pub fn load(chain: &Path, key: &Path, roots: &Path, now: OffsetDateTime) -> Result<Self, CredentialsError> {
        let files = Files { chain: chain.to_owned(), key: key.to_owned(), roots: roots.to_owned() };
        Self::load_under(read_roots(roots)?, &files, now)
    }

    /// Credentials from a chain in PEM and a key in memory, checked as by [`Credentials::load`].
    ///
    /// # Errors
    /// [`CredentialsError`] naming the cause.
    pub fn from_pem(chain: &str, key: PrivateKey, roots: Roots, now: OffsetDateTime) -> Result<Self, CredentialsError> {
        let chain = certificate::from_pem(chain.as_bytes()).map_err(CredentialsError::Certificate)?;
        Self::checked(chain, key, roots, now, CredentialsError::Certificate)?.map_err(CredentialsError::Chain)
    }

    /// Writes the three files [`Credentials::load`] reads; the key with mode 0600, and never over another.
    ///
    /// # Errors
    /// [`CredentialsError`] when a file cannot be written, or the key file is there already.
    pub fn save(&self, chain: &Path, key: &Path, roots: &Path) -> Result<(), CredentialsError> {
        self.key.save(key)?;
        write(chain, &certificate::to_pem(&self.chain))?;
        write(roots, &self.roots.to_pem())
    }

    /// Who this is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The end of the certificate's validity.
    pub fn expires(&self) -> OffsetDateTime {
        self.expires
    }

    /// SHA-256 of the party's certificate in DER, which access tokens are bound to (RFC 8705, 3.1).
    pub fn thumbprint(&self) -> [u8; 32] {
        self.thumbprint
    }

    /// The party's certificate, then its issuer's.
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }

    /// The party's key.
    pub fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// Its trust anchors.
    pub fn roots(&self) -> &Roots {
        &self.roots
    }

    /// The files that these were read from; none for what was made in memory.
    pub fn files(&self) -> Option<&Files> {
        self.files.as_deref()
    }

    /// The same with other trust anchors.
    #[must_use]
    pub fn with_roots(&self, roots: Roots) -> Self {
        Self { roots, ..self.clone() }
    }

    /// What the files hold now, for a program that runs with `self`: nothing when it is the same. The trust anchors stay, with
    /// what is known of revocation.
    pub(crate) fn renewed(&self, files: &Files, now: OffsetDateTime) -> Result<Option<Self>, CredentialsError> {
        // A certificate that is known to be revoked is refused; that the lists are recent is not asked for, because a program that
        // does not reach the hub for a while must not keep its old certificate for that.
        if read_roots(&files.roots)?.certificates() != self.roots.certificates() {
            return Err(CredentialsError::OtherRoots(files.roots.clone()));
        }
        let next = Self::load_under(self.roots.not_requiring_revocation(), files, now)?;
        if next.chain == self.chain {
            return Ok(None);
        }
        if next.identity != self.identity {
            let (found, expected) = (next.identity, self.identity.clone());
            return Err(CredentialsError::OtherParty { path: files.chain.clone(), found, expected });
        }
        Ok(Some(Self { roots: self.roots.clone(), files: self.files.clone(), ..next }))
    }

    fn load_under(roots: Roots, files: &Files, now: OffsetDateTime) -> Result<Self, CredentialsError> {
        let Files { chain, key, roots: of_roots } = files;
        let certificates = certificate::from_pem(&read(chain)?).map_err(unusable(chain))?;
        let is_ours = chain::is_under(&certificates, roots.certificates());
        let checked = Self::checked(certificates, PrivateKey::load(key)?, roots, now, unusable(chain))?;
        checked.map_err(|source| match source {
            ChainError::Path(_) if !is_ours => {
                CredentialsError::Roots { roots: of_roots.clone(), chain: chain.clone(), source }
            }
            _ => CredentialsError::Chain(source),
        })
    }

    /// First what can be said of the chain's own file, then what can be said only with the trust anchors.
    fn checked(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKey,
        roots: Roots,
        now: OffsetDateTime,
        unusable: impl FnOnce(CertificateError) -> CredentialsError,
    ) -> Result<Result<Self, ChainError>, CredentialsError> {
        let (expires, thumbprint) = match own(&chain, &key, now) {
            Ok(own) => own,
            Err(source) => return Err(unusable(source)),
        };
        let verified = roots.verify(&chain, now);
        Ok(verified.map(|identity| Self {
            chain,
            key: Arc::new(key),
            roots,
            identity,
            expires,
            thumbprint,
            files: None,
        }))
    }
}

/// What can be said of a chain without the trust anchors: whether it is one, and whether its first certificate is the key's and valid
/// now.
fn own(
    chain: &[CertificateDer<'_>],
    key: &PrivateKey,
    now: OffsetDateTime,
) -> Result<(OffsetDateTime, [u8; 32]), CertificateError> {
    let leaf = chain.first().ok_or(CertificateError::Missing)?;
    let parsed = certificate::parse(leaf)?;
    chain::check_order(&parsed, chain)?;
    if parsed.public_key().raw != key.pair().subject_public_key_info() {
        return Err(CertificateError::OtherKey);
    }
    certificate::check_validity(&parsed, now)?;
    Ok((parsed.validity().not_after.to_datetime(), sha256(leaf)))
}

fn read_roots(path: &Path) -> Result<Roots, CredentialsError> {
    certificate::from_pem(&read(path)?).and_then(Roots::new).map_err(unusable(path))
}

/// Names the file a certificate is in.
fn unusable(path: &Path) -> impl FnOnce(CertificateError) -> CredentialsError + use<> {
    let path = path.to_owned();
    move |source| CredentialsError::File { path, source }
}

fn read(path: &Path) -> Result<Vec<u8>, CredentialsError> {
    fs::read(path).map_err(|source| CredentialsError::Read { path: path.to_owned(), source })
}

fn write(path: &Path, text: &str) -> Result<(), CredentialsError> {
    fs::write(path, text).map_err(|source| CredentialsError::Write { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests;
