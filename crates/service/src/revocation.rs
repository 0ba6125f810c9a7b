//! How a service knows which certificates were revoked: it asks the hub's auth server at short intervals.
//!
//! A revoked certificate is refused everywhere within 20 seconds and the time of one call: at the next call of a connection that is
//! open already, and at the handshake of a new one. Where the auth server is not reached for an hour, every certificate is refused.

use std::{sync::Arc, time::Duration};

use coda_model::Identity;
use coda_pki::{Credentials, Now, Roots, SignedList, connect, tls};
use coda_runtime::{Clock, Stop};
use coda_wire::v1::{self, auth_client::AuthClient};
use tonic::transport::Channel;

use crate::{failure::causes, serve::now};

/// How long after one answer the next is asked for, in operation.
pub const EVERY: Duration = Duration::from_secs(20);
/// How old knowledge of revocation may be, in operation.
const AT_MOST: time::Duration = time::Duration::hours(1);
/// How soon the auth server is asked again where it has not answered; then after twice as long, up to the usual pause.
const AGAIN: Duration = Duration::from_secs(1);
/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The auth server that is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthServer {
    /// `host:port`.
    pub address: String,
    /// How long after one answer the next is asked for.
    pub every: Duration,
    /// How old knowledge of revocation may be.
    pub at_most: time::Duration,
}

/// Why the auth server cannot be asked.
#[derive(Debug, thiserror::Error)]
#[error("the auth server cannot be asked for revoked certificates")]
pub struct RevocationError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl AuthServer {
    /// At `host:port`, asked every 20 seconds; knowledge may be an hour old.
    pub fn at(address: impl Into<String>) -> Self {
        Self { address: address.into(), every: EVERY, at_most: AT_MOST }
    }
}

/// Asks the auth server, waits for its first answer for a moment, and goes on asking until `stop`. Gives credentials with which
/// every other certificate must be known not to be revoked.
///
/// # Errors
/// [`RevocationError`] when no connection can be prepared. An auth server that does not answer is none: until it does, every
/// certificate is refused.
pub async fn follow(
    auth: &AuthServer,
    credentials: &Credentials,
    clock: &Arc<dyn Clock>,
    stop: &Stop,
) -> Result<Credentials, RevocationError> {
    let prepared = |error: Box<dyn std::error::Error + Send + Sync>| RevocationError(error);
    // Nothing is known before the first answer, and it comes from somebody whose certificate may be revoked as well.
    let asking = credentials.with_roots(credentials.roots().not_requiring_revocation());
    let config = tls::client_config(&asking, Identity::Auth, now(clock)).map_err(|error| prepared(error.into()))?;
    let channel = connect::channel(&auth.address, config, connect::Timeouts::default());
    let channel = channel.map_err(|error| prepared(error.into()))?;
    let follower = Follower { channel, roots: credentials.roots().clone(), now: now(clock) };
    let (every, stop) = (auth.every, stop.clone());
    let mut pause = if follower.ask().await { every } else { AGAIN.min(every) };
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = tokio::time::sleep(pause) => {
                    pause = if follower.ask().await { every } else { (2 * pause).min(every) };
                }
                () = stop.requested() => return,
            }
        }
    });
    Ok(credentials.with_roots(credentials.roots().requiring_revocation(auth.at_most)))
}

struct Follower {
    channel: Channel,
    roots: Roots,
    now: Now,
}

impl Follower {
    /// Whether an answer came and was taken.
    async fn ask(&self) -> bool {
        let mut client = AuthClient::new(self.channel.clone());
        let asked = tokio::time::timeout(PATIENCE, client.list_revoked(v1::ListRevokedRequest {})).await;
        let lists = match asked {
            Ok(Ok(reply)) => reply.into_inner().lists,
            Ok(Err(status)) => {
                tracing::warn!(cause = causes(&status), "the auth server did not say which certificates were revoked");
                return false;
            }
            Err(_) => {
                tracing::warn!("the auth server did not say in time which certificates were revoked");
                return false;
            }
        };
        let lists: Vec<SignedList> =
            lists.into_iter().map(|v1::RevocationList { list, issuer }| SignedList { list, issuer }).collect();
        match self.roots.take_lists(&lists, (self.now)()) {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(cause = causes(&error), "the auth server's revocation lists are refused");
                false
            }
        }
    }
}
