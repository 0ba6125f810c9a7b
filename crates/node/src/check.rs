//! `coda-node check`: whether a site's services have what they need.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use coda_client::{Storage, link};
use coda_model::Identity;
use coda_pki::Reloading;
use coda_program::{Checklist, settings};
use coda_runtime::{Clock as _, SystemClock};
use coda_service::Isolation;
use tokio::runtime::Runtime;

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Check {
    /// The storage node's configuration.
    #[arg(long, value_name = "FILE")]
    storage: Option<PathBuf>,
    /// The computation node's configuration.
    #[arg(long, value_name = "FILE")]
    compute: Option<PathBuf>,
}

impl Check {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self { storage, compute } = self;
        let mut list = Checklist::default();
        Runtime::new().context("cannot start threads")?.block_on(async {
            if let Some(at) = storage {
                let read = settings("storage node", &at, coda_storage::config::File::settings)?;
                self::storage(&mut list, read).await;
            }
            if let Some(at) = compute {
                let read = settings("computation node", &at, coda_compute::config::File::settings)?;
                self::compute(&mut list, read).await;
            }
            list.end()
        })
    }
}

async fn storage(list: &mut Checklist, settings: coda_storage::config::Settings) {
    let coda_storage::config::Settings { listen: _, tls, storage } = settings;
    let own = list.credentials(&tls, &Identity::Storage(storage.site));
    list.folder("audit log", &storage.audit);
    let builds = coda_builds::Builds::open(storage.builds.clone());
    list.line("builds", builds.map(|_| (storage.builds.display().to_string(), ())).map_err(Into::into));
    if let Some(own) = own {
        list.auth(&storage.auth, &own).await;
    }
}

async fn compute(list: &mut Checklist, settings: coda_compute::config::Settings) {
    let coda_compute::config::Settings { listen: _, tls, compute } = settings;
    let own = list.credentials(&tls, &Identity::Compute(compute.site.clone()));
    list.folder("audit log", &compute.audit);
    list.folder("ledger", &compute.ledger);
    list.not_isolated("this site", &Isolation::beside(&compute.audit, None));
    if let Some(path) = &compute.policy {
        let read = || {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            coda_policy::SitePolicy::parse(&text).with_context(|| format!("{} is wrong", path.display()))?;
            Ok((path.display().to_string(), ()))
        };
        list.line("policy", read());
    }
    let dictionary = list.dictionary(&compute.dictionary);
    let Some(own) = own else { return };
    list.auth(&compute.auth, &own).await;
    let peer = Identity::Storage(compute.site.clone());
    let now: coda_pki::Now = std::sync::Arc::new(|| SystemClock.now());
    let party = Reloading::new(own.clone()).context("the certificate cannot be shown");
    let storage = party.and_then(|party| Ok(Storage::new(link(&compute.storage, peer.clone(), &party, now)?)));
    let storage = storage.map(|storage| (format!("to be asked at {}", compute.storage), storage));
    let storage = list.line(&peer.to_string(), storage);
    let (Some(dictionary), Some(storage)) = (dictionary, storage) else { return };
    for dataset in &dictionary.datasets {
        let build = storage.current(&dataset.id).await;
        let said = |build: coda_client::CurrentBuild| {
            (format!("{} people, made on {}", build.people, coda_model::calendar::iso(build.made)), ())
        };
        list.line(&format!("build of {}", dataset.id), build.map(said).map_err(Into::into));
    }
}
