//! The auth server as people reach it who have no certificate yet: they log in, by password and code or at the provider of their
//! institution, and enrol a key.

use std::sync::Arc;

use coda_model::Identity;
use coda_pki::{Now, Roots, connect, tls};
use coda_wire::v1::{self, accounts_client::AccountsClient, log_in_client::LogInClient};
use tonic::{Request, Response, Status, transport::Channel};

use crate::{ClientError, Link};

/// A way to the network's log-in.
pub struct Front {
    link: Link,
    found: Found,
}

/// How the trust anchors are known.
enum Found {
    Before(Roots),
    ByFingerprint(Arc<tls::Pinned>),
}

/// Where a person's browser goes to log in at the provider of their institution.
#[derive(Clone)]
pub struct AtProvider {
    /// The provider's page.
    pub url: String,
    /// Comes back with the browser. What comes back with another state is somebody else's.
    pub state: String,
}

/// What the browser brought back, in the parameters of the same names (RFC 6749, 4.1.2; RFC 9207, 2).
#[derive(Clone)]
pub struct Callback {
    /// The state.
    pub state: String,
    /// The code.
    pub code: String,
    /// The issuer; empty where there was none.
    pub iss: String,
}

/// Somebody who has logged in. Whoever has the token is that person until the session ends.
pub struct Session {
    link: Link,
    roots: Roots,
    token: String,
    must_change: bool,
}

/// What a person gets for the key that stays with them.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The certificate and its issuer's, in PEM.
    pub chain: String,
    /// The network's trust anchors.
    pub roots: Roots,
    /// Where the coordinator is, `host:port`.
    pub coordinator: String,
    /// Where the auth server is for who has a certificate, `host:port`.
    pub auth: String,
}

/// Silent: whoever has both may be let in.
impl std::fmt::Debug for AtProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AtProvider")
    }
}

impl std::fmt::Debug for Callback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Callback")
    }
}

impl Front {
    /// The log-in at `host:port` of a network whose trust anchors are known.
    ///
    /// # Errors
    /// [`ClientError::Prepare`].
    pub fn of(address: &str, roots: Roots, now: Now) -> Result<Self, ClientError> {
        let config = tls::anonymous_config(&roots, Identity::Auth, now).map_err(prepare)?;
        let channel = connect::channel(address, config, connect::Timeouts::default()).map_err(prepare)?;
        Ok(Self { link: Link::anonymous(address, channel, Identity::Auth), found: Found::Before(roots) })
    }

    /// The log-in at `host:port` of a network of which only the SHA-256 of its root is known, in DER.
    ///
    /// # Errors
    /// [`ClientError::Prepare`].
    pub fn pinned(address: &str, fingerprint: [u8; 32], now: Now) -> Result<Self, ClientError> {
        let (config, pinned) = tls::first_config(fingerprint, Identity::Auth, now).map_err(prepare)?;
        let channel = connect::channel(address, config, connect::Timeouts::default()).map_err(prepare)?;
        Ok(Self { link: Link::anonymous(address, channel, Identity::Auth), found: Found::ByFingerprint(pinned) })
    }

    /// Shows the password; a code is sent. Gives what goes with the code.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn begin(&self, user: &str, password: &str) -> Result<String, ClientError> {
        let request = v1::BeginRequest { user: user.to_owned(), password: password.to_owned() };
        let reply = LogInClient::new(self.link.channel()).begin(request).await;
        Ok(reply.map_err(|status| self.link.error(status))?.into_inner().challenge)
    }

    /// Shows the code.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn finish(&self, challenge: String, code: &str) -> Result<Session, ClientError> {
        let request = v1::FinishRequest { challenge, code: code.to_owned() };
        self.session(LogInClient::new(self.link.channel()).finish(request).await)
    }

    /// Asks where the browser of a person goes, known by the address of e-mail or its domain, whose institution has a provider of its
    /// own. The provider sends it back to `redirect`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn begin_with_provider(&self, user: &str, redirect: &str) -> Result<AtProvider, ClientError> {
        let request = v1::BeginWithProviderRequest { user: user.to_owned(), redirect: redirect.to_owned() };
        let reply = LogInClient::new(self.link.channel()).begin_with_provider(request).await;
        let v1::BeginWithProviderReply { url, state } = reply.map_err(|status| self.link.error(status))?.into_inner();
        Ok(AtProvider { url, state })
    }

    /// Shows what the browser came back with.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn finish_with_provider(&self, callback: Callback) -> Result<Session, ClientError> {
        let Callback { state, code, iss } = callback;
        let request = v1::FinishWithProviderRequest { state, code, iss };
        self.session(LogInClient::new(self.link.channel()).finish_with_provider(request).await)
    }

    fn session(&self, reply: Result<Response<v1::Session>, Status>) -> Result<Session, ClientError> {
        let v1::Session { token, must_change, until: _ } =
            reply.map_err(|status| self.link.error(status))?.into_inner();
        let roots = match &self.found {
            Found::Before(roots) => roots.clone(),
            // A call was answered, so that there was a handshake.
            Found::ByFingerprint(pinned) => pinned.roots().ok_or_else(|| prepare(Absent))?,
        };
        Ok(Session { link: self.link.clone(), roots, token, must_change })
    }
}

impl Session {
    /// Whether nothing may be done before the password is changed.
    pub fn must_change(&self) -> bool {
        self.must_change
    }

    /// Changes the password. Every session ends, and this one goes on as another; where it is refused, as it was.
    ///
    /// # Errors
    /// [`ClientError`], with this session.
    pub async fn change_password(self, current: &str, new: &str) -> Result<Self, (Self, ClientError)> {
        let message = v1::ChangePasswordRequest { current: current.to_owned(), new: new.to_owned() };
        match self.accounts().change_password(self.with(message)).await {
            Ok(reply) => {
                let v1::Session { token, must_change, until: _ } = reply.into_inner();
                Ok(Self { token, must_change, ..self })
            }
            Err(status) => {
                let error = self.link.error(status);
                Err((self, error))
            }
        }
    }

    /// Has a certificate issued for the key of a request (PKCS #10 in PEM). The session is over then.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn enrol(self, request: String) -> Result<Enrolment, ClientError> {
        let reply = self.accounts().enrol(self.with(v1::EnrolRequest { request })).await;
        let v1::Enrolment { chain, coordinator, auth } = reply.map_err(|status| self.link.error(status))?.into_inner();
        Ok(Enrolment { chain, roots: self.roots, coordinator, auth })
    }

    /// Ends this session, or all of the person.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn log_out(self, everywhere: bool) -> Result<(), ClientError> {
        let reply = self.accounts().log_out(self.with(v1::LogOutRequest { everywhere })).await;
        reply.map(drop).map_err(|status| self.link.error(status))
    }

    fn accounts(&self) -> AccountsClient<Channel> {
        AccountsClient::new(self.link.channel())
    }

    fn with<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Ok(value) = format!("Bearer {}", self.token).parse() {
            request.metadata_mut().insert("authorization", value);
        }
        request
    }
}

/// No handshake, and an answer all the same.
#[derive(Debug, thiserror::Error)]
#[error("the server has shown no root")]
struct Absent;

fn prepare(error: impl std::error::Error + Send + Sync + 'static) -> ClientError {
    ClientError::Prepare(Identity::Auth, Box::new(error))
}
