//! What administrators do with other people's accounts.

use coda_model::UserId;
use coda_policy::{Claim, Granter, Role, check_grant};
use sqlx::AnyConnection;
use time::OffsetDateTime;

use super::account::{Account, Phone};
use super::{AccountError, Accounts, By, Change, certificates, row, sessions};
use crate::database::Change as Transaction;
use crate::grants;
use crate::password::Password;
use crate::post::Letter;

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
        // Before a password is hashed, which costs, and again under the lock.
        self.may(&mut *self.0.database.read().await?, user, by).await?;
        let (password, hash) = self.first_password().await?;
        let mut change = self.0.database.change().await?;
        self.may(&mut change, user, by).await?;
        let former = row::find(&mut change, user).await?;
        if former.as_ref().is_some_and(|kept| kept.account.closed_at.is_none()) {
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
        if former.is_some() {
            self.tell(user, "the account that was closed is open again", by);
        }
        Ok(password)
    }

    /// Closes an account: no log-in, no token, its sessions and roles over and its certificates revoked.
    ///
    /// # Errors
    /// [`AccountError::Unknown`], [`AccountError::NotYours`], …
    pub async fn close(&self, user: &UserId, by: &By) -> Result<(), AccountError> {
        let mut change = self.0.database.change().await?;
        self.theirs(&mut change, user, by).await?;
        // While it is open: a closed account has none that stand.
        grants::end_standing(&mut change, &self.0.audit, user, (by.user.as_ref(), by.now)).await?;
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
        change.commit().await?;
        self.tell(user, "the account was unlocked", by);
        Ok(())
    }

    /// Gives an account another first password, and ends its sessions. It is unlocked too.
    ///
    /// # Errors
    /// [`AccountError::Unknown`], [`AccountError::NotYours`], …
    pub async fn reset(&self, user: &UserId, by: &By) -> Result<String, AccountError> {
        self.may(&mut *self.0.database.read().await?, user, by).await?;
        let (password, hash) = self.first_password().await?;
        let mut change = self.0.database.change().await?;
        let kept = self.theirs(&mut change, user, by).await?;
        row::set_password(&mut change, user, (&kept.password, &hash), true, by.seconds()).await?;
        sessions::end_all(&mut change, user, by.seconds()).await?;
        let old = if kept.account.must_change { "a first one" } else { "their own" };
        self.record(user, Change::new("password", old, "another first one"), by)?;
        change.commit().await?;
        self.tell(user, "the account was given another first password", by);
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
        row::end_codes(&mut change, user, by.seconds()).await?;
        let words = |phone: &Option<Phone>| if phone.is_some() { "telephone" } else { "e-mail" };
        self.record(user, Change::new("codes by", words(&kept.account.phone), words(&phone)), by)?;
        change.commit().await?;
        self.tell(user, "codes now go to another telephone, or by e-mail", by);
        Ok(())
    }

    /// The accounts that somebody administers, closed ones too.
    ///
    /// # Errors
    /// [`AccountError::Database`].
    pub async fn list(&self, by: &By) -> Result<Vec<Account>, AccountError> {
        let mut connection = self.0.database.read().await?;
        let all = row::all(&mut connection).await?;
        let Some(who) = &by.user else { return Ok(all) };
        let own = claims(&mut connection, who, by.now).await?;
        Ok(all.into_iter().filter(|account| self.administers(&own, &account.user)).collect())
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

    async fn may(&self, connection: &mut AnyConnection, user: &UserId, by: &By) -> Result<(), AccountError> {
        let Some(who) = &by.user else { return Ok(()) };
        if who == user {
            return Err(AccountError::Oneself);
        }
        let own = claims(connection, who, by.now).await?;
        let is_master = own.iter().any(|claim| claim.role == Role::MasterAdministrator);
        if is_master {
            return Ok(());
        }
        // Who has an account in hand can become its person: nobody gains a role by that which they could not give.
        let theirs = claims(connection, user, by.now).await?;
        let is_within = |claim: &Claim| check_grant(&Granter { user: who, claims: &own }, user, claim).is_ok();
        let may = self.administers(&own, user) && theirs.iter().all(is_within);
        if may { Ok(()) } else { Err(AccountError::NotYours) }
    }

    /// Tells the person, at the address of e-mail: whoever administers an account could also take it over.
    fn tell(&self, user: &UserId, what: &str, by: &By) {
        let who = by.user.as_ref().map_or_else(|| "the hub".to_owned(), ToString::to_string);
        let text = format!("{user}: {what}, by {who}. If you know nothing of it, tell another administrator at once.");
        let letter = Letter { subject: "Coda: your account was changed".to_owned(), text };
        self.0.post.warn(vec![user.clone()], &letter, by.now);
    }

    /// Master administrators look after every account, site administrators after those of their site's institution.
    fn administers(&self, claims: &[Claim], user: &UserId) -> bool {
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

async fn claims(
    connection: &mut AnyConnection,
    user: &UserId,
    now: OffsetDateTime,
) -> Result<Vec<Claim>, AccountError> {
    Ok(grants::standing(connection, user, now).await?.into_iter().map(|grant| grant.claim).collect())
}
