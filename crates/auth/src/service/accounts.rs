//! `coda.v1.Accounts`, on both ports.

use coda_wire::v1;
use tonic::{Request, Response, Status};

use super::door::{Door, Entered};
use super::whole;
use crate::accounts::{AccountError, Accounts, By};
use crate::edge;
use crate::error::AuthError;
use crate::password::Password;

/// Answers `coda.v1.Accounts`.
pub(crate) struct AccountsService {
    pub(crate) door: Door,
    pub(crate) accounts: Accounts,
    /// Where the network's services are, for who has just enrolled: `host:port`.
    pub(crate) coordinator: String,
    pub(crate) auth: String,
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl v1::accounts_server::Accounts for AccountsService {
    async fn show_own(&self, request: Request<v1::ShowOwnRequest>) -> Answer<v1::Own> {
        let work = async |entered: Entered, v1::ShowOwnRequest {}| {
            let user = entered.person()?.user;
            let account = self.accounts.account(&user).await?;
            Ok(edge::own(account, self.accounts.certificates(&user).await?))
        };
        self.door.answer("Accounts/ShowOwn", request, work).await
    }

    async fn change_password(&self, request: Request<v1::ChangePasswordRequest>) -> Answer<v1::Session> {
        let work = async |entered: Entered, v1::ChangePasswordRequest { current, new }| {
            let person = entered.person_at_all()?;
            let (accounts, user, now) = (self.accounts.clone(), person.user.clone(), person.now);
            let by = By { user: Some(person.user), address: person.address, now: person.now };
            let passwords = (Password::new(&current), Password::new(&new));
            let token = whole(async move { accounts.change_password(&user, passwords, &by).await }).await?;
            let session = self.accounts.session(&token.text(), now).await?;
            Ok(edge::session(&token, &session))
        };
        self.door.answer("Accounts/ChangePassword", request, work).await
    }

    async fn enrol(&self, request: Request<v1::EnrolRequest>) -> Answer<v1::Enrolment> {
        let work = async |entered: Entered, v1::EnrolRequest { request }| {
            let has_session = entered.session.is_some();
            let (accounts, by) = (self.accounts.clone(), entered.by()?);
            // A certificate alone gets no other: who has stolen one would have it for ever.
            if !has_session {
                return Err(AccountError::Session.into());
            }
            let enrol = async move {
                let user = by.user.clone().ok_or(AccountError::Session)?;
                accounts.enrol(&user, request, &by).await
            };
            let chain = whole(enrol).await?;
            Ok(v1::Enrolment { chain, coordinator: self.coordinator.clone(), auth: self.auth.clone() })
        };
        self.door.answer("Accounts/Enrol", request, work).await
    }

    async fn log_out(&self, request: Request<v1::LogOutRequest>) -> Answer<v1::Done> {
        let work = async |entered: Entered, v1::LogOutRequest { everywhere }| {
            let (accounts, session) = (self.accounts.clone(), entered.session.clone());
            let person = entered.person_at_all()?;
            let by = By { user: Some(person.user.clone()), address: person.address, now: person.now };
            done(async move {
                match session {
                    Some(session) if !everywhere => accounts.log_out(&session, &by).await,
                    _ => accounts.log_out_everywhere(&person.user, &by).await,
                }
            })
            .await
        };
        self.door.answer("Accounts/LogOut", request, work).await
    }

    async fn revoke_certificate(&self, request: Request<v1::RevokeCertificateRequest>) -> Answer<v1::Done> {
        let work = async |entered: Entered, v1::RevokeCertificateRequest { thumbprint }| {
            let (accounts, by) = (self.accounts.clone(), entered.by()?);
            done(async move { accounts.revoke_certificate(&thumbprint, &by).await }).await
        };
        self.door.answer("Accounts/RevokeCertificate", request, work).await
    }

    async fn open_account(&self, request: Request<v1::OpenAccountRequest>) -> Answer<v1::FirstPassword> {
        let work = async |entered: Entered, v1::OpenAccountRequest { user, phone }| {
            let (accounts, by) = (self.accounts.clone(), entered.by()?);
            let (user, phone) = (edge::user(&user)?, edge::phone(&phone)?);
            let password = whole(async move { accounts.open(&user, phone, &by).await }).await?;
            Ok(v1::FirstPassword { password })
        };
        self.door.answer("Accounts/OpenAccount", request, work).await
    }

    async fn close_account(&self, request: Request<v1::AccountName>) -> Answer<v1::Done> {
        let work = async |entered: Entered, v1::AccountName { user }| {
            let (accounts, by, user) = (self.accounts.clone(), entered.by()?, edge::user(&user)?);
            done(async move { accounts.close(&user, &by).await }).await
        };
        self.door.answer("Accounts/CloseAccount", request, work).await
    }

    async fn unlock_account(&self, request: Request<v1::AccountName>) -> Answer<v1::Done> {
        let work = async |entered: Entered, v1::AccountName { user }| {
            let (accounts, by, user) = (self.accounts.clone(), entered.by()?, edge::user(&user)?);
            done(async move { accounts.unlock(&user, &by).await }).await
        };
        self.door.answer("Accounts/UnlockAccount", request, work).await
    }

    async fn reset_password(&self, request: Request<v1::AccountName>) -> Answer<v1::FirstPassword> {
        let work = async |entered: Entered, v1::AccountName { user }| {
            let (accounts, by, user) = (self.accounts.clone(), entered.by()?, edge::user(&user)?);
            let password = whole(async move { accounts.reset(&user, &by).await }).await?;
            Ok(v1::FirstPassword { password })
        };
        self.door.answer("Accounts/ResetPassword", request, work).await
    }

    async fn set_phone(&self, request: Request<v1::SetPhoneRequest>) -> Answer<v1::Done> {
        let work = async |entered: Entered, v1::SetPhoneRequest { user, phone }| {
            let (accounts, by) = (self.accounts.clone(), entered.by()?);
            let (user, phone) = (edge::user(&user)?, edge::phone(&phone)?);
            done(async move { accounts.set_phone(&user, phone, &by).await }).await
        };
        self.door.answer("Accounts/SetPhone", request, work).await
    }

    async fn list_accounts(&self, request: Request<v1::ListAccountsRequest>) -> Answer<v1::ListAccountsReply> {
        let work = async |entered: Entered, v1::ListAccountsRequest {}| {
            let accounts = self.accounts.list(&entered.by()?).await?;
            Ok(v1::ListAccountsReply { accounts: accounts.into_iter().map(edge::account).collect() })
        };
        self.door.answer("Accounts/ListAccounts", request, work).await
    }
}

async fn done(work: impl Future<Output = Result<(), AccountError>> + Send + 'static) -> Result<v1::Done, AuthError> {
    whole(work).await.map(|()| v1::Done {})
}
