//! The network's private authority: a root, an issuing authority for nodes, and one for people, in a folder.
//!
//! The root signs the two issuing certificates and nothing else; its key is not needed again and belongs in a safe.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use coda_model::Identity;
use rcgen::SanType;
use rustls_pki_types::CertificateDer;
use time::{Duration, OffsetDateTime};

mod issuing;
mod ocsp;
mod profile;
mod request;
mod revoking;

use issuing::Issuing;
pub use issuing::People;

use crate::certificate::{self, CertificateError};
use crate::chain::Issuer;
use crate::credentials::{Credentials, CredentialsError};
use crate::key::{Algorithm, KeyError, PrivateKey};
use crate::public;
use crate::roots::Roots;

/// How long the first, empty lists are good.
const FIRST_LISTS: Duration = Duration::days(30);

/// The authority, able to issue.
#[derive(Debug)]
pub struct Authority {
    roots: Roots,
    nodes: Issuing,
    people: Issuing,
}

/// Why the authority was not set up, or did not issue.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// One of the authority's keys.
    #[error("a key of the authority cannot be used")]
    Key(#[from] KeyError),
    /// One of the authority's files.
    #[error("cannot use {} of the authority", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// One of the authority's certificates.
    #[error("the authority's certificate {} cannot be used", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: CertificateError,
    },
    /// An issuing certificate with another SAN URI than its own.
    #[error("{} is not the certificate of {uri}", path.display())]
    WrongUri {
        /// The file.
        path: PathBuf,
        /// The SAN URI it should carry.
        uri: &'static str,
    },
    /// The request is not PKCS #10, its signature does not fit its key, or it asks for what no request may.
    #[error("the certificate request cannot be read, or is not signed by the key it names")]
    Request(#[source] rcgen::Error),
    /// The key of the request is too weak, or of a kind the network does not take.
    #[error("the request's key must be {}", public::TAKEN)]
    WeakKey,
    /// A validity that is not positive or outlives the issuing certificate.
    #[error("a validity of {validity} is not possible; the issuing certificate is valid until {until}")]
    Validity {
        /// What was asked for.
        validity: Duration,
        /// The end of the issuing certificate.
        until: OffsetDateTime,
    },
    /// Not a certificate that this authority issued.
    #[error("the certificate was not issued by this authority")]
    Stranger,
    /// Signing a certificate or a list failed.
    #[error("the certificate or list cannot be signed")]
    Signing(#[source] rcgen::Error),
    /// What was issued does not make a responder.
    #[error("the OCSP responder cannot be made")]
    Responder(#[from] crate::ocsp::DelegateError),
    /// What was issued does not make credentials.
    #[error("the credentials cannot be made")]
    Credentials(#[from] CredentialsError),
}

impl Authority {
    /// Sets up a new authority in `folder`, which is made with mode 0700 if need be; no file is overwritten. The root is
    /// valid for twenty years from `now`, the issuing certificates for ten.
    ///
    /// Files: `root.pem`, `nodes.pem`, `people.pem`, the keys `root.key`, `nodes.key`, `people.key`, and the revocation lists
    /// `nodes.crl`, `people.crl`, empty and to be renewed within 30 days. OCSP responders leave nothing in it: their keys are made
    /// where they answer, and [`issue_responder`](Self::issue_responder) issues for them.
    ///
    /// # Errors
    /// [`AuthorityError`], notably [`KeyError::Exists`] when there is an authority in the folder already.
    pub fn create(folder: &Path, algorithm: Algorithm, now: OffsetDateTime) -> Result<Self, AuthorityError> {
        let failed = |source| AuthorityError::File { path: folder.to_owned(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        // A root whose key is in its safe looks like no root; its certificate must not be overwritten.
        let path = folder.join("root.pem");
        if path.exists() {
            let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
            return Err(AuthorityError::File { path, source });
        }
        let root_key = PrivateKey::generate(algorithm)?;
        root_key.save(&folder.join("root.key"))?;
        let root = profile::root(&root_key, now).map_err(AuthorityError::Signing)?;
        write(&folder.join("root.pem"), &root)?;
        for kind in [Issuer::Nodes, Issuer::People] {
            let key = PrivateKey::generate(algorithm)?;
            key.save(&folder.join(issuing::key_file(kind)))?;
            let certificate = profile::issuing(kind, &key, &root, &root_key, now).map_err(AuthorityError::Signing)?;
            write(&folder.join(issuing::certificate_file(kind)), &certificate)?;
        }
        let authority = Self::open(folder)?;
        authority.renew_lists(folder, FIRST_LISTS, now)?;
        Ok(authority)
    }

    /// Opens the authority in `folder`. The root's key need not be there.
    ///
    /// # Errors
    /// [`AuthorityError`] when a file is missing, a key is open to others, or a certificate and its key are not a pair.
    pub fn open(folder: &Path) -> Result<Self, AuthorityError> {
        let path = folder.join("root.pem");
        let roots = Roots::new(read(&path)?).map_err(|source| AuthorityError::Certificate { path, source })?;
        Ok(Self { roots, nodes: Issuing::open(folder, Issuer::Nodes)?, people: Issuing::open(folder, Issuer::People)? })
    }

    /// Issues a certificate for the key of the request, naming `identity`, valid from five minutes before `now` (clocks
    /// differ) until `validity` after it. Returns the chain in PEM: the party's certificate, then its issuer's.
    ///
    /// Nothing but the public key is taken from the request, whatever it asks for: names, usages and limits follow from
    /// `identity` alone (RFC 5280, 4.2.1). Nodes may be servers and clients, people only clients.
    ///
    /// # Errors
    /// [`AuthorityError`] when the request is unreadable, not signed by its own key, or weak; when the validity is not
    /// possible.
    pub fn issue(
        &self,
        request: &str,
        identity: &Identity,
        validity: Duration,
        now: OffsetDateTime,
    ) -> Result<String, AuthorityError> {
        self.issuing(Issuer::of(identity)).issue(request, identity, validity, now)
    }

    /// Makes a key and issues for it, in memory: for the demo and the tests. In a real network a key is made where it is
    /// used.
    ///
    /// # Errors
    /// [`AuthorityError`] as for [`Authority::issue`].
    pub fn credentials(
        &self,
        identity: &Identity,
        algorithm: Algorithm,
        validity: Duration,
        now: OffsetDateTime,
    ) -> Result<Credentials, AuthorityError> {
        let key = PrivateKey::generate(algorithm)?;
        let chain = self.issue(&key.request(identity)?, identity, validity, now)?;
        Ok(Credentials::from_pem(&chain, key, self.roots.clone(), now)?)
    }

    /// What the parties of the network must trust.
    pub fn roots(&self) -> &Roots {
        &self.roots
    }

    fn issuing(&self, kind: Issuer) -> &Issuing {
        match kind {
            Issuer::Nodes => &self.nodes,
            Issuer::People => &self.people,
        }
    }
}

/// Whom a request names, for the eyes of whoever signs it; nobody where it names nobody of the network.
///
/// # Errors
/// [`AuthorityError::Request`], [`AuthorityError::WeakKey`].
pub fn named(request: &str) -> Result<Option<Identity>, AuthorityError> {
    let request = request::read(request)?;
    Ok(match request.params.subject_alt_names.as_slice() {
        [SanType::URI(uri)] => Identity::parse(uri.as_str()).ok(),
        _ => None,
    })
}

fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, AuthorityError> {
    let text = fs::read(path).map_err(|source| AuthorityError::File { path: path.to_owned(), source })?;
    certificate::from_pem(&text).map_err(|source| AuthorityError::Certificate { path: path.to_owned(), source })
}

fn write(path: &Path, certificate: &CertificateDer<'_>) -> Result<(), AuthorityError> {
    let text = certificate::to_pem(std::slice::from_ref(certificate));
    fs::write(path, text).map_err(|source| AuthorityError::File { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests;
