//! `check`: whether everything that a service needs is in place, a line each, before it is started or when it does not run.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, anyhow, bail, ensure};
use coda_model::{Identity, dictionary::Dictionary};
use coda_pki::{Credentials, Files, certificate, connect, sha256, tls};
use coda_runtime::{Clock, SystemClock};
use coda_service::{AuthServer, Isolation, now, revocation};

/// A certificate that ends sooner is named as one to renew.
const SOON: time::Duration = time::Duration::days(30);
/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was looked at, each on a line of standard output that begins with `ok` or with `--`.
#[derive(Debug, Default)]
pub struct Checklist {
    looked: usize,
    failed: usize,
}

impl Checklist {
    /// A service that is not cut off.
    pub fn not_isolated(&mut self, whom: &str, isolation: &Isolation) {
        if isolation.is_begun() {
            let error = anyhow!("cut off while an incident is looked into, and answers nobody; rejoin lets it back");
            self.line::<()>(whom, Err(error));
        }
    }

    /// One line. Gives what was found, if it is in place.
    pub fn line<T>(&mut self, what: &str, found: anyhow::Result<(String, T)>) -> Option<T> {
        self.looked += 1;
        match found {
            Ok((said, found)) => {
                println!("ok  {what}: {said}");
                Some(found)
            }
            Err(error) => {
                self.failed += 1;
                println!("--  {what}: {}", format!("{error:#}").replace('\n', " "));
                None
            }
        }
    }

    /// Certificate, key and trust anchors of the service with this identity.
    pub fn credentials(&mut self, files: &Files, identity: &Identity) -> Option<Credentials> {
        let now = SystemClock.now();
        let found = || {
            let credentials = files.load(now)?;
            let own = credentials.identity();
            ensure!(own == identity, "it is the certificate of {own}; this service needs that of {identity}");
            let until = certificate::expires(credentials.chain().first().context("the chain is empty")?)?;
            Ok((format!("{own}, good until {}", until.date()), (credentials, until)))
        };
        let (credentials, until) = self.line("certificate", found())?;
        if until - now <= SOON {
            let soon = anyhow::anyhow!("the certificate is good until {} only; request the next one", until.date());
            self.line::<()>("renewal", Err(soon));
        }
        Some(credentials)
    }

    /// The network's dictionary. Its digest must be the same at the hub and at every site.
    pub fn dictionary(&mut self, path: &Path) -> Option<Dictionary> {
        let found = || {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            let dictionary = Dictionary::parse(&text).with_context(|| format!("{} is wrong", path.display()))?;
            let digest = hex::encode(sha256(text.as_bytes()));
            Ok((format!("version {}, SHA-256 {digest}, as it must be everywhere", dictionary.version), dictionary))
        };
        self.line("dictionary", found())
    }

    /// The folder of a file that a service makes or continues.
    pub fn folder(&mut self, what: &str, file: &Path) {
        let found = || {
            let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let is_there = folder.is_dir();
            ensure!(is_there, "{} is no folder; make it, owned by the service's user", folder.display());
            let said = if file.exists() { "is there" } else { "will be made at the first start" };
            Ok((format!("{} {said}", file.display()), ()))
        };
        self.line(what, found());
    }

    /// The auth server, by what every service asks it for.
    pub async fn auth(&mut self, auth: &AuthServer, credentials: &Credentials) {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let asked = revocation::ask(auth, credentials, &clock).await;
        let asked = asked.with_context(|| format!("at {}", auth.address));
        self.line("auth server", asked.map(|()| (format!("{} answers, revocation lists are good", auth.address), ())));
    }

    /// Another service: that it is reached, and is who it should be.
    pub async fn reached(&mut self, peer: &Identity, address: &str, credentials: &Credentials) {
        let found = async {
            let clock: Arc<dyn Clock> = Arc::new(SystemClock);
            let config = tls::client_config(credentials, peer.clone(), now(&clock))?;
            let opened = tokio::time::timeout(PATIENCE, connect::open(address, config)).await;
            let opened = opened.map_err(|_| anyhow::anyhow!("no answer in {} seconds", PATIENCE.as_secs()));
            opened?.with_context(|| {
                format!("at {address}; does it run, and does the firewall let this machine through?")
            })?;
            Ok((format!("reached at {address}"), ()))
        };
        self.line(&peer.to_string(), found.await);
    }

    /// An error unless everything is in place.
    ///
    /// # Errors
    /// How many are not.
    pub fn end(self) -> anyhow::Result<()> {
        let Self { looked, failed } = self;
        if failed > 0 {
            bail!("{failed} of {looked} are not in place");
        }
        Ok(())
    }
}
