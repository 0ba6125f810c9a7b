//! Accounts, as administrators look after them by certificate, and everybody their own certificates.

use coda_wire::v1::{self, accounts_client::AccountsClient};
use tonic::transport::Channel;

use super::Hub;
use crate::ClientError;

/// An account, as its administrators see it. Times are seconds since 1970, 0 for never.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose it is.
    pub user: String,
    /// Whether codes go to a telephone.
    pub by_phone: bool,
    /// Whether the first password was not changed yet.
    pub must_change: bool,
    /// When it was locked.
    pub locked_at: i64,
    /// When it was closed.
    pub closed_at: i64,
    /// When it was opened.
    pub opened_at: i64,
    /// By whom; nobody when it was done on the hub.
    pub opened_by: String,
}

/// A certificate that the hub issued. Times are seconds since 1970, 0 for never.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 in hexadecimal.
    pub thumbprint: String,
    /// When it was issued.
    pub issued_at: i64,
    /// Until when it is good.
    pub until: i64,
    /// When it was revoked.
    pub revoked_at: i64,
}

impl Hub {
    /// Opens an account; its first password. Codes go to `phone`, or by e-mail when it is empty.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn open_account(&self, user: String, phone: String) -> Result<String, ClientError> {
        let reply = self.accounts().open_account(v1::OpenAccountRequest { user, phone }).await;
        Ok(reply.map_err(|status| self.auth.error(status))?.into_inner().password)
    }

    /// Closes an account, with its sessions and certificates.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn close_account(&self, user: String) -> Result<(), ClientError> {
        let reply = self.accounts().close_account(v1::AccountName { user }).await;
        reply.map(drop).map_err(|status| self.auth.error(status))
    }

    /// Unlocks an account.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn unlock_account(&self, user: String) -> Result<(), ClientError> {
        let reply = self.accounts().unlock_account(v1::AccountName { user }).await;
        reply.map(drop).map_err(|status| self.auth.error(status))
    }

    /// Gives an account another first password.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn reset_password(&self, user: String) -> Result<String, ClientError> {
        let reply = self.accounts().reset_password(v1::AccountName { user }).await;
        Ok(reply.map_err(|status| self.auth.error(status))?.into_inner().password)
    }

    /// Sends codes to this number from now on, or by e-mail when it is empty.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn set_phone(&self, user: String, phone: String) -> Result<(), ClientError> {
        let reply = self.accounts().set_phone(v1::SetPhoneRequest { user, phone }).await;
        reply.map(drop).map_err(|status| self.auth.error(status))
    }

    /// The accounts that the caller looks after.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn list_accounts(&self) -> Result<Vec<Account>, ClientError> {
        let reply = self.accounts().list_accounts(v1::ListAccountsRequest {}).await;
        let reply = reply.map_err(|status| self.auth.error(status))?.into_inner();
        Ok(reply.accounts.into_iter().map(account).collect())
    }

    /// The caller's own account, and the certificates that the hub issued for it.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn own_account(&self) -> Result<(Account, Vec<Certificate>), ClientError> {
        let reply = self.accounts().show_own(v1::ShowOwnRequest {}).await;
        let v1::Own { account: own, certificates } = reply.map_err(|status| self.auth.error(status))?.into_inner();
        let certificate = |v1::CertificateRecord { thumbprint, issued_at, until, revoked_at }| Certificate {
            thumbprint,
            issued_at,
            until,
            revoked_at,
        };
        Ok((account(own.unwrap_or_default()), certificates.into_iter().map(certificate).collect()))
    }

    /// Revokes a certificate: an own one, or of an account that the caller looks after.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn revoke_certificate(&self, thumbprint: String) -> Result<(), ClientError> {
        let reply = self.accounts().revoke_certificate(v1::RevokeCertificateRequest { thumbprint }).await;
        reply.map(drop).map_err(|status| self.auth.error(status))
    }

    /// Ends every session of the caller.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn log_out_everywhere(&self) -> Result<(), ClientError> {
        let reply = self.accounts().log_out(v1::LogOutRequest { everywhere: true }).await;
        reply.map(drop).map_err(|status| self.auth.error(status))
    }

    fn accounts(&self) -> AccountsClient<Channel> {
        AccountsClient::new(self.auth.channel())
    }
}

fn account(record: v1::AccountRecord) -> Account {
    let v1::AccountRecord { user, by_phone, must_change, locked_at, closed_at, opened_at, opened_by } = record;
    Account { user, by_phone, must_change, locked_at, closed_at, opened_at, opened_by }
}
