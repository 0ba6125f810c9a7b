//! Signed bytes as a message carries them: envelopes and tokens.

use coda_pki::{Roots, SignatureError, Signer, verify_signed};
use coda_wire::v1;
use time::OffsetDateTime;

/// Who signed the content of the message, under a chain that is valid at `now`.
///
/// # Errors
/// [`SignatureError`] when nobody of this network did.
pub fn verify(signed: &v1::Signed, roots: &Roots, now: OffsetDateTime) -> Result<Signer, SignatureError> {
    let v1::Signed { content, signature, chain } = signed;
    let chain: Vec<_> = chain.iter().map(|der| der.as_slice().into()).collect();
    verify_signed(&chain, roots, content, signature, now)
}
