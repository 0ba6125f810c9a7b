//! What a person's request brings: an envelope and a token.

use coda_model::Identity;
use coda_pki::Roots;
use coda_policy::Claims;
use coda_service::{Person, verify};
use coda_wire::{
    envelope::{self, Envelope},
    token, v1,
};

use crate::error::CoordinatorError;

/// What the auth server says of the caller.
pub(crate) fn claims(token: Option<&v1::Signed>, caller: &Person, roots: &Roots) -> Result<Claims, CoordinatorError> {
    let token = token.ok_or(CoordinatorError::Incomplete)?;
    let signer = verify(token, roots, caller.now).map_err(|error| CoordinatorError::TokenSignature(Some(error)))?;
    if signer.identity != Identity::Auth {
        return Err(CoordinatorError::TokenSignature(None));
    }
    let claims = token::decode(&token.content)?;
    if (&claims.user, Some(claims.thumbprint)) != (&caller.user, caller.thumbprint) {
        return Err(CoordinatorError::TokenOwner);
    }
    if !(claims.not_before..=claims.not_after).contains(&caller.now.unix_timestamp()) {
        return Err(CoordinatorError::TokenTime);
    }
    Ok(claims)
}

/// The envelope, which the caller must have signed.
pub(crate) fn envelope(
    signed: Option<&v1::Signed>,
    caller: &Person,
    roots: &Roots,
) -> Result<Envelope, CoordinatorError> {
    let signed = signed.ok_or(CoordinatorError::Incomplete)?;
    let signer = verify(signed, roots, caller.now).map_err(|error| CoordinatorError::EnvelopeSignature(Some(error)))?;
    let envelope = envelope::decode(&signed.content)?;
    let own = Some(signer.thumbprint) == caller.thumbprint && envelope.user == caller.user;
    if own { Ok(envelope) } else { Err(CoordinatorError::EnvelopeSignature(None)) }
}
