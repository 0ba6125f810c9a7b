//! Keys, certificates, mutual TLS, and who a peer is.
//!
//! One private root signs two issuing authorities, one for nodes and one for people, and what one may say the other
//! may not. A party's identity is the SAN URI of its certificate; no common name, host name or header is ever read for it.
//! Time is always a parameter: [`OffsetDateTime`](time::OffsetDateTime) for one decision, [`Now`] where TLS asks by itself.

pub mod accept;
pub mod authority;
mod causes;
pub mod certificate;
pub mod chain;
pub mod connect;
pub mod credentials;
pub mod digest;
pub mod key;
mod known;
mod now;
pub mod ocsp;
pub mod peer;
mod provider;
mod public;
pub mod reloading;
mod revocable;
pub mod revocation;
pub mod roots;
pub mod serve;
pub mod signed;
pub mod tls;

pub use authority::{Authority, AuthorityError};
pub use certificate::CertificateError;
pub use chain::{ChainError, Issuer};
pub use credentials::{Credentials, CredentialsError, Files};
pub use digest::{random, sha256};
pub use key::{Algorithm, KeyError, PrivateKey};
pub use now::Now;
pub use peer::{Peer, PeerError};
pub use reloading::Reloading;
pub use revocation::{RevocationError, SignedList};
pub use roots::Roots;
pub use rustls_pki_types::CertificateDer;
pub use signed::{SignatureError, Signer, verify_signed};
