//! The private root every chain must lead to.

use std::fmt;
use std::sync::Arc;

use coda_model::Identity;
use rustls::RootCertStore;
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls_pki_types::{CertificateDer, UnixTime};
use time::{Duration, OffsetDateTime};

use crate::certificate::{self, CertificateError};
use crate::chain::{self, ChainError};
use crate::known::{ChainDigest, Known, KnownSignatures};
use crate::now;
use crate::provider::provider;
use crate::revocation::{Revocation, RevocationError, SignedList};

/// The trust anchors of a network: usually one, two while a root is being replaced.
#[derive(Clone)]
pub struct Roots {
    certificates: Vec<CertificateDer<'static>>,
    store: Arc<RootCertStore>,
    clients: Arc<dyn ClientCertVerifier>,
    known: Arc<Known>,
    signatures: Arc<KnownSignatures>,
    revocation: Arc<Revocation>,
    /// How old knowledge of revocation may be; none is asked for where this is absent.
    required: Option<Duration>,
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Roots({})", self.certificates.len())
    }
}

impl Roots {
    /// Reads the trust anchors from PEM.
    ///
    /// # Errors
    /// [`CertificateError`] when there is none, or one that cannot be a trust anchor or whose key the network does not take.
    pub fn from_pem(text: &str) -> Result<Self, CertificateError> {
        Self::new(certificate::from_pem(text.as_bytes())?)
    }

    /// The trust anchors as PEM.
    pub fn to_pem(&self) -> String {
        certificate::to_pem(&self.certificates)
    }

    /// The trust anchors.
    pub fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.certificates
    }

    /// Checks a chain as a client's: that it leads to a root at `now` (RFC 5280, 6), may authenticate a client
    /// (4.2.1.12), and that the right issuing authority named the party. The leaf comes first.
    ///
    /// # Errors
    /// [`ChainError`].
    pub fn verify(&self, chain: &[CertificateDer<'_>], now: OffsetDateTime) -> Result<Identity, ChainError> {
        let (leaf, rest) = chain.split_first().ok_or(ChainError::Empty)?;
        let digest = ChainDigest::of(chain);
        if let Some((identity, mark)) = self.known.recall(digest, now) {
            self.revocation.check(&mark, self.required, now)?;
            return Ok(identity);
        }
        let unix = now::unix(now).ok_or(ChainError::Path(rustls::Error::FailedToGetCurrentTime))?;
        self.clients.verify_client_cert(leaf, rest, unix).map_err(ChainError::Path)?;
        let (identity, mark) = chain::issued(leaf, rest)?;
        self.revocation.check(&mark, self.required, now)?;
        self.known.keep(digest, (&identity, &mark), chain, now);
        Ok(identity)
    }

    /// These trust anchors for whoever must know of revocation, and since when at most: a certificate is then refused also where
    /// [`take_lists`](Self::take_lists) was not called for so long.
    #[must_use]
    pub fn requiring_revocation(&self, at_most: Duration) -> Self {
        Self { required: Some(at_most), ..self.clone() }
    }

    /// These trust anchors for whoever asks for the lists: a certificate that is on a list is refused, and no other.
    #[must_use]
    pub fn not_requiring_revocation(&self) -> Self {
        Self { required: None, ..self.clone() }
    }

    /// Takes revocation lists that were handed out at `now`, each by itself. They hold for all copies of these trust anchors.
    ///
    /// # Errors
    /// [`RevocationError`], the first, after the good ones were taken; what was known of the others still holds.
    pub fn take_lists(&self, lists: &[SignedList], now: OffsetDateTime) -> Result<(), RevocationError> {
        self.revocation.take(lists, &self.certificates, now)
    }

    /// The signatures under chains of these trust anchors that were found to fit.
    pub(crate) fn signatures(&self) -> &KnownSignatures {
        &self.signatures
    }

    /// What is known of revocation under these trust anchors.
    pub(crate) fn revocation(&self) -> &Revocation {
        &self.revocation
    }

    pub(crate) fn new(certificates: Vec<CertificateDer<'static>>) -> Result<Self, CertificateError> {
        let mut store = RootCertStore::empty();
        for root in &certificates {
            certificate::check_key(&certificate::parse(root)?)?;
            store.add(root.clone()).map_err(CertificateError::Root)?;
        }
        let store = Arc::new(store);
        let clients = WebPkiClientVerifier::builder_with_provider(store.clone(), provider())
            .build()
            .map_err(|_| CertificateError::Missing)?;
        let (known, signatures, revocation) = (Arc::default(), Arc::default(), Arc::default());
        Ok(Self { certificates, store, clients, known, signatures, revocation, required: None })
    }

    pub(crate) fn verify_client(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<Identity, ChainError> {
        self.clients.verify_client_cert(leaf, rest, now).map_err(ChainError::Path)?;
        self.issued(leaf, rest, now)
    }

    pub(crate) fn verify_server(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<Identity, ChainError> {
        let algorithms = provider().signature_verification_algorithms;
        ParsedCertificate::try_from(leaf)
            .and_then(|leaf| verify_server_cert_signed_by_trust_anchor(&leaf, &self.store, rest, now, algorithms.all))
            .map_err(ChainError::Path)?;
        self.issued(leaf, rest, now)
    }

    fn issued(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<Identity, ChainError> {
        let (identity, mark) = chain::issued(leaf, rest)?;
        let now = now::of_unix(now).ok_or(ChainError::Path(rustls::Error::FailedToGetCurrentTime))?;
        self.revocation.check(&mark, self.required, now)?;
        Ok(identity)
    }

    /// What rustls itself offers for clients; the parts that need no change are taken from it.
    pub(crate) fn clients(&self) -> &dyn ClientCertVerifier {
        self.clients.as_ref()
    }
}
