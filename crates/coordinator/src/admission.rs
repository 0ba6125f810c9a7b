//! Who calls, with which token.

use coda_model::{Identity, UserId};
use coda_pki::{Peer, Roots, SignatureError, Signer, verify_signed};
use coda_policy::Claims;
use coda_wire::{
    envelope::{self, Envelope},
    token, v1,
};
use time::OffsetDateTime;

use crate::error::CoordinatorError;

/// The person at the other end, whose certificate is still valid: a connection may outlive the one it was opened with.
pub(crate) fn person(
    peer: Option<&Peer>,
    roots: &Roots,
    now: OffsetDateTime,
) -> Result<(UserId, [u8; 32]), CoordinatorError> {
    let peer = peer.ok_or(CoordinatorError::Peer)?;
    match roots.verify(&peer.chain, now).map_err(CoordinatorError::Certificate)? {
        Identity::User(user) => Ok((user, peer.thumbprint)),
        _ => Err(CoordinatorError::Peer),
    }
}

/// What the auth server says of the caller.
pub(crate) fn claims(
    token: Option<&v1::Signed>,
    caller: &(UserId, [u8; 32]),
    roots: &Roots,
    now: OffsetDateTime,
) -> Result<Claims, CoordinatorError> {
    let token = token.ok_or(CoordinatorError::Incomplete)?;
    let signer = verify(token, roots, now).map_err(|error| CoordinatorError::TokenSignature(Some(error)))?;
    if signer.identity != Identity::Auth {
        return Err(CoordinatorError::TokenSignature(None));
    }
    let claims = token::decode(&token.content)?;
    let valid = (claims.not_before..=claims.not_after).contains(&now.unix_timestamp());
    if (&claims.user, claims.thumbprint) != (&caller.0, caller.1) || !valid {
        return Err(CoordinatorError::TokenOwner);
    }
    Ok(claims)
}

/// The envelope, which the caller must have signed.
pub(crate) fn envelope(
    signed: Option<&v1::Signed>,
    caller: &(UserId, [u8; 32]),
    roots: &Roots,
    now: OffsetDateTime,
) -> Result<Envelope, CoordinatorError> {
    let signed = signed.ok_or(CoordinatorError::Incomplete)?;
    let signer = verify(signed, roots, now).map_err(|error| CoordinatorError::EnvelopeSignature(Some(error)))?;
    let envelope = envelope::decode(&signed.content)?;
    let own = signer.thumbprint == caller.1 && envelope.user == caller.0;
    if own { Ok(envelope) } else { Err(CoordinatorError::EnvelopeSignature(None)) }
}

fn verify(signed: &v1::Signed, roots: &Roots, now: OffsetDateTime) -> Result<Signer, SignatureError> {
    let v1::Signed { content, signature, chain } = signed;
    let chain: Vec<_> = chain.iter().map(|der| der.as_slice().into()).collect();
    verify_signed(&chain, roots, content, signature, now)
}
