//! The line that says that a service answers.

use std::net::SocketAddr;

use anyhow::Context as _;
use coda_pki::Credentials;
use coda_runtime::telemetry::Format;
use time::format_description::well_known::Rfc3339;
use tokio::net::TcpListener;

/// What serves where.
pub(crate) struct Listening {
    address: SocketAddr,
    identity: String,
    until: String,
}

impl Listening {
    pub(crate) fn new(listener: &TcpListener, credentials: &Credentials) -> anyhow::Result<Self> {
        Ok(Self {
            address: listener.local_addr().context("cannot read the port's number")?,
            identity: credentials.identity().to_string(),
            until: credentials.expires().format(&Rfc3339).context("cannot write the end of the certificate")?,
        })
    }

    pub(crate) fn say(&self, format: Format) {
        let Self { address, identity, until } = self;
        match format {
            Format::Text => eprintln!("listening on {address} as {identity}, certificate good until {until}"),
            Format::Json => tracing::info!(%address, identity, certificate_until = until, "listening on {address}"),
        }
    }
}
