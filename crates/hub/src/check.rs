//! `coda-hub check`: whether the hub's services have what they need, and reach every site.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use coda_model::Identity;
use coda_pki::SignedList;
use coda_program::{Checklist, settings};
use tokio::runtime::Runtime;

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Check {
    /// The auth server's configuration.
    #[arg(long, value_name = "FILE")]
    auth: Option<PathBuf>,
    /// The coordinator's configuration.
    #[arg(long, value_name = "FILE")]
    coordinator: Option<PathBuf>,
}

impl Check {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self { auth, coordinator } = self;
        let mut list = Checklist::default();
        Runtime::new().context("cannot start threads")?.block_on(async {
            if let Some(at) = auth {
                let read = settings("auth server", &at, coda_auth::config::File::settings)?;
                self::auth(&mut list, &read);
            }
            if let Some(at) = coordinator {
                let read = settings("coordinator", &at, coda_coordinator::config::File::settings)?;
                self::coordinator(&mut list, read).await;
            }
            list.end()
        })
    }
}

fn auth(list: &mut Checklist, settings: &coda_auth::config::Settings) {
    let coda_auth::config::Settings { listen: _, tls, auth } = settings;
    list.credentials(tls, &Identity::Auth);
    list.folder("database", &auth.database);
    list.folder("audit log", &auth.audit);
    let said = |lists: Vec<SignedList>| (format!("{} in {}", lists.len(), auth.revoked.display()), ());
    list.line("revocation lists", SignedList::read(&auth.revoked).map(said).map_err(Into::into));
}

async fn coordinator(list: &mut Checklist, settings: coda_coordinator::config::Settings) {
    let coda_coordinator::config::Settings { listen: _, tls, coordinator } = settings;
    let own = list.credentials(&tls, &Identity::Coordinator);
    list.folder("audit log", &coordinator.audit);
    list.dictionary(&coordinator.dictionary);
    let Some(own) = own else { return };
    list.auth(&coordinator.auth, &own).await;
    for (site, address) in coordinator.sites {
        list.reached(&Identity::Compute(site), &address, &own).await;
    }
}
