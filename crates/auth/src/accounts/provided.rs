//! Logging in at the provider of one's institution, instead of by password and code.

mod begun;

use std::net::SocketAddr;

use coda_model::UserId;
use coda_service::causes;
use time::OffsetDateTime;

use super::account::Secret;
use super::{AccountError, Accounts, Institution, Session, row};
use crate::provider::{Callback, Email, Provider, ProviderError};
use begun::Begun;

/// For how many seconds a browser may be away.
const LIFE: i64 = 600;
/// Log-ins that one address may begin in as long; a hospital's people may all come from one.
const MOST: i64 = 100;

/// Where a browser goes.
pub(crate) struct Sent {
    pub(crate) url: String,
    /// Comes back with it.
    pub(crate) state: Secret,
}

impl Accounts {
    /// The first step: says where the browser of `who` goes, an address of e-mail or its domain alone. Whether there is such an account
    /// makes no difference.
    ///
    /// # Errors
    /// [`AccountError::Refused`] where the institution has no provider; [`AccountError::Redirect`], [`AccountError::Begun`],
    /// [`AccountError::Provider`].
    pub(crate) async fn begin_with_provider(
        &self,
        who: &str,
        redirect: String,
        address: Option<SocketAddr>,
        now: OffsetDateTime,
    ) -> Result<Sent, AccountError> {
        let (person, institution) = self.meant(who).ok_or(AccountError::Refused("unknown institution"))?;
        let provider = self.0.providers.of(institution.name()).ok_or(AccountError::Refused("no provider"))?;
        if !provider.allows(&redirect) {
            return Err(AccountError::Redirect);
        }
        let (institution, issuer) = (institution.name().to_owned(), provider.issuer().to_owned());
        let begun = Begun::new(institution, issuer, person, redirect, now.unix_timestamp());
        let (state, person) = (Secret::new(), begun.person.as_ref());
        let mut change = self.0.database.change().await?;
        begun::forget(&mut change, now.unix_timestamp()).await?;
        if begun::count(&mut change, address, now.unix_timestamp() - LIFE).await? >= MOST {
            return Err(AccountError::Begun);
        }
        begun.insert(&mut change, &state, address).await?;
        change.commit().await?;
        // Asked only now: who is refused makes us ask nobody.
        let url = provider.url(&begun.authentication(&state), person.map(UserId::as_str)).await;
        self.attempted(person, address, now, if url.is_ok() { "sent to provider" } else { "provider failed" })?;
        let url = url.map_err(|error| AccountError::Provider(error.into()))?;
        Ok(Sent { url, state })
    }

    /// The second step: takes what the browser came back with. Returns the token of a new session.
    ///
    /// # Errors
    /// [`AccountError::Refused`] for a state that is over or was used, for whatever of the provider does not hold, and for an account
    /// that is unknown, locked or closed alike; [`AccountError::Provider`] when the provider cannot be asked.
    pub(crate) async fn finish_with_provider(
        &self,
        state: &str,
        callback: Callback,
        address: Option<SocketAddr>,
        now: OffsetDateTime,
    ) -> Result<(Secret, Session), AccountError> {
        let state = Secret::read(state).ok_or(AccountError::Refused("no log-in was begun"))?;
        let mut change = self.0.database.change().await?;
        // Used from here on, whatever comes of it.
        let begun = Begun::take(&mut change, &state, now.unix_timestamp()).await?;
        change.commit().await?;
        let begun = begun.ok_or(AccountError::Refused("no log-in was begun"))?;
        let shown = self.shown_by(&begun, &state, callback, now).await;
        let user = match shown {
            Ok(user) => user,
            Err(error) => {
                let outcome = if let AccountError::Refused(reason) = error { reason } else { "provider failed" };
                self.attempted(begun.person.as_ref(), address, now, outcome)?;
                return Err(error);
            }
        };
        let mut change = self.0.database.change().await?;
        let account = row::find(&mut change, &user).await?.map(|kept| kept.account);
        let refused = account.map_or(Some("unknown account"), |account| account.refusal());
        if let Some(reason) = refused {
            self.attempted(Some(&user), address, now, reason)?;
            return Err(AccountError::Refused(reason));
        }
        self.admit(change, &user, address, now, "logged in by provider").await
    }

    /// Who an address of e-mail or a domain means, and of which institution.
    fn meant(&self, who: &str) -> Option<(Option<UserId>, &Institution)> {
        if !who.contains('@') {
            return Some((None, self.0.institutions.of_domain(who)?));
        }
        let user = UserId::new(who).ok()?;
        let institution = self.0.institutions.of(&user)?;
        Some((Some(user), institution))
    }

    /// Whom the provider says the person is, after every check but those of the account.
    async fn shown_by(
        &self,
        begun: &Begun,
        state: &Secret,
        callback: Callback,
        now: OffsetDateTime,
    ) -> Result<UserId, AccountError> {
        let is_over = !(begun.made_at..=begun.made_at + LIFE).contains(&now.unix_timestamp());
        if is_over {
            return Err(AccountError::Refused("log-in over"));
        }
        // The configuration may have changed meanwhile.
        let provider = self.0.providers.of(&begun.institution).filter(|own| own.issuer() == begun.issuer);
        let provider = provider.ok_or(AccountError::Refused("another provider"))?;
        let email = redeemed(provider, begun, state, callback, now).await?;
        let Email { address, is_verified } = email.ok_or(AccountError::Refused("no e-mail"))?;
        if !is_verified {
            return Err(AccountError::Refused("e-mail not verified"));
        }
        // Names of accounts are in lower case; no mail server tells Ana from ana.
        let user = UserId::new(&address.to_ascii_lowercase());
        let user = user.map_err(|_| AccountError::Refused("e-mail of nobody"))?;
        // A provider speaks for its own institution alone.
        if self.0.institutions.of(&user).is_none_or(|institution| institution.name() != begun.institution) {
            return Err(AccountError::Refused("e-mail of another institution"));
        }
        if begun.person.as_ref().is_some_and(|person| *person != user) {
            return Err(AccountError::Refused("somebody else logged in"));
        }
        Ok(user)
    }
}

async fn redeemed(
    provider: &Provider,
    begun: &Begun,
    state: &Secret,
    callback: Callback,
    now: OffsetDateTime,
) -> Result<Option<Email>, AccountError> {
    provider.redeem(&begun.authentication(state), callback, now).await.map_err(|error| {
        let reason = match &error {
            ProviderError::Issuer => "another issuer",
            ProviderError::Code(_) => "code refused",
            ProviderError::IdToken(_) => "ID token refused",
            _ => return AccountError::Provider(error.into()),
        };
        tracing::warn!(issuer = provider.issuer(), cause = causes(&error), "a log-in at a provider is refused");
        AccountError::Refused(reason)
    })
}
