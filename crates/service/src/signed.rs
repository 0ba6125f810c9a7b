//! Signed bytes as a message carries them: envelopes and tokens.

use coda_pki::{CertificateDer, Roots, SignatureError, Signer, verify_signed};
use coda_wire::v1;
use time::OffsetDateTime;

/// Who signed the content of the message, under a chain that is valid at `now`.
///
/// # Errors
/// [`SignatureError`] when nobody of this network did.
pub fn verify(signed: &v1::Signed, roots: &Roots, now: OffsetDateTime) -> Result<Signer, SignatureError> {
    verify_signed(&chain(signed), roots, &signed.content, &signed.signature, now)
}

/// The certificates that came with a message, as yet unchecked.
pub(crate) fn chain(signed: &v1::Signed) -> Vec<CertificateDer<'_>> {
    signed.chain.iter().map(|der| der.as_slice().into()).collect()
}
