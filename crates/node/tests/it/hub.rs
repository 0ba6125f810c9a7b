//! The hub's auth server in this process: a node asks it which certificates were revoked.

use std::{path::Path, sync::Arc, thread};

use coda_auth::{AuthConfig, TokenLife};
use coda_model::Identity;
use coda_pki::{Algorithm, Authority};
use coda_runtime::{Clock as _, Stop, SystemClock};
use time::Duration;

pub(crate) struct Hub {
    pub(crate) address: String,
    stop: Stop,
}

impl Hub {
    /// Serves until it is dropped. The authority is in `folder`.
    pub(crate) fn start(folder: &Path, authority: &Authority) -> Self {
        let config = AuthConfig {
            database: folder.join("hub.db"),
            audit: folder.join("hub.jsonl"),
            revoked: folder.join("authority"),
            token_life: TokenLife::default(),
        };
        let own =
            authority.credentials(&Identity::Auth, Algorithm::P256, Duration::days(1), SystemClock.now()).unwrap();
        let stop = Stop::new();
        let (listener, until) = (std::net::TcpListener::bind("127.0.0.1:0").unwrap(), stop.clone());
        let address = listener.local_addr().unwrap().to_string();
        listener.set_nonblocking(true).unwrap();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                coda_auth::serve(config, Arc::new(SystemClock), listener, own, until).await.unwrap();
            });
        });
        Self { address, stop }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.stop.now();
    }
}
