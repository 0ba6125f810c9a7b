//! `coda-hub init`: the hub's machine.

use std::str::FromStr;

use clap::Args;
use coda_model::{Identity, SiteId};
use coda_program::{Machine, Part};

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// By which name people and sites reach this machine.
    #[arg(long, value_name = "HOST", default_value = "hub.coda.example")]
    name: String,
    /// A site, and where its computation node is; once for each.
    #[arg(long = "site", value_name = "ID=HOST:PORT")]
    sites: Vec<Site>,
    /// A domain whose people may have accounts, and the site that looks after them; once for each.
    #[arg(long = "institution", value_name = "DOMAIN[=ID]")]
    institutions: Vec<Institution>,
    /// The mail server for codes and warnings.
    #[arg(long, value_name = "HOST:PORT", default_value = "mail.coda.example:587")]
    mail: String,
    /// The address that mail comes from.
    #[arg(long, value_name = "ADDRESS", default_value = "coda@hub.coda.example")]
    from: String,
    #[command(flatten)]
    machine: Machine,
}

#[derive(Debug, Clone)]
struct Site {
    id: SiteId,
    address: String,
}

#[derive(Debug, Clone)]
struct Institution {
    domain: String,
    site: Option<SiteId>,
}

impl FromStr for Site {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (id, address) = text.split_once('=').ok_or("write it as ID=HOST:PORT")?;
        Ok(Self { id: SiteId::new(id).map_err(|error| error.to_string())?, address: address.to_owned() })
    }
}

impl FromStr for Institution {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (domain, site) = text.split_once('=').map_or((text, None), |(domain, site)| (domain, Some(site)));
        let site = site.map(SiteId::new).transpose().map_err(|error| error.to_string())?;
        Ok(Self { domain: domain.to_owned(), site })
    }
}

impl Init {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let parts = [
            Part { service: "auth", identity: Identity::Auth, config: self.auth() },
            Part { service: "coordinator", identity: Identity::Coordinator, config: self.coordinator() },
        ];
        self.machine.run(&parts)
    }

    fn auth(&self) -> String {
        let Self { name, institutions, mail, from, .. } = self;
        let mut text = format!(
            "# coda-hub auth, as coda-hub init wrote it; deploy/config/auth.toml says what else may be set.\n\
             listen = \"0.0.0.0:7401\"\ndatabase = \"/var/lib/coda-auth/auth.db\"\naudit = \"/var/lib/coda-auth/audit.jsonl\"\n\
             revoked = \"/var/lib/coda-auth/revoked\"\n\n[accounts]\nlisten = \"0.0.0.0:7400\"\n\
             coordinator = \"{name}:7402\"\nauth = \"{name}:7401\"\nissuing = \"/var/lib/coda-auth/issuing\"\n"
        );
        for Institution { domain, site } in institutions {
            let site = site.as_ref().map(|site| format!("site = \"{site}\"\n")).unwrap_or_default();
            text.push_str(&format!("\n[[institution]]\ndomains = [{domain:?}]\n{site}"));
        }
        if institutions.is_empty() {
            text.push_str("\n# Whose people may have accounts.\n[[institution]]\ndomains = [\"hub.coda.example\"]\n");
        }
        text.push_str(&format!("\n[mail]\nserver = {mail:?}\nfrom = {from:?}\n{}", tls("auth")));
        text
    }

    fn coordinator(&self) -> String {
        let mut text = format!(
            "# coda-hub coordinator, as coda-hub init wrote it; deploy/config/coordinator.toml says what else may be set.\n\
             listen = \"0.0.0.0:7402\"\ndictionary = \"dictionary.toml\"\naudit = \"/var/lib/coda-coordinator/audit.jsonl\"\n\
             auth = \"{}:7401\"\n{}",
            self.name,
            tls("coordinator")
        );
        for Site { id, address } in &self.sites {
            text.push_str(&format!("\n[[site]]\nid = \"{id}\"\naddress = {address:?}\n"));
        }
        text
    }
}

fn tls(service: &str) -> String {
    format!(
        "\n[tls]\nchain = \"pki/{service}/chain.pem\"\nkey = \"pki/{service}/key.pem\"\nroots = \"pki/roots.pem\"\n"
    )
}
