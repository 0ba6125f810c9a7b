//! `coda-hub check`: whether the hub's services have what they need, and reach every site.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use coda_auth::{Database, DatabaseAt, password::Breached, post::Mail};
use coda_model::Identity;
use coda_pki::{SignedList, authority::People};
use coda_program::{Checklist, settings};
use coda_service::Isolation;
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
                self::auth(&mut list, &read).await;
            }
            if let Some(at) = coordinator {
                let read = settings("coordinator", &at, coda_coordinator::config::File::settings)?;
                self::coordinator(&mut list, read).await;
            }
            list.end()
        })
    }
}

async fn auth(list: &mut Checklist, settings: &coda_auth::config::Settings) {
    let coda_auth::config::Settings { listen: _, open: _, ocsp: _, tls, auth } = settings;
    list.credentials(tls, &Identity::Auth);
    match &auth.database {
        DatabaseAt::File(path) => list.folder("database", path),
        DatabaseAt::Postgres(_) => {
            let opened = Database::open(&auth.database).await;
            list.line("database", opened.map(|_| ("PostgreSQL answers".to_owned(), ())).map_err(Into::into));
        }
    }
    list.folder("audit log", &auth.audit);
    let people = People::open(&auth.accounts.issuing);
    let found = people.map(|_| (format!("in {}", auth.accounts.issuing.display()), ()));
    list.line("authority for people", found.map_err(Into::into));
    let mail = async { Mail::new(&auth.accounts.mail)?.reached().await };
    let found = mail.await.map(|()| (format!("{} answers", auth.accounts.mail.server), ()));
    list.line("mail server", found.map_err(Into::into));
    if let Some(path) = &auth.accounts.breached {
        let opened = Breached::open(path).map(|_| (path.display().to_string(), ()));
        list.line("breached passwords", opened.map_err(Into::into));
    }
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
        list.not_isolated(&format!("the site {site}"), &Isolation::beside(&coordinator.audit, Some(&site)));
        list.reached(&Identity::Compute(site), &address, &own).await;
    }
}
