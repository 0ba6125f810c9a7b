//! What can go wrong with a provider.

use std::path::PathBuf;

use crate::secret_file::SecretFileError;

/// Whatever the library or the connection says: too large to be carried about.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a provider cannot be used, or what it said is not believed. Says nothing of codes and tokens.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// A value of the configuration.
    #[error("{0}")]
    Setting(&'static str),
    /// The file of the client's secret.
    #[error("provider.client_secret cannot be used")]
    Secret(#[from] SecretFileError),
    /// The file of trust anchors.
    #[error("cannot use {}", path.display())]
    Roots {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The trust anchors.
    #[error("the trust anchors of the provider cannot be used")]
    Certificates(#[source] Cause),
    /// What the provider tells about itself (OpenID Connect Discovery 1.0, 4).
    #[error("the provider does not tell about itself as it should")]
    Discovery(#[source] Cause),
    /// An address of the provider that this flow needs.
    #[error("the provider has no {0}")]
    Lacks(&'static str),
    /// The browser came back from another issuer, or did not say from which (RFC 9207, 2.4).
    #[error("the browser came back from another issuer")]
    Issuer,
    /// The provider does not take the code: it was used, is over, or belongs to another verifier.
    #[error("the provider does not take the code")]
    Code(#[source] Cause),
    /// No answer of the provider that could be read.
    #[error("the provider does not answer as it should")]
    Answer(#[source] Cause),
    /// The ID token: signature, issuer, audience, nonce or time (OpenID Connect Core 1.0, 3.1.3.7).
    #[error("the ID token does not hold")]
    IdToken(#[source] Cause),
}
