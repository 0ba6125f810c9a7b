//! `coda-node init`: a site's machine.

use std::net::SocketAddr;

use clap::Args;
use coda_model::{Identity, SiteId};
use coda_program::{Machine, Part};

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The site.
    #[arg(long, value_name = "ID", value_parser = SiteId::new)]
    site: SiteId,
    /// Where the hub's auth server is, for services.
    #[arg(long, value_name = "HOST:PORT", default_value = "hub.coda.example:7401")]
    hub: String,
    /// Where the storage node listens: the site's inside only.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7411")]
    storage: SocketAddr,
    /// Where the computation node listens, for the hub.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "0.0.0.0:7412")]
    compute: SocketAddr,
    #[command(flatten)]
    machine: Machine,
}

impl Init {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self { site, hub, storage, compute, machine } = self;
        machine.run(&[
            Part {
                service: "storage",
                identity: Identity::Storage(site.clone()),
                config: storage_config(&site, &hub, storage),
            },
            Part {
                service: "compute",
                identity: Identity::Compute(site.clone()),
                config: compute_config(&site, &hub, storage, compute),
            },
        ])
    }
}

fn storage_config(site: &SiteId, hub: &str, listen: SocketAddr) -> String {
    format!(
        "# coda-node storage, as coda-node init wrote it; deploy/README.md says what else may be set.\n\
         listen = \"{listen}\"\nsite = \"{site}\"\nbuilds = \"/var/lib/coda-storage/builds\"\n\
         audit = \"/var/lib/coda-storage/audit.jsonl\"\nauth = {hub:?}\n{}",
        tls("storage")
    )
}

fn compute_config(site: &SiteId, hub: &str, storage: SocketAddr, listen: SocketAddr) -> String {
    format!(
        "# coda-node compute, as coda-node init wrote it; deploy/README.md says what else may be set.\n\
         listen = \"{listen}\"\nsite = \"{site}\"\nstorage = \"{storage}\"\ndictionary = \"dictionary.toml\"\n\
         audit = \"/var/lib/coda-compute/audit.jsonl\"\nledger = \"/var/lib/coda-compute/ledger.db\"\n\
         # The site's own policy; without it the network's values hold.\n# policy = \"policy.toml\"\nauth = {hub:?}\n{}",
        tls("compute")
    )
}

fn tls(service: &str) -> String {
    format!(
        "\n[tls]\nchain = \"pki/{service}/chain.pem\"\nkey = \"pki/{service}/key.pem\"\nroots = \"pki/roots.pem\"\n"
    )
}
