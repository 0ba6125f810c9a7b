//! A connection to one party, whose identity is known beforehand.

use std::sync::Arc;

use coda_model::Identity;
use coda_pki::{
    Now, Reloading,
    connect::{self, Following},
};
use tonic::transport::Channel;

use crate::ClientError;

/// A connection that opens at the first call and again after it broke. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Link {
    way: Way,
    pub(crate) peer: Identity,
    address: Arc<str>,
}

/// How the channel of the next call is found.
#[derive(Debug, Clone)]
enum Way {
    /// With a certificate, which may be renewed.
    Following(Arc<Following>),
    /// Without one.
    Anonymous(Channel),
}

impl Link {
    /// Without a certificate of one's own.
    pub(crate) fn anonymous(address: &str, channel: Channel, peer: Identity) -> Self {
        Self { way: Way::Anonymous(channel), peer, address: address.into() }
    }

    /// The channel of the next call.
    pub(crate) fn channel(&self) -> Channel {
        match &self.way {
            Way::Following(following) => following.channel(),
            Way::Anonymous(channel) => channel.clone(),
        }
    }

    /// Why a call over this link failed.
    pub(crate) fn error(&self, status: tonic::Status) -> ClientError {
        ClientError::of(&self.peer, &self.address, status)
    }
}

/// Prepares a connection to `peer` at `host:port`, under whatever certificate `party` has at each call.
///
/// # Errors
/// [`ClientError::Prepare`] when the address or the credentials are no good.
pub fn link(address: &str, peer: Identity, party: &Reloading, now: Now) -> Result<Link, ClientError> {
    let following = Following::new(address, peer.clone(), party, now, connect::Timeouts::default())
        .map_err(|error| ClientError::Prepare(peer.clone(), Box::new(error)))?;
    Ok(Link { way: Way::Following(Arc::new(following)), peer, address: address.into() })
}
