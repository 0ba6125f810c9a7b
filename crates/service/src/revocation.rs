//! How a service knows which certificates were revoked: it asks the hub's auth server at short intervals.
//!
//! A revoked certificate is refused everywhere within 20 seconds and the time of one call: at the next call of a connection that is
//! open already, and at the handshake of a new one. Where the auth server is not reached for an hour, every certificate is refused.

use std::{sync::Arc, time::Duration};

use coda_model::Identity;
use coda_pki::{
    Credentials, Now, Roots, SignedList,
    connect::{self, Following},
};
use coda_runtime::{Clock, Stop};
use coda_wire::v1::{self, auth_client::AuthClient};

use crate::{
    failure::causes,
    serve::{now, renewing},
};

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

/// Why it is not known which certificates were revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevocationError {
    /// No connection can be prepared.
    #[error("the auth server cannot be asked for revoked certificates")]
    Prepare(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It refused, or was not reached.
    #[error("the auth server did not say which certificates were revoked")]
    Call(#[source] Box<tonic::Status>),
    /// It did not answer in time.
    #[error("the auth server did not say in time which certificates were revoked")]
    Late,
    /// What it said is refused; of several lists the good ones hold.
    #[error("a revocation list of the auth server is refused")]
    List(#[from] coda_pki::RevocationError),
}

impl AuthServer {
    /// At `host:port`, asked every 20 seconds; knowledge may be an hour old.
    pub fn at(address: impl Into<String>) -> Self {
        Self { address: address.into(), every: EVERY, at_most: AT_MOST }
    }
}

/// Asks the auth server once.
///
/// # Errors
/// [`RevocationError`].
pub async fn ask(auth: &AuthServer, credentials: &Credentials, clock: &Arc<dyn Clock>) -> Result<(), RevocationError> {
    Follower::new(auth, credentials, clock, &Stop::new())?.ask().await
}

/// Asks the auth server, waits for its first answer for a moment, and goes on asking until `stop`. Gives credentials with which
/// every other certificate must be known not to be revoked.
///
/// # Errors
/// [`RevocationError::Prepare`]. An auth server that does not answer is no error: until it does, every certificate is refused.
pub async fn follow(
    auth: &AuthServer,
    credentials: &Credentials,
    clock: &Arc<dyn Clock>,
    stop: &Stop,
) -> Result<Credentials, RevocationError> {
    let follower = Follower::new(auth, credentials, clock, stop)?;
    let (every, stop) = (auth.every, stop.clone());
    let mut pause = if follower.asked().await { every } else { AGAIN.min(every) };
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = tokio::time::sleep(pause) => {
                    pause = if follower.asked().await { every } else { (2 * pause).min(every) };
                }
                () = stop.requested() => return,
            }
        }
    });
    Ok(credentials.with_roots(credentials.roots().requiring_revocation(auth.at_most)))
}

struct Follower {
    following: Following,
    roots: Roots,
    now: Now,
}

impl Follower {
    fn new(
        auth: &AuthServer,
        credentials: &Credentials,
        clock: &Arc<dyn Clock>,
        stop: &Stop,
    ) -> Result<Self, RevocationError> {
        // Nothing is known before the first answer, and it comes from somebody whose certificate may be revoked as well.
        let asking = credentials.with_roots(credentials.roots().not_requiring_revocation());
        let prepared = |error: Box<dyn std::error::Error + Send + Sync>| RevocationError::Prepare(error);
        let party = renewing(&asking, clock, stop).map_err(|error| prepared(error.into()))?;
        let timeouts = connect::Timeouts::default();
        let following = Following::new(&auth.address, Identity::Auth, &party, now(clock), timeouts);
        let following = following.map_err(|error| prepared(error.into()))?;
        Ok(Self { following, roots: credentials.roots().clone(), now: now(clock) })
    }

    async fn ask(&self) -> Result<(), RevocationError> {
        let mut client = AuthClient::new(self.following.channel());
        let asked = tokio::time::timeout(PATIENCE, client.list_revoked(v1::ListRevokedRequest {})).await;
        let reply = asked.map_err(|_| RevocationError::Late)?;
        let lists = reply.map_err(|status| RevocationError::Call(Box::new(status)))?.into_inner().lists;
        let list = |v1::RevocationList { list, issuer }| SignedList { list, issuer };
        let lists: Vec<SignedList> = lists.into_iter().map(list).collect();
        Ok(self.roots.take_lists(&lists, (self.now)())?)
    }

    /// Whether an answer came and was taken whole; says in the log why not.
    async fn asked(&self) -> bool {
        let outcome = self.ask().await;
        if let Err(error) = &outcome {
            tracing::warn!(cause = causes(error), "it is not known anew which certificates were revoked");
        }
        outcome.is_ok()
    }
}
