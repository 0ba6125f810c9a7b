use std::sync::Arc;

use rustls::crypto::CryptoProvider;

/// The one cryptographic provider. It is always named: another crate in the same program could make the default one
/// ambiguous, which rustls answers with a panic.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}
