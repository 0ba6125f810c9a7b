use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use coda_model::Identity;
use rustls::ClientConfig;
use tonic::transport::Channel;

use super::{ConnectError, Timeouts, channel_under};
use crate::credentials::Credentials;
use crate::now::Now;
use crate::reloading::Reloading;

/// Calls to one party that follow the caller's credentials: after these were replaced, further calls go over a new connection that
/// shows the new certificate. A server looks at the certificate of a connection, so that one that stays open would be refused in
/// the end although its owner has long renewed.
pub struct Following {
    address: String,
    config: Arc<ClientConfig>,
    timeouts: Timeouts,
    credentials: Reloading,
    open: Mutex<Open>,
}

struct Open {
    with: Arc<Credentials>,
    channel: Channel,
}

impl fmt::Debug for Following {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Following").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Following {
    /// Prepares connections to `expected` at `address` (`host:port`); see [`channel`](super::channel) for what they do.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub fn new(
        address: &str,
        expected: Identity,
        credentials: &Reloading,
        now: Now,
        timeouts: Timeouts,
    ) -> Result<Self, ConnectError> {
        let with = credentials.current();
        let config = credentials.client_config(expected, now)?;
        let channel = channel_under(address, config.clone(), Some(with.roots().clone()), timeouts)?;
        let open = Mutex::new(Open { with, channel });
        Ok(Self { address: address.to_owned(), config, timeouts, credentials: credentials.clone(), open })
    }

    /// The channel for the next call. Calls under way over an earlier one go on; it closes when the last of them has ended and
    /// nobody keeps the channel.
    pub fn channel(&self) -> Channel {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let current = self.credentials.current();
        if !Arc::ptr_eq(&open.with, &current) {
            // The address was good before, so this does not fail; if it did, the old channel would have to do.
            let roots = Some(current.roots().clone());
            if let Ok(channel) = channel_under(&self.address, self.config.clone(), roots, self.timeouts) {
                *open = Open { with: current, channel };
            }
        }
        open.channel.clone()
    }
}
