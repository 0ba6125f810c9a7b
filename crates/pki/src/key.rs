//! Private keys. They are made where they are used and never leave: what goes out is a request (RFC 2986).

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use coda_model::Identity;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384,
    PKCS_RSA_SHA256, PublicKeyData, RsaKeySize, SanType, SigningKey as _,
};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::SubjectPublicKeyInfo;
use zeroize::{Zeroize as _, Zeroizing};

use crate::certificate::display_name;
use crate::public::{self, Kind};

/// What kind of key to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Algorithm {
    /// RSA with 4096 bits: the default of a real network. Making one takes a second or so.
    #[default]
    Rsa4096,
    /// RSA with 3072 bits, the least that is taken.
    Rsa3072,
    /// ECDSA on P-384.
    P384,
    /// ECDSA on P-256: quick, for the demo and the tests.
    P256,
}

/// A private key. Its `Debug` says nothing of it, and its bytes are wiped when it is dropped.
pub struct PrivateKey {
    pair: KeyPair,
    kind: Kind,
}

/// Why a key was not made, read, written or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Not the name of an algorithm.
    #[error("{0:?} is no key algorithm; use rsa4096, rsa3072, p384 or p256")]
    Algorithm(String),
    /// Making the key or signing with it failed.
    #[error("the key operation failed")]
    Operation(#[source] rcgen::Error),
    /// The key file is readable or writable by others than its owner.
    #[error("the key file {} is open to others than its owner (mode {mode:04o}); run: chmod 600 {}", path.display(), path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The key file is there already, and a key is never overwritten.
    #[error("the key file {} exists already; move it away first", .0.display())]
    Exists(PathBuf),
    /// The key file cannot be read.
    #[error("cannot read the key file {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The key file cannot be written.
    #[error("cannot write the key file {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file holds no key the network takes.
    #[error("{} holds no PKCS #8 key (\"BEGIN PRIVATE KEY\") of {}", .0.display(), public::TAKEN)]
    Content(PathBuf),
}

impl FromStr for Algorithm {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        match text {
            "rsa4096" => Ok(Self::Rsa4096),
            "rsa3072" => Ok(Self::Rsa3072),
            "p384" => Ok(Self::P384),
            "p256" => Ok(Self::P256),
            _ => Err(KeyError::Algorithm(text.chars().take(40).collect())),
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rsa4096 => "rsa4096",
            Self::Rsa3072 => "rsa3072",
            Self::P384 => "p384",
            Self::P256 => "p256",
        })
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey")
    }
}

impl Drop for PrivateKey {
    fn drop(&mut self) {
        self.pair.zeroize();
    }
}

impl PrivateKey {
    /// Makes a new key. RSA takes a second or so of processor time: not for a thread that serves requests.
    ///
    /// # Errors
    /// [`KeyError::Operation`] when the cryptographic library fails.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let rsa = |size, bits| (KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, size), Kind::Rsa { bits });
        let (pair, kind) = match algorithm {
            Algorithm::Rsa4096 => rsa(RsaKeySize::_4096, 4096),
            Algorithm::Rsa3072 => rsa(RsaKeySize::_3072, 3072),
            Algorithm::P384 => (KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384), Kind::P384),
            Algorithm::P256 => (KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256), Kind::P256),
        };
        Ok(Self { pair: pair.map_err(KeyError::Operation)?, kind })
    }

    /// Reads a key file: PEM, PKCS #8 (RFC 5958), mode 0600 or narrower.
    ///
    /// # Errors
    /// [`KeyError::Open`] when group or others may read, write or execute it; [`KeyError::Read`]; [`KeyError::Content`].
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let unreadable = |source| KeyError::Read { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(unreadable)?;
        // Asked of the open file, not of the path, so that nobody can swap the file in between.
        let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Open { path: path.to_owned(), mode });
        }
        let mut pem = Zeroizing::new(Vec::new());
        file.read_to_end(&mut pem).map_err(unreadable)?;
        Self::from_pem(&pem).ok_or_else(|| KeyError::Content(path.to_owned()))
    }

    /// Writes the key as PEM to a new file of mode 0600.
    ///
    /// # Errors
    /// [`KeyError::Exists`] when there is such a file already; [`KeyError::Write`].
    pub fn save(&self, path: &Path) -> Result<(), KeyError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::AlreadyExists => KeyError::Exists(path.to_owned()),
            _ => KeyError::Write { path: path.to_owned(), source },
        };
        let pem = Zeroizing::new(self.pair.serialize_pem());
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
        file.write_all(pem.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
    }

    /// A certificate request (RFC 2986) in PEM. The identity in it is a hint for the person who reads the request; the
    /// authority takes the public key from it and nothing else.
    ///
    /// # Errors
    /// [`KeyError::Operation`] when signing fails.
    pub fn request(&self, hint: &Identity) -> Result<String, KeyError> {
        self.request_naming(&display_name(hint), &hint.to_string())
    }

    /// A certificate request with this common name and SAN URI.
    pub(crate) fn request_naming(&self, name: &str, uri: &str) -> Result<String, KeyError> {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, name);
        let uri = uri.try_into().map_err(KeyError::Operation)?;
        parameters.subject_alt_names = vec![SanType::URI(uri)];
        parameters.serialize_request(&self.pair).and_then(|request| request.pem()).map_err(KeyError::Operation)
    }

    /// Signs `bytes`: ECDSA on P-256 with SHA-256 or on P-384 with SHA-384, in ASN.1 form (FIPS 186-5), or RSASSA-PKCS1-v1_5
    /// with SHA-256 (RFC 8017, 8.2). [`verify_signed`](crate::verify_signed) checks it.
    ///
    /// # Errors
    /// [`KeyError::Operation`] when signing fails.
    pub fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.pair.sign(bytes).map_err(KeyError::Operation)
    }

    /// The kind of this key; an RSA key of another size counts as the next smaller kind.
    pub fn algorithm(&self) -> Algorithm {
        match self.kind {
            Kind::P256 => Algorithm::P256,
            Kind::P384 => Algorithm::P384,
            Kind::Rsa { bits } if bits < 4096 => Algorithm::Rsa3072,
            Kind::Rsa { .. } => Algorithm::Rsa4096,
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    pub(crate) fn pair(&self) -> &KeyPair {
        &self.pair
    }

    /// The PKCS #8 bytes, in the form rustls takes over.
    pub(crate) fn pkcs8(&self) -> PrivatePkcs8KeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.pair.serialized_der().to_vec())
    }

    fn from_pem(pem: &[u8]) -> Option<Self> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem).ok()?;
        let pair = KeyPair::try_from(&der).ok()?;
        let public_key = pair.subject_public_key_info();
        let (_, parsed) = SubjectPublicKeyInfo::from_der(&public_key).ok()?;
        let kind = public::kind(&parsed)?;
        Some(Self { pair, kind })
    }
}

#[cfg(test)]
mod tests;
