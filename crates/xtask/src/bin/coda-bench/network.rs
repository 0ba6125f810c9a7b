//! A network of real processes on loopback.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use coda_client::{Front, Hub, HubSettings, NewGrant};
use coda_model::{Identity, SiteId, UserId};
use coda_pki::{Algorithm, Authority, Credentials, Now};
use coda_runtime::{Clock, SystemClock};

use crate::{
    data::{SITES, dictionary},
    process::{Service, Usage, run},
};

/// Limits beyond what the benchmark asks, and answers that leave at once: what is measured is the work.
const POLICY: &str =
    "cohorts_per_project = 100000\nasks_per_project = 1000000\nasks_per_day = 1000000\nreply_quantum_ms = 0\n";

/// The first administrator.
const MASTER: &str = "master@hub.example";

/// The project of every query.
pub(crate) const PROJECT: &str = "study";

/// What the auth server has of its own.
const AUTH: &str = r#"database = "auth.db"
revoked = "authority"

[accounts]
listen = "LOG-IN"
coordinator = "127.0.0.1:1"
auth = "127.0.0.1:1"
issuing = "authority"

[[institution]]
domains = ["hub.example"]

[mail]
server = "MAIL"
from = "coda@hub.example"
tls = "none"
"#;

/// Hub and sites, each node a process.
pub(crate) struct Network {
    folder: PathBuf,
    authority: Authority,
    services: Vec<Service>,
    settings: HubSettings,
    /// Where people log in.
    log_in: SocketAddr,
}

/// Where no mail server listens.
const NO_MAIL: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

impl Network {
    /// Builds these data sets of the sites and starts everything. No mail is sent.
    pub(crate) fn start(folder: &Path, files: &[PathBuf], datasets: &[&str]) -> anyhow::Result<Self> {
        Self::start_with_mail(folder, files, datasets, NO_MAIL)
    }

    /// The same with a mail server.
    pub(crate) fn start_with_mail(
        folder: &Path,
        files: &[PathBuf],
        datasets: &[&str],
        mail: SocketAddr,
    ) -> anyhow::Result<Self> {
        let authority = Authority::create(&folder.join("authority"), Algorithm::P256, SystemClock.now())?;
        let text = dictionary();
        fs::write(folder.join("dictionary.toml"), &text)?;
        fs::write(folder.join("policy.toml"), POLICY)?;
        let log_in = free()?;
        let auth = AUTH.replace("LOG-IN", &log_in.to_string()).replace("MAIL", &mail.to_string());
        let auth = node(folder, &authority, &Identity::Auth, "auth", &auth)?;
        let hub = format!("auth = \"{}\"\n", auth.address);
        let mut services = Vec::new();
        let mut sites = String::new();
        for (site, file) in SITES.iter().zip(files) {
            let id = SiteId::new(site)?;
            let builds = folder.join(format!("{site}-builds"));
            let dictionary = folder.join("dictionary.toml");
            let words = [&dictionary, file, &builds].map(|path| path.display().to_string());
            let [dictionary, input, store] = words.each_ref().map(String::as_str);
            for dataset in datasets {
                let order = ["build", "--dictionary", dictionary, "--dataset", dataset, "--site", site];
                run("coda-node", &[order.as_slice(), &["--input", input, "--builds", store]].concat())?;
            }

            let storage = format!("site = \"{site}\"\nbuilds = \"{site}-builds\"\n{hub}");
            let storage =
                node(folder, &authority, &Identity::Storage(id.clone()), &format!("{site}-storage"), &storage)?;
            let address = storage.address;
            services.push(storage);
            let compute = format!(
                "site = \"{site}\"\nstorage = \"{address}\"\ndictionary = \"dictionary.toml\"\npolicy = \"policy.toml\"\n\
                 ledger = \"{site}-ledger.db\"\n{hub}"
            );
            let compute = node(folder, &authority, &Identity::Compute(id), &format!("{site}-compute"), &compute)?;
            sites.push_str(&format!("[[site]]\nid = \"{site}\"\naddress = \"{}\"\n", compute.address));
            services.push(compute);
        }
        let more = format!("dictionary = \"dictionary.toml\"\n{hub}{sites}");
        let coordinator = node(folder, &authority, &Identity::Coordinator, "coordinator", &more)?;
        let settings = HubSettings { coordinator: coordinator.address.to_string(), auth: auth.address.to_string() };
        services.extend([auth, coordinator]);
        Ok(Self { folder: folder.to_owned(), authority, services, settings, log_in })
    }

    /// The hub, as so many researchers who may query every site.
    pub(crate) async fn hubs(&self, researchers: usize) -> anyhow::Result<Vec<Hub>> {
        let config = self.folder.join("auth.toml");
        run("coda-hub", &["name-master", "--config", &config.display().to_string(), "--user", MASTER])?;
        let sites = SITES.join(",");
        let project = ["project", "open", PROJECT, "--title", "Measured", "--approval", "none", "--sites", &sites];
        let rest = ["--until", "2099-12-31", "--config", &config.display().to_string()];
        run("coda-hub", &[&project[..], &rest].concat())?;
        let grant = async |by: &Hub, user: &str, role: &str, site: &str| -> anyhow::Result<()> {
            let project = if role == "site-administrator" { "" } else { PROJECT };
            let (user, role, site) = (user.to_owned(), role.to_owned(), site.to_owned());
            let (project, reason) = (project.to_owned(), "measures".to_owned());
            by.grant(NewGrant { user, role, site, project, reason, ..NewGrant::default() }).await?;
            Ok(())
        };
        let names: Vec<String> = (0..researchers).map(|number| format!("researcher-{number}@hub.example")).collect();
        let master = self.person(MASTER)?;
        for name in &names {
            master.open_account(name.clone(), String::new()).await?;
        }
        for site in SITES {
            let administrator = format!("admin-{site}@hub.example");
            master.open_account(administrator.clone(), String::new()).await?;
            grant(&master, &administrator, "site-administrator", site).await?;
            let administrator = self.person(&administrator)?;
            for name in &names {
                grant(&administrator, name, "site-data-scientist", site).await?;
            }
        }
        names.iter().map(|name| self.person(name)).collect()
    }

    /// Opens an account once there is a master administrator, see [`hubs`](Self::hubs); its first password.
    pub(crate) async fn open_account(&self, name: &str) -> anyhow::Result<String> {
        Ok(self.person(MASTER)?.open_account(name.to_owned(), String::new()).await?)
    }

    /// Where people log in.
    pub(crate) fn front(&self) -> anyhow::Result<Front> {
        Ok(Front::of(&self.log_in.to_string(), self.authority.roots().clone(), now())?)
    }

    /// Stops a process in order and starts it again at the same address; how long until it listens, in seconds.
    pub(crate) fn restart(&mut self, name: &str) -> anyhow::Result<f64> {
        let service = self.services.iter_mut().find(|service| service.name == name).context("no such process")?;
        let config = self.folder.join(format!("{name}.toml"));
        let text = fs::read_to_string(&config)?.replace("127.0.0.1:0", &service.address.to_string());
        fs::write(&config, text)?;
        service.stop()?;
        let start = Instant::now();
        *service = Service::start(name, "coda-node", &["compute", "--config", &config.display().to_string()])?;
        Ok(start.elapsed().as_secs_f64())
    }

    /// Credentials for anybody.
    pub(crate) fn credentials(&self, identity: &Identity) -> anyhow::Result<Credentials> {
        Ok(self.authority.credentials(identity, Algorithm::P256, time::Duration::days(1), SystemClock.now())?)
    }

    /// What every process has used so far.
    pub(crate) fn usage(&self) -> anyhow::Result<Vec<Usage>> {
        self.services.iter().map(Service::usage).collect()
    }

    fn person(&self, name: &str) -> anyhow::Result<Hub> {
        Ok(Hub::new(&self.settings, self.credentials(&Identity::User(UserId::new(name)?))?, now())?)
    }
}

/// A port that was free a moment ago.
fn free() -> anyhow::Result<SocketAddr> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// The system's time, for TLS.
pub(crate) fn now() -> Now {
    Arc::new(|| SystemClock.now())
}

/// Writes a node's certificate and configuration, and starts it.
fn node(folder: &Path, authority: &Authority, identity: &Identity, name: &str, more: &str) -> anyhow::Result<Service> {
    let own = authority.credentials(identity, Algorithm::P256, time::Duration::days(1), SystemClock.now())?;
    let tls = folder.join(name);
    fs::create_dir_all(&tls)?;
    own.save(&tls.join("chain.pem"), &tls.join("key.pem"), &tls.join("roots.pem"))?;
    let config = folder.join(format!("{name}.toml"));
    let tls = format!("[tls]\nchain = \"{name}/chain.pem\"\nkey = \"{name}/key.pem\"\nroots = \"{name}/roots.pem\"\n");
    let (plain, tables) =
        more.split_once("[[").map_or((more, String::new()), |(plain, rest)| (plain, format!("[[{rest}")));
    fs::write(&config, format!("listen = \"127.0.0.1:0\"\naudit = \"{name}.jsonl\"\n{plain}{tls}{tables}"))?;
    let (program, command) = match identity {
        Identity::Storage(_) => ("coda-node", "storage"),
        Identity::Compute(_) => ("coda-node", "compute"),
        Identity::Auth => ("coda-hub", "auth"),
        Identity::Coordinator | Identity::User(_) => ("coda-hub", "coordinator"),
    };
    let config = config.display().to_string();
    Service::start(name, program, &[command, "--config", &config]).with_context(|| format!("cannot start {name}"))
}

/// How long to wait for a call of the benchmark.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
