//! A network for these tests: an authority in a folder, a clock that moves when told, a server that greets.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwap;
use coda_model::Identity;
use coda_pki::{Algorithm, Authority, Credentials, Now};
use rustls::{ClientConfig, ServerConfig};
use tempfile::TempDir;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_stream::StreamExt as _;

pub(crate) const START: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

pub(crate) struct Network {
    pub(crate) folder: TempDir,
    pub(crate) authority: Authority,
    clock: Arc<AtomicI64>,
}

pub(crate) struct Greeter {
    pub(crate) address: SocketAddr,
    pub(crate) config: Arc<ArcSwap<ServerConfig>>,
    task: JoinHandle<()>,
}

impl Network {
    pub(crate) fn new() -> Self {
        Self::with(Algorithm::P256)
    }

    pub(crate) fn with(algorithm: Algorithm) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::create(folder.path(), algorithm, START).unwrap();
        Self { folder, authority, clock: Arc::new(AtomicI64::new(START.unix_timestamp())) }
    }

    pub(crate) fn now(&self) -> Now {
        let clock = self.clock.clone();
        Arc::new(move || OffsetDateTime::from_unix_timestamp(clock.load(Ordering::SeqCst)).unwrap())
    }

    pub(crate) fn advance(&self, step: Duration) {
        self.clock.fetch_add(step.whole_seconds(), Ordering::SeqCst);
    }

    pub(crate) fn credentials(&self, identity: &str, validity: Duration) -> Credentials {
        self.authority.credentials(&named(identity), Algorithm::P256, validity, (self.now())()).unwrap()
    }

    pub(crate) fn server(&self, identity: &str) -> Arc<ServerConfig> {
        self.server_with(&self.credentials(identity, Duration::days(30)))
    }

    pub(crate) fn server_with(&self, credentials: &Credentials) -> Arc<ServerConfig> {
        coda_pki::tls::server_config(credentials, self.now()).unwrap()
    }

    pub(crate) fn client(&self, identity: &str, expected: &str) -> Arc<ClientConfig> {
        self.client_with(&self.credentials(identity, Duration::days(30)), expected)
    }

    pub(crate) fn client_with(&self, credentials: &Credentials, expected: &str) -> Arc<ClientConfig> {
        coda_pki::tls::client_config(credentials, named(expected), self.now()).unwrap()
    }
}

impl Greeter {
    /// Serves on loopback: to each peer that gets in, the SAN URI of its certificate as the server saw it.
    pub(crate) async fn start(config: Arc<ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let config = Arc::new(ArcSwap::from(config));
        let mut incoming = coda_pki::accept::incoming(listener, config.clone());
        let task = tokio::spawn(async move {
            while let Some(stream) = incoming.next().await {
                let mut stream = stream.unwrap();
                let leaf = stream.get_ref().1.peer_certificates().unwrap()[0].clone();
                let peer = coda_pki::certificate::identity(&leaf).unwrap().to_string();
                // A client that refuses this server is gone by now; that is its right.
                let _ = stream.write_all(peer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        Self { address, config, task }
    }

    /// Connects and reads the greeting. With TLS 1.3 the server's refusal arrives with the first reading.
    pub(crate) async fn greeting(&self, config: Arc<ClientConfig>) -> io::Result<String> {
        let mut stream = coda_pki::connect::open(&self.address.to_string(), config).await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        Ok(text)
    }

    /// The client is let in as `identity`.
    pub(crate) async fn greets(&self, config: &Arc<ClientConfig>, identity: &str) {
        assert_eq!(self.greeting(config.clone()).await.unwrap(), identity);
    }

    /// The connection fails, and the client's error has all of `words`.
    pub(crate) async fn refuses(&self, config: &Arc<ClientConfig>, words: &[&str]) {
        let error = self.greeting(config.clone()).await.unwrap_err().to_string();
        for word in words {
            assert!(error.contains(word), "{error:?} lacks {word:?}");
        }
    }
}

impl Drop for Greeter {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) fn named(identity: &str) -> Identity {
    Identity::parse(identity).unwrap()
}
