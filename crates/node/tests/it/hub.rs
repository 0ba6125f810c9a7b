//! The hub's auth server in this process: a node asks it which certificates were revoked.

use std::{path::Path, sync::Arc, thread};

use coda_auth::{Ports, config::File};
use coda_model::Identity;
use coda_pki::{Algorithm, Authority};
use coda_runtime::{Clock as _, Stop, SystemClock};
use time::Duration;

const CONFIG: &str = r#"listen = "127.0.0.1:0"
database = "hub.db"
audit = "hub.jsonl"
revoked = "authority"

[accounts]
listen = "127.0.0.1:0"
coordinator = "127.0.0.1:1"
auth = "127.0.0.1:1"
issuing = "authority"

[[institution]]
domains = ["hub.example"]

[mail]
server = "127.0.0.1:1"
from = "coda@hub.example"
tls = "none"

[tls]
chain = "hub.pem"
key = "hub.key"
roots = "roots.pem"
"#;

pub(crate) struct Hub {
    pub(crate) address: String,
    stop: Stop,
}

impl Hub {
    /// Serves until it is dropped. The authority is in `folder`.
    pub(crate) fn start(folder: &Path, authority: &Authority) -> Self {
        let at = folder.join("hub.toml");
        std::fs::write(&at, CONFIG).unwrap();
        let config = coda_runtime::config::load::<File>(&at).unwrap().settings(&at).unwrap().auth;
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
                let open = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                let ports = Ports { certificates: listener, open, ocsp: None };
                coda_auth::serve(config, Arc::new(SystemClock), ports, own, until).await.unwrap();
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
