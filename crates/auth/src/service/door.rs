//! Who calls: on one port who the certificate says, on the other who the session says.

use coda_model::Identity;
use coda_service::{Caller, Guard, Person};
use tonic::{Request, Response, Status};

use crate::accounts::{AccountError, Accounts, By};
use crate::error::AuthError;

/// The calls of one port.
#[derive(Clone)]
pub(crate) struct Door {
    guard: Guard,
    /// Where the caller has a session and no certificate.
    sessions: Option<Accounts>,
}

/// Who came in.
pub(crate) struct Entered {
    pub(crate) caller: Caller,
    /// The token of the session, where there is one.
    pub(crate) session: Option<String>,
    /// Whether nothing may be done but change the password.
    must_change: bool,
}

impl Door {
    /// The port on which every caller has a certificate.
    pub(crate) fn certificates(guard: Guard) -> Self {
        Self { guard, sessions: None }
    }

    /// The port for people without one.
    pub(crate) fn sessions(guard: Guard, accounts: Accounts) -> Self {
        Self { guard, sessions: Some(accounts) }
    }

    pub(crate) fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Answers one call, as [`Guard::answer`] does.
    pub(crate) async fn answer<Message, Answer, Work>(
        &self,
        method: &'static str,
        request: Request<Message>,
        work: impl FnOnce(Entered, Message) -> Work,
    ) -> Result<Response<Answer>, Status>
    where
        Work: Future<Output = Result<Answer, AuthError>>,
    {
        match &self.sessions {
            None => {
                let entered = |caller| Entered { caller, session: None, must_change: false };
                self.guard.answer(method, request, |caller, message| work(entered(caller), message)).await
            }
            Some(accounts) => {
                let found = self.find(accounts, &request).await;
                let person = found.as_ref().ok().map(|entered| entered.caller.identity.clone());
                self.guard.answer_to(method, (person, found), request, work).await
            }
        }
    }

    async fn find<Message>(&self, accounts: &Accounts, request: &Request<Message>) -> Result<Entered, AuthError> {
        let now = self.guard.now();
        let token = bearer(request).ok_or(AccountError::Session)?;
        let session = accounts.session(&token, now).await?;
        let address = coda_pki::peer::address(request);
        let caller = Caller { identity: Identity::User(session.user), thumbprint: None, address, now };
        Ok(Entered { caller, session: Some(token), must_change: session.must_change })
    }
}

impl Entered {
    /// The person who calls, and may do more than change the password.
    pub(crate) fn person(self) -> Result<Person, AuthError> {
        if self.must_change {
            return Err(AccountError::MustChange.into());
        }
        self.person_at_all()
    }

    pub(crate) fn person_at_all(self) -> Result<Person, AuthError> {
        self.caller.person().map_err(AuthError::NotAPerson)
    }

    /// The same, as the accounts want it.
    pub(crate) fn by(self) -> Result<By, AuthError> {
        let Person { user, address, now, .. } = self.person()?;
        Ok(By { user: Some(user), address, now })
    }
}

/// The token of `authorization: Bearer TOKEN` (RFC 6750, 2.1).
fn bearer<Message>(request: &Request<Message>) -> Option<String> {
    let mut values = request.metadata().get_all("authorization").iter();
    // Two would leave it open which one counts.
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    Some(value.to_str().ok()?.strip_prefix("Bearer ")?.to_owned())
}
