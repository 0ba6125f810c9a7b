//! A person at the port for people without a certificate.

use std::sync::Arc;

use coda_model::Identity;
use coda_pki::Now;
use coda_pki::connect::{Timeouts, channel};
use coda_pki::tls::anonymous_config;
use coda_runtime::Clock as _;
use coda_wire::v1::accounts_client::AccountsClient;
use coda_wire::v1::auth_client::AuthClient;
use coda_wire::v1::log_in_client::LogInClient;
use coda_wire::v1::{self, Session};
use tonic::transport::Channel;
use tonic::{Request, Status};

use crate::hub::{Hub, user};

/// Nobody yet, or with a session.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) channel: Channel,
    pub(crate) token: String,
}

impl Hub {
    pub(crate) fn visitor(&self) -> Visitor {
        self.visitor_at(&self.open)
    }

    pub(crate) fn visitor_at(&self, address: &str) -> Visitor {
        let clock = self.clock.clone();
        let now: Now = Arc::new(move || clock.now());
        let config = anonymous_config(self.authority.roots(), Identity::Auth, now).unwrap();
        Visitor { channel: channel(address, config, Timeouts::default()).unwrap(), token: String::new() }
    }

    /// Opens an account; its first password.
    pub(crate) async fn opened(&self, name: &str) -> String {
        let by = coda_auth::accounts::By::hub(self.clock.now());
        self.stores.accounts.open(&user(name), None, &by).await.unwrap()
    }

    /// Logs in with the code from the postbox.
    pub(crate) async fn log_in(&self, name: &str, password: &str) -> Result<(Visitor, Session), Status> {
        let visitor = self.visitor();
        let challenge = visitor.begin(name, password).await?;
        let code = self.postbox.code(user(name).as_str()).unwrap();
        let session = visitor.finish(&challenge, &code).await?;
        Ok((Visitor { token: session.token.clone(), ..visitor }, session))
    }

    /// Opens an account, and logs in with a password of one's own.
    pub(crate) async fn settled(&self, name: &str, password: &str) -> Visitor {
        let first = self.opened(name).await;
        let (visitor, session) = self.log_in(name, &first).await.unwrap();
        assert!(session.must_change);
        let session = visitor.change(&first, password).await.unwrap();
        Visitor { token: session.token, ..visitor }
    }
}

impl Visitor {
    pub(crate) async fn begin(&self, name: &str, password: &str) -> Result<String, Status> {
        let user = if name.contains('@') || name.is_empty() { name.to_owned() } else { user(name).to_string() };
        let request = v1::BeginRequest { user, password: password.to_owned() };
        Ok(LogInClient::new(self.channel.clone()).begin(request).await?.into_inner().challenge)
    }

    pub(crate) async fn finish(&self, challenge: &str, code: &str) -> Result<Session, Status> {
        let request = v1::FinishRequest { challenge: challenge.to_owned(), code: code.to_owned() };
        Ok(LogInClient::new(self.channel.clone()).finish(request).await?.into_inner())
    }

    /// A request with the session's token.
    pub(crate) fn with<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if !self.token.is_empty() {
            request.metadata_mut().insert("authorization", format!("Bearer {}", self.token).parse().unwrap());
        }
        request
    }

    pub(crate) fn accounts(&self) -> AccountsClient<Channel> {
        AccountsClient::new(self.channel.clone())
    }

    pub(crate) fn grants(&self) -> AuthClient<Channel> {
        AuthClient::new(self.channel.clone())
    }

    pub(crate) async fn change(&self, current: &str, new: &str) -> Result<Session, Status> {
        let request = v1::ChangePasswordRequest { current: current.to_owned(), new: new.to_owned() };
        Ok(self.accounts().change_password(self.with(request)).await?.into_inner())
    }

    pub(crate) async fn own(&self) -> Result<v1::Own, Status> {
        Ok(self.accounts().show_own(self.with(v1::ShowOwnRequest {})).await?.into_inner())
    }

    pub(crate) async fn log_out(&self, everywhere: bool) -> Result<(), Status> {
        self.accounts().log_out(self.with(v1::LogOutRequest { everywhere })).await.map(drop)
    }

    pub(crate) async fn enrol(&self, request: &str) -> Result<v1::Enrolment, Status> {
        let request = v1::EnrolRequest { request: request.to_owned() };
        Ok(self.accounts().enrol(self.with(request)).await?.into_inner())
    }

    pub(crate) async fn open(&self, name: &str) -> Result<String, Status> {
        let request = v1::OpenAccountRequest { user: user(name).to_string(), phone: String::new() };
        Ok(self.accounts().open_account(self.with(request)).await?.into_inner().password)
    }

    pub(crate) async fn unlock(&self, name: &str) -> Result<(), Status> {
        self.accounts().unlock_account(self.with(named(name))).await.map(drop)
    }

    pub(crate) async fn close(&self, name: &str) -> Result<(), Status> {
        self.accounts().close_account(self.with(named(name))).await.map(drop)
    }
}

pub(crate) fn named(name: &str) -> v1::AccountName {
    v1::AccountName { user: user(name).to_string() }
}
