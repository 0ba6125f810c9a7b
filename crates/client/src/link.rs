//! A connection to one party, whose identity is known beforehand.

use std::sync::Arc;

use coda_model::Identity;
use coda_pki::{Credentials, Now, connect, tls};
use tonic::transport::Channel;

use crate::ClientError;

/// A connection that opens at the first call and again after it broke. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Link {
    pub(crate) channel: Channel,
    pub(crate) peer: Identity,
    address: Arc<str>,
}

impl Link {
    pub(crate) fn new(address: &str, channel: Channel, peer: Identity) -> Self {
        Self { channel, peer, address: address.into() }
    }

    /// Why a call over this link failed.
    pub(crate) fn error(&self, status: tonic::Status) -> ClientError {
        ClientError::of(&self.peer, &self.address, status)
    }
}

/// Prepares a connection to `peer` at `host:port`.
///
/// # Errors
/// [`ClientError::Prepare`] when the address or the credentials are no good.
pub fn link(address: &str, peer: Identity, credentials: &Credentials, now: Now) -> Result<Link, ClientError> {
    let config = tls::client_config(credentials, peer.clone(), now)
        .map_err(|error| ClientError::Prepare(peer.clone(), Box::new(error)))?;
    let channel = connect::channel(address, config, connect::Timeouts::default())
        .map_err(|error| ClientError::Prepare(peer.clone(), Box::new(error)))?;
    Ok(Link::new(address, channel, peer))
}
