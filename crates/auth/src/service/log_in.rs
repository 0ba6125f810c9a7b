//! `coda.v1.LogIn`: nobody is known before.

use std::net::SocketAddr;

use coda_service::Guard;
use coda_wire::v1;
use time::OffsetDateTime;
use tonic::{Request, Response, Status};

use super::visitors::{Visit, Visitors};
use super::whole;
use crate::accounts::{AccountError, Accounts, Sent};
use crate::edge;
use crate::error::AuthError;
use crate::password::Password;
use crate::provider::Callback;

/// Whether a call is let in at all.
type Entering = Result<Visit, AuthError>;

/// Answers `coda.v1.LogIn`.
pub(crate) struct LogInService {
    pub(crate) guard: Guard,
    pub(crate) accounts: Accounts,
    pub(crate) visitors: Visitors,
}

#[tonic::async_trait]
impl v1::log_in_server::LogIn for LogInService {
    async fn begin(&self, request: Request<v1::BeginRequest>) -> Result<Response<v1::BeginReply>, Status> {
        let (visit, accounts, now, address) = self.circumstances(&request);
        let work = async |visit: Visit, v1::BeginRequest { user, password }| {
            let password = Password::new(&password);
            let begun = visit.whole(async move { accounts.begin_log_in(&user, password, address, now).await });
            Ok::<_, AuthError>(v1::BeginReply { challenge: begun.await?.text() })
        };
        self.guard.answer_to("LogIn/Begin", (None, visit), request, work).await
    }

    async fn finish(&self, request: Request<v1::FinishRequest>) -> Result<Response<v1::Session>, Status> {
        let (visit, accounts, now, address) = self.circumstances(&request);
        let work = async |visit: Visit, v1::FinishRequest { challenge, code }| {
            let finished =
                visit.whole(async move { accounts.finish_log_in(&challenge, code.trim(), address, now).await });
            let (token, session) = finished.await?;
            Ok::<_, AuthError>(edge::session(&token, &session))
        };
        self.guard.answer_to("LogIn/Finish", (None, visit), request, work).await
    }

    async fn begin_with_provider(
        &self,
        request: Request<v1::BeginWithProviderRequest>,
    ) -> Result<Response<v1::BeginWithProviderReply>, Status> {
        let (visit, accounts, now, address) = self.circumstances(&request);
        let work = async |visit: Visit, v1::BeginWithProviderRequest { user, redirect }| {
            let begun = visit.whole(async move { accounts.begin_with_provider(&user, redirect, address, now).await });
            let Sent { url, state } = begun.await?;
            Ok::<_, AuthError>(v1::BeginWithProviderReply { url, state: state.text() })
        };
        self.guard.answer_to("LogIn/BeginWithProvider", (None, visit), request, work).await
    }

    async fn finish_with_provider(
        &self,
        request: Request<v1::FinishWithProviderRequest>,
    ) -> Result<Response<v1::Session>, Status> {
        let (visit, accounts, now, address) = self.circumstances(&request);
        let work = async |visit: Visit, v1::FinishWithProviderRequest { state, code, iss }| {
            let callback = Callback { code, issuer: iss };
            let finished =
                visit.whole(async move { accounts.finish_with_provider(&state, callback, address, now).await });
            let (token, session) = finished.await?;
            Ok::<_, AuthError>(edge::session(&token, &session))
        };
        self.guard.answer_to("LogIn/FinishWithProvider", (None, visit), request, work).await
    }
}

impl LogInService {
    fn circumstances<T>(&self, request: &Request<T>) -> (Entering, Accounts, OffsetDateTime, Option<SocketAddr>) {
        let (now, address) = (self.guard.now(), coda_pki::peer::address(request));
        let visit = self.visitors.enter(address, now).map_err(AuthError::from);
        (visit, self.accounts.clone(), now, address)
    }
}

impl Visit {
    /// Does the work to its end, and ends with it.
    fn whole<T: Send + 'static>(
        self,
        work: impl Future<Output = Result<T, AccountError>> + Send + 'static,
    ) -> impl Future<Output = Result<T, AuthError>> {
        whole(async move {
            let _visit = self;
            work.await
        })
    }
}
