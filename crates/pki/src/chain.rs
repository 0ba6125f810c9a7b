//! Which of the two issuing authorities may say what.
//!
//! A chain of this network is a leaf and one issuing certificate. That the root has signed both is what webpki checks
//! (RFC 5280, 6); that the issuing certificate is the right one of the two is checked here, by the SAN URI it carries, and so
//! is the kind of both keys. That of the root's key is checked when the trust anchors are read.

use coda_model::Identity;
use rustls_pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;

use crate::certificate::{self, CertificateError};
use crate::revocation::Mark;

/// Why a chain is refused.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// There is no certificate.
    #[error("there is no certificate")]
    Empty,
    /// The chain does not lead to a root, or not at that time, or not for that use.
    #[error("the chain does not hold")]
    Path(#[source] rustls::Error),
    /// Not a leaf and one issuing certificate.
    #[error("the chain has {0} certificates; expected two, the party's and its issuer's")]
    Length(usize),
    /// The party's own certificate is not one of the network's.
    #[error("the party's certificate cannot be used")]
    Leaf(#[source] CertificateError),
    /// The issuing certificate is not one of the network's.
    #[error("the issuing certificate cannot be used")]
    Issuer(#[source] CertificateError),
    /// The issuing certificate that was sent along has not signed the leaf.
    #[error("the issuing certificate has not signed the party's certificate")]
    Signature,
    /// The certificate was revoked.
    #[error("the certificate was revoked")]
    Revoked,
    /// Whether it was revoked is not known, or not recently enough.
    #[error("it is not known whether the certificate was revoked; the hub's auth server was not reached for too long")]
    RevocationUnknown,
    /// The server shows another root than the one of this fingerprint, or none.
    #[error(
        "the server is not of the network with this fingerprint; ask whoever gave it to you, and check the address"
    )]
    Fingerprint,
    /// The issuing certificate may not name such a party.
    #[error("{identity} was named by {issuer}, which may not name it")]
    WrongIssuer {
        /// Who the leaf says it is.
        identity: Identity,
        /// The mark of the issuing certificate.
        issuer: String,
    },
}

/// The two issuing authorities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issuer {
    /// The one that names sites' nodes and the hub's services.
    Nodes,
    /// The one that names people.
    People,
}

impl Issuer {
    /// The one that may name `identity`.
    pub(crate) fn of(identity: &Identity) -> Self {
        match identity {
            Identity::Storage(_) | Identity::Compute(_) | Identity::Coordinator | Identity::Auth => Self::Nodes,
            Identity::User(_) => Self::People,
        }
    }

    /// Both.
    pub const ALL: [Self; 2] = [Self::Nodes, Self::People];

    /// Its name in files: `nodes` or `people`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nodes => "nodes",
            Self::People => "people",
        }
    }

    /// The SAN URI of its certificate. It is no [`Identity`], so an issuing certificate is never taken for a party.
    pub(crate) fn uri(self) -> &'static str {
        match self {
            Self::Nodes => "coda://authority/nodes",
            Self::People => "coda://authority/people",
        }
    }
}

/// Which issuing authority a certificate is of, when one of the trust anchors signed it.
pub(crate) fn issuing(certificate: &X509Certificate<'_>, roots: &[CertificateDer<'_>]) -> Option<Issuer> {
    let uri = certificate::sole_uri(certificate).ok()?;
    let by_root = |root: &CertificateDer<'_>| {
        certificate::parse(root).is_ok_and(|root| certificate.verify_signature(Some(root.public_key())).is_ok())
    };
    Issuer::ALL.into_iter().find(|kind| kind.uri() == uri).filter(|_| roots.iter().any(by_root))
}

/// That a chain of two is in its order: a party's certificate, `leaf`, and that which signed it. Other lengths are for
/// [`Roots::verify`](crate::Roots::verify) to refuse.
pub(crate) fn check_order(leaf: &X509Certificate<'_>, chain: &[CertificateDer<'_>]) -> Result<(), CertificateError> {
    if certificate::sole_uri(leaf).is_ok_and(|uri| Issuer::ALL.iter().any(|kind| kind.uri() == uri)) {
        return Err(CertificateError::Order);
    }
    match chain {
        [_] => Err(CertificateError::NoIssuer),
        [_, issuer] => {
            let issuer = certificate::parse(issuer)?;
            leaf.verify_signature(Some(issuer.public_key())).map_err(|_| CertificateError::OtherIssuer)
        }
        _ => Ok(()),
    }
}

/// Whether one of the trust anchors signed the issuing certificate of a chain.
pub(crate) fn is_under(chain: &[CertificateDer<'_>], roots: &[CertificateDer<'_>]) -> bool {
    let [_, issuer] = chain else { return true };
    certificate::parse(issuer).is_ok_and(|issuer| issuing(&issuer, roots).is_some())
}

/// Who the leaf is, when its issuer may say so, and by what it would be revoked. Whether the root has signed the issuer is for the caller to check.
///
/// The leaf's signature is checked again with the key of the issuing certificate looked at, so that the certificate whose
/// mark is read is the one the path to the root goes through, whatever else the peer sent.
pub(crate) fn issued(leaf: &CertificateDer<'_>, rest: &[CertificateDer<'_>]) -> Result<(Identity, Mark), ChainError> {
    let [issuer] = rest else { return Err(ChainError::Length(1 + rest.len())) };
    let issuer = certificate::parse(issuer).map_err(ChainError::Issuer)?;
    certificate::check_key(&issuer).map_err(ChainError::Issuer)?;
    let parsed = certificate::parse(leaf).map_err(ChainError::Leaf)?;
    certificate::check_key(&parsed).map_err(ChainError::Leaf)?;
    parsed.verify_signature(Some(issuer.public_key())).map_err(|_| ChainError::Signature)?;
    let mark = certificate::sole_uri(&issuer).map_err(ChainError::Issuer)?;
    let identity = certificate::identity(leaf).map_err(ChainError::Leaf)?;
    if mark == Issuer::of(&identity).uri() {
        Ok((identity, Mark::of(&parsed, &issuer)))
    } else {
        Err(ChainError::WrongIssuer { identity, issuer: mark.chars().take(120).collect() })
    }
}
