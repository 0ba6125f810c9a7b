//! Who may be at the other end.

use std::fmt;
use std::sync::Arc;

use coda_model::Identity;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::causes::causes;
use crate::chain::ChainError;
use crate::provider::provider;
use crate::roots::Roots;

/// Takes every client of the network; what it may do is for its identity to decide.
#[derive(Debug)]
pub(super) struct NetworkClients(pub(super) Roots);

/// Takes one server, found by `S`.
#[derive(Debug)]
pub(super) struct ExpectedServer<S> {
    pub(super) servers: S,
    pub(super) expected: Identity,
}

/// Says who a server is.
pub(super) trait Servers: fmt::Debug + Send + Sync {
    /// Whose the chain is, when it is good at `now`.
    fn whose(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<Identity, ChainError>;
}

/// Servers of a network show their certificate and its issuer's.
impl Servers for Roots {
    fn whose(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<Identity, ChainError> {
        self.verify_server(leaf, rest, now)
    }
}

impl ClientCertVerifier for NetworkClients {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.0.clients().root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.0.verify_client(end_entity, intermediates, now).map_err(refusal)?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.clients().verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.clients().verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.clients().supported_verify_schemes()
    }
}

impl<S: Servers> ServerCertVerifier for ExpectedServer<S> {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let found = self.servers.whose(end_entity, intermediates, now).map_err(refusal)?;
        if found == self.expected {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(refused(format!("expected {}, found {found}", self.expected)))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &provider().signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &provider().signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

/// A reason of ours among the refusals of rustls, whose text shows such a reason in its `Debug` form only.
#[derive(thiserror::Error)]
#[error("{0}")]
struct Reason(String);

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn refusal(error: ChainError) -> Error {
    match error {
        ChainError::Path(error) => error,
        other => refused(causes(&other)),
    }
}

/// The peer hears no more than "certificate unknown" of it.
fn refused(reason: String) -> Error {
    Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(Reason(reason)))))
}
