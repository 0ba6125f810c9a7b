//! From a request's bytes to what policy decides on: signatures first, then contents.

use coda_model::{Identity, UserId};
use coda_pki::{Roots, Signer};
use coda_policy::{Claims, Permission, Request};
use coda_service::verify;
use coda_wire::{
    envelope::{self, Envelope},
    token, v1,
};
use time::OffsetDateTime;

use crate::error::ComputeError;

/// A request whose signatures are good.
pub(crate) struct Admitted {
    pub(crate) envelope: Envelope,
    /// SHA-256 of the envelope's bytes.
    pub(crate) hash: [u8; 32],
    pub(crate) claims: Claims,
    /// SHA-256 of the text of the coordinator's dictionary.
    pub(crate) dictionary: Vec<u8>,
    signer: UserId,
    thumbprint: [u8; 32],
}

/// Verifies the signatures of a request against the network's trust anchors.
pub(crate) fn admit(request: v1::Request, anchors: &Roots, now: OffsetDateTime) -> Result<Admitted, ComputeError> {
    let v1::Request { envelope, token, dictionary } = request;
    let (Some(envelope), Some(token)) = (envelope, token) else { return Err(ComputeError::Incomplete) };

    let Signer { identity, thumbprint } = verify(&envelope, anchors, now).map_err(ComputeError::EnvelopeSignature)?;
    let Identity::User(signer) = identity else { return Err(ComputeError::NoPerson) };
    let signed_by = verify(&token, anchors, now).map_err(|error| ComputeError::TokenSignature(Some(error)))?;
    if signed_by.identity != Identity::Auth {
        return Err(ComputeError::TokenSignature(None));
    }
    Ok(Admitted {
        hash: coda_pki::sha256(&envelope.content),
        envelope: envelope::decode(&envelope.content)?,
        claims: token::decode(&token.content)?,
        dictionary,
        signer,
        thumbprint,
    })
}

impl Admitted {
    /// What policy decides on.
    pub(crate) fn request(&self, dataset: coda_model::DatasetId) -> Request {
        Request {
            user: self.envelope.user.clone(),
            signer: self.signer.clone(),
            thumbprint: self.thumbprint,
            sites: self.envelope.sites.clone(),
            dataset,
            project: self.envelope.project.clone(),
            permission: Permission::BasicQueries,
            not_before: self.envelope.not_before,
            not_after: self.envelope.not_after,
        }
    }
}
