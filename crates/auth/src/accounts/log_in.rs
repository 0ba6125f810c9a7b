//! Logging in: a password, then a one-time code.

use std::net::SocketAddr;
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use coda_audit::Event;
use coda_model::UserId;
use sqlx::Row as _;
use time::OffsetDateTime;

use super::account::{Account, Secret, place};
use super::{AccountError, Accounts, By, Change, Session, row, sessions};
use crate::database::{Change as Transaction, DatabaseError};
use crate::password::Password;

/// Wrong passwords and codes in a row that lock an account (A5).
pub(super) const LOCK: i64 = 10;
/// How long a code is good, in seconds.
const CODE_LIFE: i64 = 600;
/// Wrong tries after which a code is none any more.
const CODE_TRIES: i64 = 5;
/// Codes for one person in as long as one is good.
const CODES: i64 = 5;
const DIGITS: u32 = 8;

impl Accounts {
    /// The first step: takes the password, and sends a code. Returns what must come with the code.
    ///
    /// # Errors
    /// [`AccountError::Refused`] for a wrong password, and for an account that is unknown, locked or closed alike;
    /// [`AccountError::Codes`], [`AccountError::Post`] after the right password alone.
    pub async fn begin_log_in(
        &self,
        name: &str,
        password: Password,
        address: Option<SocketAddr>,
        now: OffsetDateTime,
    ) -> Result<Secret, AccountError> {
        // A name that nobody can have goes the same way to the end.
        let user = UserId::new(name).ok().filter(|user| self.0.institutions.of(user).is_some());
        let kept = match &user {
            Some(user) => row::find(&mut *self.0.database.read().await?, user).await?,
            None => None,
        };
        // A person of an institution with a provider has no password that opens anything.
        let is_provided = user.as_ref().is_some_and(|user| self.0.institutions.has_provider(user));
        let hash = kept.map(|kept| kept.password).filter(|_| !is_provided);
        let right = self.0.hasher.verify(Arc::new(password), hash.clone()).await?;
        let (Some(user), true) = (&user, right) else {
            let reason = match hash {
                Some(_) => "wrong password",
                None if is_provided => "password where there is a provider",
                None => "unknown account",
            };
            return Err(AccountError::Refused(self.wrong(user.as_ref(), address, now, reason).await?));
        };
        let mut change = self.0.database.change().await?;
        // As it is now: while the password was looked at, others may have locked the account.
        let kept = row::find(&mut change, user).await?.filter(|kept| Some(&kept.password) == hash.as_ref());
        let reason = kept.as_ref().map_or(Some("unknown account"), |kept| kept.account.refusal());
        if let Some(reason) = reason {
            drop(change);
            // As after a wrong password, which takes as long.
            return Err(AccountError::Refused(self.wrong(Some(user), address, now, reason).await?));
        }
        let phone = kept.and_then(|kept| kept.account.phone);
        let (challenge, code) = self.code(&mut change, user, address, now).await?;
        change.commit().await?;
        let sent = self.0.post.code(user, phone.as_ref(), &code, now).await;
        self.attempted(Some(user), address, now, if sent.is_ok() { "code sent" } else { "code not sent" })?;
        sent?;
        Ok(challenge)
    }

    /// The second step: takes the code. Returns the token of a new session.
    ///
    /// # Errors
    /// [`AccountError::Refused`] for a wrong code, and for one that is over, was used, or tried too often alike.
    pub async fn finish_log_in(
        &self,
        challenge: &str,
        code: &str,
        address: Option<SocketAddr>,
        now: OffsetDateTime,
    ) -> Result<(Secret, Session), AccountError> {
        let at = now.unix_timestamp();
        let challenge = Secret::read(challenge).ok_or(AccountError::Refused("no code was sent"))?;
        // Without the lock first: whoever invents challenges keeps nobody waiting.
        let sql = "SELECT count(*) FROM codes WHERE challenge = $1 AND used_at IS NULL";
        let query = sqlx::query_scalar(sql).bind(challenge.hash());
        let sent: i64 = query.fetch_one(&mut *self.0.database.read().await?).await?;
        if sent == 0 {
            return Err(AccountError::Refused("no code was sent"));
        }
        let mut change = self.0.database.change().await?;
        let sql = "SELECT person, code, made_at, tries FROM codes WHERE challenge = $1 AND used_at IS NULL";
        let found = sqlx::query(sql).bind(challenge.hash()).fetch_optional(&mut *change).await?;
        let found = found.ok_or(AccountError::Refused("no code was sent"))?;
        let (person, kept): (String, String) = (found.try_get("person")?, found.try_get("code")?);
        let (made, tries): (i64, i64) = (found.try_get("made_at")?, found.try_get("tries")?);
        let user = UserId::new(&person).map_err(|_| DatabaseError::Row { table: "codes", field: "person" })?;
        let account = row::find(&mut change, &user).await?.map(|kept| kept.account);
        let is_over = !(made..=made + CODE_LIFE).contains(&at) || tries >= CODE_TRIES;
        let refused = account.map_or(Some("unknown account"), |account| account.refusal());
        // The institution may have a provider since the code was sent.
        let is_provided = self.0.institutions.has_provider(&user);
        let refused = is_provided.then_some("password where there is a provider").or(refused);
        let refused = refused.or(is_over.then_some("code over"));
        if let Some(reason) = refused {
            self.attempted(Some(&user), address, now, reason)?;
            return Err(AccountError::Refused(reason));
        }
        let is_right = verify_slices_are_equal(challenge.code_hash(code).as_bytes(), kept.as_bytes()).is_ok();
        let sql = "UPDATE codes SET tries = tries + 1, used_at = $2 WHERE challenge = $1";
        let query = sqlx::query(sql).bind(challenge.hash()).bind(is_right.then_some(at));
        query.execute(&mut *change).await?;
        if !is_right {
            change.commit().await?;
            return Err(AccountError::Refused(self.wrong(Some(&user), address, now, "wrong code").await?));
        }
        self.admit(change, &user, address, now, "logged in").await
    }

    /// Begins a session for somebody who has shown who they are.
    pub(super) async fn admit(
        &self,
        mut change: Transaction,
        user: &UserId,
        address: Option<SocketAddr>,
        now: OffsetDateTime,
        outcome: &'static str,
    ) -> Result<(Secret, Session), AccountError> {
        row::set_wrong(&mut change, user, 0, None).await?;
        let token = sessions::begin(&mut change, user, address, now.unix_timestamp()).await?;
        let is_new = self.note_address(&mut change, user, address).await?;
        self.attempted(Some(user), address, now, outcome)?;
        change.commit().await?;
        if is_new {
            self.warn_of_address(user, address, now).await?;
        }
        let session = self.session(&token.text(), now).await?;
        Ok((token, session))
    }

    /// Counts what was wrong, and locks the account at the tenth in a row; never one to which no password leads, so that nobody locks
    /// other people out by guessing. Returns the reason.
    pub(super) async fn wrong(
        &self,
        user: Option<&UserId>,
        address: Option<SocketAddr>,
        now: OffsetDateTime,
        reason: &'static str,
    ) -> Result<&'static str, AccountError> {
        let at = now.unix_timestamp();
        let mut change = self.0.database.change().await?;
        let sql = "INSERT INTO attempts (at, person, address) VALUES ($1, $2, $3)";
        let query = sqlx::query(sql).bind(at).bind(user.map(UserId::as_str));
        query.bind(place(address.map(|address| address.ip()))).execute(&mut *change).await?;
        let kept = match user {
            Some(user) => row::find(&mut change, user).await?,
            None => None,
        };
        let mut locks = None;
        let counts =
            |account: &Account| account.closed_at.is_none() && !self.0.institutions.has_provider(&account.user);
        if let Some(account) = kept.map(|kept| kept.account).filter(counts) {
            let wrong = account.wrong + 1;
            let is_new = account.locked_at.is_none() && wrong >= LOCK;
            row::set_wrong(&mut change, &account.user, wrong, account.locked_at.or(is_new.then_some(at))).await?;
            if is_new {
                self.record(
                    &account.user,
                    Change::new("lock", "unlocked", "locked"),
                    &By { user: None, address, now },
                )?;
                locks = Some(account.user);
            }
        }
        let is_burst = self.note_burst(&mut change, now).await?;
        self.attempted(user, address, now, reason)?;
        change.commit().await?;
        if let Some(user) = locks {
            self.warn_of_lock(&user, address, now).await?;
        }
        if is_burst {
            self.warn_of_burst(now).await?;
        }
        Ok(reason)
    }

    pub(super) fn attempted(
        &self,
        user: Option<&UserId>,
        address: Option<SocketAddr>,
        now: OffsetDateTime,
        outcome: &'static str,
    ) -> Result<(), AccountError> {
        let event = Event::LogIn { user: user.cloned(), address, outcome };
        Ok(self.0.audit.record(&event, now)?)
    }

    async fn code(
        &self,
        change: &mut Transaction,
        user: &UserId,
        address: Option<SocketAddr>,
        now: OffsetDateTime,
    ) -> Result<(Secret, String), AccountError> {
        let at = now.unix_timestamp();
        let sql = "DELETE FROM codes WHERE made_at < $1";
        sqlx::query(sql).bind(at - 86_400).execute(&mut **change).await?;
        let sql = "SELECT count(*) FROM codes WHERE person = $1 AND made_at > $2";
        let query = sqlx::query_scalar(sql).bind(user.as_str()).bind(at - CODE_LIFE);
        let sent: i64 = query.fetch_one(&mut **change).await?;
        if sent >= CODES {
            self.attempted(Some(user), address, now, "too many codes")?;
            return Err(AccountError::Codes);
        }
        let (challenge, code) = (Secret::new(), digits());
        let sql =
            "INSERT INTO codes (challenge, person, code, made_at, tries, used_at) VALUES ($1, $2, $3, $4, 0, NULL)";
        let query = sqlx::query(sql).bind(challenge.hash()).bind(user.as_str()).bind(challenge.code_hash(&code));
        query.bind(at).execute(&mut **change).await?;
        Ok((challenge, code))
    }
}

/// Eight random digits. 2^64 is so far above 10^8 that no digit is likelier than another in any way that counts.
fn digits() -> String {
    let number = u64::from_be_bytes(coda_pki::random()) % 10_u64.pow(DIGITS);
    format!("{number:08}")
}
