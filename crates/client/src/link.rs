//! A connection to one party, whose identity is known beforehand.

use coda_model::Identity;
use coda_pki::{Credentials, Now, connect, tls};
use tonic::transport::Channel;

use crate::ClientError;

/// A connection that opens at the first call and again after it broke. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Link {
    pub(crate) channel: Channel,
    pub(crate) peer: Identity,
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
    Ok(Link { channel, peer })
}
