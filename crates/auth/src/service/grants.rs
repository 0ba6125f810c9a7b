//! `coda.v1.Auth`: tokens, grants, revocation lists.

use std::sync::Arc;

use coda_audit::Event;
use coda_model::Identity;
use coda_pki::{Reloading, SignedList};
use coda_policy::{Claim, Claims};
use coda_service::{Caller, Person, Unlikely, intrusions::Alarm};
use coda_wire::{token, v1};
use tonic::{Request, Response, Status};

use super::door::{Door, Entered};
use super::whole;
use crate::accounts::Accounts;
use crate::config::TokenLife;
use crate::edge;
use crate::error::AuthError;
use crate::grants::{Grant, Grants};
use crate::projects::Projects;
use crate::revoked::Revoked;

/// Answers `coda.v1.Auth`.
pub(crate) struct AuthService {
    pub(crate) door: Door,
    pub(crate) accounts: Accounts,
    pub(crate) grants: Grants,
    pub(crate) projects: Projects,
    pub(crate) party: Reloading,
    pub(crate) token_life: TokenLife,
    pub(crate) revoked: Arc<Revoked>,
}

#[tonic::async_trait]
impl v1::auth_server::Auth for AuthService {
    async fn issue_token(&self, request: Request<v1::IssueTokenRequest>) -> Result<Response<v1::Signed>, Status> {
        let work = async |entered: Entered, v1::IssueTokenRequest {}| self.token(entered.person()?).await;
        self.door.answer("Auth/IssueToken", request, work).await
    }

    async fn grant(&self, request: Request<v1::GrantRequest>) -> Result<Response<v1::GrantReply>, Status> {
        let work = async |entered: Entered, request| {
            let Person { user, now, .. } = entered.person()?;
            let (new, grants) = (edge::new_grant(request)?, self.grants.clone());
            let grant = whole(async move { grants.grant(new, &user, now).await }).await?;
            Ok(v1::GrantReply { grant: Some(edge::record(grant)) })
        };
        self.door.answer("Auth/Grant", request, work).await
    }

    async fn revoke(&self, request: Request<v1::RevokeRequest>) -> Result<Response<v1::RevokeReply>, Status> {
        let work = async |entered: Entered, request| {
            let Person { user, now, .. } = entered.person()?;
            let (id, grants) = (edge::id(request)?, self.grants.clone());
            whole(async move { grants.revoke(&id, &user, now).await }).await?;
            Ok(v1::RevokeReply {})
        };
        self.door.answer("Auth/Revoke", request, work).await
    }

    async fn list_grants(
        &self,
        request: Request<v1::ListGrantsRequest>,
    ) -> Result<Response<v1::ListGrantsReply>, Status> {
        let work = async |entered: Entered, v1::ListGrantsRequest {}| self.list(entered.person()?).await;
        self.door.answer("Auth/ListGrants", request, work).await
    }

    async fn list_projects(
        &self,
        request: Request<v1::ListProjectsRequest>,
    ) -> Result<Response<v1::ListProjectsReply>, Status> {
        let work = async |entered: Entered, v1::ListProjectsRequest {}| {
            let Person { user, now, .. } = entered.person()?;
            let projects = self.projects.of(&user, now).await?;
            Ok(v1::ListProjectsReply { projects: projects.into_iter().map(edge::project).collect() })
        };
        self.door.answer("Auth/ListProjects", request, work).await
    }

    async fn list_revoked(
        &self,
        request: Request<v1::ListRevokedRequest>,
    ) -> Result<Response<v1::ListRevokedReply>, Status> {
        // Of everybody: the lists are public in the network, and no party is safe without them.
        let work = async |_: Entered, v1::ListRevokedRequest {}| {
            let lists = self.revoked.take()?;
            let list = |SignedList { list, issuer }| v1::RevocationList { list, issuer };
            Ok(v1::ListRevokedReply { lists: lists.into_iter().map(list).collect() })
        };
        self.door.answer("Auth/ListRevoked", request, work).await
    }

    async fn raise_alarm(&self, request: Request<v1::Alarm>) -> Result<Response<v1::RaiseAlarmReply>, Status> {
        let work = async |entered: Entered, v1::Alarm { reason, by }: v1::Alarm| {
            let Caller { identity, now, .. } = entered.caller;
            if matches!(identity, Identity::User(_)) {
                return Err(AuthError::NotAService);
            }
            // No words of the caller's own: they would be read as the hub's.
            let kind = Unlikely::of(&reason).ok_or(AuthError::Alarm)?;
            let by = Identity::parse(&by).map_err(|_| AuthError::Alarm)?;
            let accounts = self.accounts.clone();
            whole(async move { accounts.tell_of(&identity, Alarm { kind, by }, now).await }).await?;
            Ok(v1::RaiseAlarmReply {})
        };
        self.door.answer("Auth/RaiseAlarm", request, work).await
    }
}

impl AuthService {
    async fn token(&self, person: Person) -> Result<v1::Signed, AuthError> {
        let Person { user, thumbprint, address, now } = person;
        let thumbprint = thumbprint.ok_or(AuthError::NoCertificate)?;
        self.accounts.account(&user).await?;
        let grants = self.grants.standing(&user, now).await?;
        let mut claims: Vec<Claim> = Vec::new();
        let not_before = now.unix_timestamp();
        let mut not_after = not_before.saturating_add(self.token_life.seconds());
        let projects = self.projects.of(&user, now).await?;
        let is_open = |grant: &Grant| match &grant.claim.project {
            None => true,
            Some(own) => projects.iter().any(|project| project.id == *own && project.is_open(now)),
        };
        for grant in grants.into_iter().filter(is_open) {
            // A token must not outlive what it says; `until` is the first second without the role.
            not_after = grant.until.map_or(not_after, |until| not_after.min(until.saturating_sub(1)));
            if !claims.contains(&grant.claim) {
                claims.push(grant.claim);
            }
        }
        if claims.is_empty() {
            return Err(AuthError::NoRole);
        }
        let event = Event::TokenIssued { user: user.clone(), roles: claims.len(), thumbprint, address };
        let content = token::encode(&Claims { user, thumbprint, claims, not_before, not_after });
        let own = self.party.current();
        let signature = own.key().sign(&content)?;
        self.door.guard().record(&event)?;
        Ok(token::signed(content, signature, own.chain()))
    }

    async fn list(&self, person: Person) -> Result<v1::ListGrantsReply, AuthError> {
        let Person { user, address, now, .. } = person;
        let grants = self.grants.list(&user, now).await?;
        self.door.guard().record(&Event::GrantsListed { by: user, address })?;
        Ok(v1::ListGrantsReply { grants: grants.into_iter().map(edge::record).collect() })
    }
}
