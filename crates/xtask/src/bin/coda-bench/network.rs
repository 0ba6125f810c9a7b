//! A network of real processes on loopback.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use coda_client::{Hub, HubSettings, NewGrant};
use coda_model::{Identity, SiteId, UserId};
use coda_pki::{Algorithm, Authority, Credentials, Now};
use coda_runtime::{Clock, SystemClock};

use crate::{
    data::{SITES, dictionary},
    process::{Service, Usage, run},
};

/// Hub and sites, each node a process.
pub(crate) struct Network {
    folder: PathBuf,
    authority: Authority,
    services: Vec<Service>,
    settings: HubSettings,
}

impl Network {
    /// Builds the sites' data and starts everything.
    pub(crate) fn start(folder: &Path, files: &[PathBuf]) -> anyhow::Result<Self> {
        let authority = Authority::create(&folder.join("authority"), Algorithm::P256, SystemClock.now())?;
        let text = dictionary();
        fs::write(folder.join("dictionary.toml"), &text)?;
        let mut services = Vec::new();
        let mut sites = String::new();
        for (site, file) in SITES.iter().zip(files) {
            let id = SiteId::new(site)?;
            let builds = folder.join(format!("{site}-builds"));
            let dictionary = folder.join("dictionary.toml");
            let words = [&dictionary, file, &builds].map(|path| path.display().to_string());
            let [dictionary, input, store] = words.each_ref().map(String::as_str);
            run(
                "coda-node",
                &["build", "--dictionary", dictionary, "--site", site, "--input", input, "--builds", store],
            )?;

            let storage = format!("site = \"{site}\"\nbuilds = \"{site}-builds\"\n");
            let storage =
                node(folder, &authority, &Identity::Storage(id.clone()), &format!("{site}-storage"), &storage)?;
            let address = storage.address;
            services.push(storage);
            let compute = format!(
                "site = \"{site}\"\nstorage = \"{address}\"\ndictionary = \"dictionary.toml\"\nledger = \"{site}-ledger.db\"\n"
            );
            let compute = node(folder, &authority, &Identity::Compute(id), &format!("{site}-compute"), &compute)?;
            sites.push_str(&format!("[[site]]\nid = \"{site}\"\naddress = \"{}\"\n", compute.address));
            services.push(compute);
        }
        let auth = node(folder, &authority, &Identity::Auth, "auth", "database = \"auth.db\"\n")?;
        let more = format!("dictionary = \"dictionary.toml\"\n{sites}");
        let coordinator = node(folder, &authority, &Identity::Coordinator, "coordinator", &more)?;
        let settings = HubSettings { coordinator: coordinator.address.to_string(), auth: auth.address.to_string() };
        services.extend([auth, coordinator]);
        Ok(Self { folder: folder.to_owned(), authority, services, settings })
    }

    /// The hub, as a researcher who may query every site.
    pub(crate) async fn hub(&self) -> anyhow::Result<Hub> {
        let config = self.folder.join("auth.toml");
        run("coda-hub", &["name-master", "--config", &config.display().to_string(), "--user", "master"])?;
        let grant = async |by: &str, user: &str, role: &str, site: &str| -> anyhow::Result<()> {
            let (user, role, site) = (user.to_owned(), role.to_owned(), site.to_owned());
            self.person(by)?.grant(NewGrant { user, role, site, ..NewGrant::default() }).await?;
            Ok(())
        };
        for site in SITES {
            grant("master", &format!("admin-{site}"), "site-administrator", site).await?;
            grant(&format!("admin-{site}"), "researcher", "site-data-scientist", site).await?;
        }
        self.person("researcher")
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
