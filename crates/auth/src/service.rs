//! The service: who asks, what is done, what is recorded, what is said.

use std::net::SocketAddr;
use std::sync::Arc;

use coda_audit::{AuditLog, Event};
use coda_model::{Identity, UserId};
use coda_pki::{Credentials, Peer};
use coda_policy::{Claim, Claims};
use coda_runtime::Clock;
use coda_wire::{token, v1};
use time::OffsetDateTime;
use tonic::{Code, Request, Response, Status};

use crate::config::TokenLife;
use crate::edge;
use crate::error::{AuthError, told, unavailable};
use crate::grants::{Grants, GrantsError};

/// Answers `coda.v1.Auth`.
pub(crate) struct AuthService {
    pub(crate) grants: Grants,
    pub(crate) audit: Arc<AuditLog>,
    pub(crate) credentials: Credentials,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) token_life: TokenLife,
}

/// A request before it is known whether it is lawful.
struct Asked {
    method: &'static str,
    identity: Option<Identity>,
    address: Option<SocketAddr>,
    now: OffsetDateTime,
}

/// The person who asks.
struct Caller {
    user: UserId,
    thumbprint: [u8; 32],
    address: Option<SocketAddr>,
    now: OffsetDateTime,
}

#[tonic::async_trait]
impl v1::auth_server::Auth for AuthService {
    async fn issue_token(&self, request: Request<v1::IssueTokenRequest>) -> Result<Response<v1::Signed>, Status> {
        let (asked, caller) = self.asked("Auth/IssueToken", &request);
        let v1::IssueTokenRequest {} = request.into_inner();
        let outcome = async { self.token(&caller?).await }.await;
        self.answer(&asked, outcome)
    }

    async fn grant(&self, request: Request<v1::GrantRequest>) -> Result<Response<v1::GrantReply>, Status> {
        let (asked, caller) = self.asked("Auth/Grant", &request);
        let outcome = async {
            let caller = caller?;
            let new = edge::new_grant(request.into_inner())?;
            let grants = self.grants.clone();
            let grant = whole(async move { grants.grant(new, &caller.user, caller.now).await }).await?;
            Ok(v1::GrantReply { id: grant.id.to_string() })
        };
        self.answer(&asked, outcome.await)
    }

    async fn revoke(&self, request: Request<v1::RevokeRequest>) -> Result<Response<v1::RevokeReply>, Status> {
        let (asked, caller) = self.asked("Auth/Revoke", &request);
        let outcome = async {
            let caller = caller?;
            let id = edge::id(request.into_inner())?;
            let grants = self.grants.clone();
            whole(async move { grants.revoke(&id, &caller.user, caller.now).await }).await?;
            Ok(v1::RevokeReply {})
        };
        self.answer(&asked, outcome.await)
    }

    async fn list_grants(
        &self,
        request: Request<v1::ListGrantsRequest>,
    ) -> Result<Response<v1::ListGrantsReply>, Status> {
        let (asked, caller) = self.asked("Auth/ListGrants", &request);
        let v1::ListGrantsRequest {} = request.into_inner();
        let outcome = async { self.list(&caller?).await }.await;
        self.answer(&asked, outcome)
    }
}

impl AuthService {
    async fn token(&self, caller: &Caller) -> Result<v1::Signed, AuthError> {
        let Caller { user, thumbprint, address, now } = caller;
        let grants = self.grants.standing(user, *now).await?;
        let mut claims: Vec<Claim> = Vec::new();
        let not_before = now.unix_timestamp();
        let mut not_after = not_before.saturating_add(self.token_life.seconds());
        for grant in grants {
            // A token must not outlive what it says; `until` is the first second without the role.
            not_after = grant.until.map_or(not_after, |until| not_after.min(until.saturating_sub(1)));
            if !claims.contains(&grant.claim) {
                claims.push(grant.claim);
            }
        }
        if claims.is_empty() {
            return Err(AuthError::NoRole);
        }
        let event =
            Event::TokenIssued { user: user.clone(), roles: claims.len(), thumbprint: *thumbprint, address: *address };
        let content =
            token::encode(&Claims { user: user.clone(), thumbprint: *thumbprint, claims, not_before, not_after });
        let signature = self.credentials.key().sign(&content)?;
        self.audit.record(&event, *now)?;
        Ok(token::signed(content, signature, self.credentials.chain()))
    }

    async fn list(&self, caller: &Caller) -> Result<v1::ListGrantsReply, AuthError> {
        let grants = self.grants.list(&caller.user, caller.now).await?;
        let event = Event::GrantsListed { by: caller.user.clone(), address: caller.address };
        self.audit.record(&event, caller.now)?;
        Ok(v1::ListGrantsReply { grants: grants.into_iter().map(edge::record).collect() })
    }

    fn asked<T>(&self, method: &'static str, request: &Request<T>) -> (Asked, Result<Caller, AuthError>) {
        let now = self.clock.now();
        match Peer::of(request) {
            Ok(peer) => {
                let asked = Asked { method, identity: Some(peer.identity.clone()), address: peer.address, now };
                (asked, self.caller(&peer, now))
            }
            Err(error) => (Asked { method, identity: None, address: None, now }, Err(error.into())),
        }
    }

    fn caller(&self, peer: &Peer, now: OffsetDateTime) -> Result<Caller, AuthError> {
        // The handshake looked at the certificate once; a connection may outlive it.
        let verified = self.credentials.roots().verify(&peer.chain, now);
        match verified.map_err(|error| AuthError::Certificate(error.into()))? {
            Identity::User(user) => Ok(Caller { user, thumbprint: peer.thumbprint, address: peer.address, now }),
            other => Err(AuthError::NotAPerson(other)),
        }
    }

    /// The end of every request: one line in the program's log; for a refusal one in the audit log, before the caller
    /// learns of it.
    fn answer<T>(&self, asked: &Asked, outcome: Result<T, AuthError>) -> Result<Response<T>, Status> {
        let Asked { method, identity, address, now } = asked;
        let peer = identity.as_ref().map(tracing::field::display);
        let (from, took) = (address.map(tracing::field::display), self.clock.now() - *now);
        let error = match outcome {
            Ok(reply) => {
                tracing::info!(method, peer, address = from, %took, "answered");
                return Ok(Response::new(reply));
            }
            Err(error) => error,
        };
        let (code, reason) = told(&error);
        let cause = chain(&error);
        if code == Code::Unavailable {
            tracing::error!(method, peer, address = from, %took, cause, "failed");
        } else {
            tracing::warn!(method, peer, address = from, %took, cause, "refused");
        }
        if matches!(code, Code::PermissionDenied | Code::Unauthenticated) {
            let event = Event::Refused { peer: identity.clone(), address: *address, what: method, reason };
            if let Err(error) = self.audit.record(&event, *now) {
                tracing::error!(method, cause = chain(&error), "a refusal could not be recorded");
                return Err(unavailable());
            }
        }
        Err(Status::new(code, reason))
    }
}

/// Does the work to its end even when the caller goes away half way: what stands in the audit log shall have happened.
async fn whole<T: Send + 'static>(
    work: impl Future<Output = Result<T, GrantsError>> + Send + 'static,
) -> Result<T, AuthError> {
    Ok(tokio::spawn(work).await??)
}

/// An error with all that caused it, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
