//! Certificates that are replaced while a program runs.
//!
//! Whoever renews writes the new chain and the new key in place of the old ones. The program looks at the files at intervals
//! ([`Reloading::follow`]), takes them when they make good credentials, and keeps the old ones when they do not, such as between the
//! writing of the one file and of the other. From then on
//!
//! * each new connection, of a server ([`Reloading::server_config`]) or a client ([`Reloading::client_config`]), shows the new
//!   certificate, and connections that are open stay open with what they showed;
//! * [`Following`](crate::connect::Following) gives a channel over a new connection, while calls over the old one end in peace;
//! * [`Reloading::current`] gives the new chain with the new key. The two are one value and are never mixed.
//!
//! The trust anchors stay: all that is known of revocation hangs on them. Others take a restart.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use coda_model::Identity;
use rustls::client::ResolvesClientCert;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ServerConfig, SignatureScheme};
use time::OffsetDateTime;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use crate::causes::causes;
use crate::credentials::{Credentials, CredentialsError, Files};
use crate::now::Now;
use crate::tls::{self, TlsError};

/// The shortest interval between two looks at the files.
const SHORTEST: Duration = Duration::from_millis(100);

/// The credentials of a party of which the files may be replaced. Copies are cheap and see the same.
#[derive(Clone)]
pub struct Reloading(Arc<Shared>);

struct Shared {
    held: ArcSwap<Held>,
    /// Held while the files are looked at, so that of two looks the later one counts. What was last said of files that are no good.
    said: Mutex<Option<String>>,
}

/// What belongs together.
struct Held {
    credentials: Arc<Credentials>,
    certified: Arc<CertifiedKey>,
    with_roots: Arc<CertifiedKey>,
}

/// What a server for people without a certificate shows: the trust anchors too.
#[derive(Debug)]
struct WithRoots(Reloading);

impl fmt::Debug for Reloading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reloading({})", self.current().identity())
    }
}

impl Reloading {
    /// Begins with `credentials`.
    ///
    /// # Errors
    /// [`TlsError`] when rustls does not take them.
    pub fn new(credentials: Credentials) -> Result<Self, TlsError> {
        let held = ArcSwap::from_pointee(Held::new(credentials)?);
        Ok(Self(Arc::new(Shared { held, said: Mutex::default() })))
    }

    /// The credentials of this moment. Whoever signs takes key and chain from one of these.
    pub fn current(&self) -> Arc<Credentials> {
        self.0.held.load().credentials.clone()
    }

    /// Looks at the files, and takes what they hold when it is new and makes good credentials of the same party under the same
    /// trust anchors. Whether it did.
    ///
    /// # Errors
    /// [`CredentialsError`], and the old credentials stay.
    pub fn reload(&self, files: &Files, now: OffsetDateTime) -> Result<bool, CredentialsError> {
        let _one_at_a_time = self.0.said.lock().unwrap_or_else(PoisonError::into_inner);
        self.take(files, now)
    }

    /// [`reload`](Self::reload) with a line in the log: when new credentials are taken, and when they are refused, once for each
    /// reason until the files are good again.
    pub fn look(&self, files: &Files, now: OffsetDateTime) {
        let mut said = self.0.said.lock().unwrap_or_else(PoisonError::into_inner);
        match self.take(files, now) {
            Ok(taken) => {
                *said = None;
                if taken {
                    let until = self.current().expires();
                    tracing::info!(chain = %files.chain.display(), %until, "new certificate taken");
                }
            }
            Err(error) => {
                let reason = causes(&error);
                if said.as_ref() != Some(&reason) {
                    tracing::warn!(error = %reason, "certificate files refused; what was read before stays in use");
                    *said = Some(reason);
                }
            }
        }
    }

    /// Looks at the files at each interval, for ever.
    pub async fn follow(self, files: Files, now: Now, every: Duration) {
        let mut ticks = interval(every.max(SHORTEST));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let (this, files, now) = (self.clone(), files.clone(), now());
            if let Err(error) = spawn_blocking(move || this.look(&files, now)).await {
                tracing::error!(%error, "cannot look at the certificate files");
            }
        }
    }

    /// [`tls::server_config`] that shows at each handshake what is current.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn server_config(&self, now: Now) -> Result<Arc<ServerConfig>, TlsError> {
        tls::server_showing(Arc::new(self.clone()), self.current().roots(), now)
    }

    /// [`tls::open_server_config`] that shows at each handshake what is current.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn open_server_config(&self, now: Now) -> Result<Arc<ServerConfig>, TlsError> {
        tls::open_server_showing(Arc::new(WithRoots(self.clone())), now)
    }

    /// [`tls::client_config`] that shows at each handshake what is current.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn client_config(&self, expected: Identity, now: Now) -> Result<Arc<ClientConfig>, TlsError> {
        tls::client_showing(Arc::new(self.clone()), self.current().roots(), expected, now)
    }

    fn take(&self, files: &Files, now: OffsetDateTime) -> Result<bool, CredentialsError> {
        let Some(next) = self.current().renewed(files, now)? else { return Ok(false) };
        self.0.held.store(Arc::new(Held::new(next)?));
        Ok(true)
    }
}

impl Held {
    fn new(credentials: Credentials) -> Result<Self, TlsError> {
        let certified = Arc::new(tls::certified(&credentials)?);
        let with_roots = Arc::new(tls::certified_with_roots(&credentials)?);
        Ok(Self { credentials: Arc::new(credentials), certified, with_roots })
    }
}

impl ResolvesServerCert for Reloading {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.held.load().certified.clone())
    }
}

impl ResolvesServerCert for WithRoots {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let Self(Reloading(shared)) = self;
        Some(shared.held.load().with_roots.clone())
    }
}

impl ResolvesClientCert for Reloading {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.held.load().certified.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}
