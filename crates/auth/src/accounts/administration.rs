//! What administrators do with other people's accounts.

use coda_model::UserId;
use coda_policy::Role;

use super::account::{Account, Phone};
use super::{AccountError, Accounts, By, Change, certificates, row, sessions};
use crate::database::Change as Transaction;
use crate::grants;
use crate::password::Password;

/// Letters and digits that nobody takes for another.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789-";

impl Accounts {
    /// Opens an account, or one anew that was closed. Returns the first password, for the administrator to hand over by another way
    /// than e-mail: it must be changed at the first log-in.
    ///
    /// # Errors
    /// [`AccountError::Institution`], [`AccountError::Exists`], [`AccountError::NotYours`], …
    pub async fn open(&self, user: &UserId, phone: Option<Phone>, by: &By) -> Result<String, AccountError> {
        if self.0.institutions.of(user).is_none() {
            return Err(AccountError::Institution);
        }
        let (password, hash) = self.first_password().await?;
        let mut change = self.0.database.change().await?;
        self.may(&mut change, user, by).await?;
        if row::find(&mut change, user).await?.is_some_and(|kept| kept.account.closed_at.is_none()) {
            return Err(AccountError::Exists);
        }
        let account = Account {
            user: user.clone(),
            phone,
            must_change: true,
            wrong: 0,
            locked_at: None,
            closed_at: None,
            opened_at: by.seconds(),
            opened_by: by.user.clone(),
        };
        row::insert(&mut change, &account, &hash).await?;
        self.record(user, Change::new("account", None, "open"), by)?;
        change.commit().await?;
        Ok(password)
    }

    /// Closes an account: no log-in, no token, its sessions over and its certificates revoked.
    ///
    /// # Errors
    /// [`AccountError::Unknown`], [`AccountError::NotYours`], …
    pub async fn close(&self, user: &UserId, by: &By) -> Result<(), AccountError> {
        let mut change = self.0.database.change().await?;
        self.theirs(&mut change, user, by).await?;
        row::close(&mut change, user, by.seconds()).await?;
        sessions::end_all(&mut change, user, by.seconds()).await?;
        certificates::revoke_all(&mut change, user, by).await?;
        self.record(user, Change::new("account", "open", "closed"), by)?;
        change.commit().await?;
        self.renew_list_soon(by.now).await;
        Ok(())
    }

    /// Unlocks an account that too many wrong passwords locked.
    ///
    /// # Errors
    /// [`AccountError::NotLocked`], [`AccountError::Unknown`], [`AccountError::NotYours`], …
    pub async fn unlock(&self, user: &UserId, by: &By) -> Result<(), AccountError> {
        let mut change = self.0.database.change().await?;
        if self.theirs(&mut change, user, by).await?.account.locked_at.is_none() {
            return Err(AccountError::NotLocked);
        }
        row::set_wrong(&mut change, user, 0, None).await?;
        self.record(user, Change::new("lock", "locked", "unlocked"), by)?;
        Ok(change.commit().await?)
    }

    /// Gives an account another first password, and ends its sessions. It is unlocked too.
    ///
    /// # Errors
    /// [`AccountError::Unknown`], [`AccountError::NotYours`], …
    pub async fn reset(&self, user: &UserId, by: &By) -> Result<String, AccountError> {
        let (password, hash) = self.first_password().await?;
        let mut change = self.0.database.change().await?;
        let kept = self.theirs(&mut change, user, by).await?;
        row::set_password(&mut change, user, (&kept.password, &hash), true, by.seconds()).await?;
        sessions::end_all(&mut change, user, by.seconds()).await?;
        let old = if kept.account.must_change { "a first one" } else { "their own" };
        self.record(user, Change::new("password", old, "another first one"), by)?;
        change.commit().await?;
        Ok(password)
    }

    /// Changes where codes go.
    ///
    /// # Errors
    /// [`AccountError::Unknown`], [`AccountError::NotYours`], …
    pub async fn set_phone(&self, user: &UserId, phone: Option<Phone>, by: &By) -> Result<(), AccountError> {
        let mut change = self.0.database.change().await?;
        let kept = self.theirs(&mut change, user, by).await?;
        let sql = "UPDATE accounts SET phone = $2 WHERE person = $1";
        let query = sqlx::query(sql).bind(user.as_str()).bind(phone.as_ref().map(Phone::as_str));
        query.execute(&mut *change).await?;
        let words = |phone: &Option<Phone>| if phone.is_some() { "telephone" } else { "e-mail" };
        self.record(user, Change::new("codes by", words(&kept.account.phone), words(&phone)), by)?;
        Ok(change.commit().await?)
    }

    /// The accounts that somebody administers, closed ones too.
    ///
    /// # Errors
    /// [`AccountError::Database`].
    pub async fn list(&self, by: &By) -> Result<Vec<Account>, AccountError> {
        let mut connection = self.0.database.read().await?;
        let all = row::all(&mut connection).await?;
        let claims = self.roles(&mut connection, by).await?;
        Ok(all.into_iter().filter(|account| self.administers(&claims, &account.user)).collect())
    }

    /// The account itself; open ones alone.
    ///
    /// # Errors
    /// [`AccountError::Unknown`].
    pub async fn account(&self, user: &UserId) -> Result<Account, AccountError> {
        let kept = row::find(&mut *self.0.database.read().await?, user).await?;
        kept.map(|kept| kept.account).filter(|account| account.closed_at.is_none()).ok_or(AccountError::Unknown)
    }

    /// The open account of somebody whom `by` administers.
    pub(super) async fn theirs(
        &self,
        change: &mut Transaction,
        user: &UserId,
        by: &By,
    ) -> Result<row::Kept, AccountError> {
        self.may(change, user, by).await?;
        let kept = row::find(change, user).await?.filter(|kept| kept.account.closed_at.is_none());
        kept.ok_or(AccountError::Unknown)
    }

    async fn may(&self, change: &mut Transaction, user: &UserId, by: &By) -> Result<(), AccountError> {
        let Some(who) = &by.user else { return Ok(()) };
        if who == user {
            return Err(AccountError::Oneself);
        }
        let claims = self.roles(change, by).await?;
        if self.administers(&claims, user) { Ok(()) } else { Err(AccountError::NotYours) }
    }

    async fn roles(
        &self,
        connection: &mut sqlx::AnyConnection,
        by: &By,
    ) -> Result<Vec<coda_policy::Claim>, AccountError> {
        let Some(who) = &by.user else { return Ok(Vec::new()) };
        let standing = grants::standing(connection, who, by.now).await?;
        Ok(standing.into_iter().map(|grant| grant.claim).collect())
    }

    /// Master administrators look after every account, site administrators after those of their site's institution.
    fn administers(&self, claims: &[coda_policy::Claim], user: &UserId) -> bool {
        let site = self.0.institutions.of(user).and_then(|institution| institution.site.as_ref());
        claims.iter().any(|claim| match claim.role {
            Role::MasterAdministrator => true,
            Role::SiteAdministrator => site.is_some() && claim.site.as_ref() == site,
            _ => false,
        })
    }

    async fn first_password(&self) -> Result<(String, String), AccountError> {
        let random: [u8; 20] = coda_pki::random();
        let letter = |byte: &u8| char::from(ALPHABET.get(usize::from(byte % 32)).copied().unwrap_or(b'-'));
        let password: String = random.iter().map(letter).collect();
        let hash = self.0.hasher.hash(Password::new(&password)).await?;
        Ok((password, hash))
    }
}
