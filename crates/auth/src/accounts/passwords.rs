//! A person changes the password.

use std::net::SocketAddr;
use std::sync::Arc;

use coda_model::UserId;
use sqlx::AnyConnection;

use super::account::{Account, Secret};
use super::{AccountError, Accounts, By, Change, row, sessions};
use crate::database::DatabaseError;
use crate::password::{Password, PasswordFault};

impl Accounts {
    /// Changes a person's password, and ends their sessions. Returns the token of a new one.
    ///
    /// # Errors
    /// [`AccountError::Refused`] when the current password is wrong, which counts as at a log-in; [`AccountError::Password`];
    /// [`AccountError::Provided`].
    pub async fn change_password(
        &self,
        user: &UserId,
        (current, new): (Password, Password),
        by: &By,
    ) -> Result<Secret, AccountError> {
        if self.0.institutions.has_provider(user) {
            return Err(AccountError::Provided);
        }
        let kept = row::find(&mut *self.0.database.read().await?, user).await?.ok_or(AccountError::Session)?;
        let is_right = self.0.hasher.verify(Arc::new(current), Some(kept.password.clone())).await?;
        // As it is now: of a locked account nobody learns whether the password was right.
        let now = row::find(&mut *self.0.database.read().await?, user).await?.ok_or(AccountError::Session)?;
        let reason = now.account.refusal().or((!is_right).then_some("wrong password"));
        if let Some(reason) = reason {
            return Err(AccountError::Refused(self.wrong(Some(user), by.address, by.now, reason).await?));
        }
        let (this, of) = (self.clone(), user.clone());
        let new = Arc::new(new);
        let checked = new.clone();
        self.0.hasher.apart(move || this.0.rules.check(&checked, &of).map_err(AccountError::from)).await??;
        let former = row::former(&mut *self.0.database.read().await?, user).await?;
        for hash in former.into_iter().chain([kept.password.clone()]) {
            if self.0.hasher.verify(new.clone(), Some(hash)).await? {
                return Err(PasswordFault::Former.into());
            }
        }
        let hash = self.0.hasher.hash(new).await?;
        let mut change = self.0.database.change().await?;
        // Somebody else may have changed or closed it meanwhile, on another server too.
        let same = row::find(&mut change, user).await?.filter(|now| now.password == kept.password);
        let account = same.ok_or(AccountError::Session)?.account;
        if let Some(reason) = account.refusal() {
            return Err(AccountError::Refused(reason));
        }
        row::set_password(&mut change, user, (&kept.password, &hash), false, by.seconds()).await?;
        sessions::end_all(&mut change, user, by.seconds()).await?;
        let token = sessions::begin(&mut change, user, by.address, by.seconds()).await?;
        let old = if account.must_change { "a first one" } else { "their own" };
        self.record(user, Change::new("password", old, "another of their own"), by)?;
        change.commit().await?;
        Ok(token)
    }

    /// Whether nothing may be done before the password is changed: it is a first one, or too old where passwords may be. Never where
    /// nobody logs in by it.
    pub(super) async fn must_change(
        &self,
        connection: &mut AnyConnection,
        account: &Account,
        now: i64,
    ) -> Result<bool, DatabaseError> {
        if self.0.institutions.has_provider(&account.user) {
            return Ok(false);
        }
        let Some(oldest) = self.0.limits.password else { return Ok(account.must_change) };
        let sql = "SELECT password_at FROM accounts WHERE person = $1";
        let at: i64 = sqlx::query_scalar(sql).bind(account.user.as_str()).fetch_one(connection).await?;
        Ok(account.must_change || now - at > oldest.whole_seconds())
    }

    /// The address in a form that a notice can show.
    pub(super) fn shown(address: Option<SocketAddr>) -> String {
        address.map_or_else(|| "an unknown address".to_owned(), |address| address.ip().to_string())
    }
}
