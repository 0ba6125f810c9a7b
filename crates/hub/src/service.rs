//! What is the same for every service: settings, credentials, port, and an orderly end.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser as _},
};
use coda_pki::{Credentials, Files};
use coda_runtime::{
    Clock, Stop, SystemClock, listen,
    telemetry::{self, Format},
};
use time::format_description::well_known::Rfc3339;
use tokio::{net::TcpListener, runtime::Runtime};

use crate::failure::Setup;

/// What is logged unless `CODA_LOG` says otherwise.
const LOGGED: &str = "info";
/// How long work on other threads, such as the last line of the audit log, may take at the end.
const LAST_WORK: Duration = Duration::from_secs(2);

#[derive(Debug, Args)]
pub(crate) struct Service {
    /// The service's configuration.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// How log lines look; the variable `CODA_LOG` filters them, such as `info,coda_pki=debug`.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = PossibleValuesParser::new(["text", "json"])
        .map(|name| if name == "json" { Format::Json } else { Format::Text }))]
    log_format: Format,
}

impl Service {
    /// The settings as `read` finds them in the configuration; log lines are set up on the way.
    pub(crate) fn settings<Settings>(
        &self,
        service: &str,
        read: impl FnOnce(&Path) -> anyhow::Result<Settings>,
    ) -> anyhow::Result<Settings> {
        telemetry::init(self.log_format, LOGGED)
            .map_err(anyhow::Error::from)
            .and_then(|()| read(&self.config))
            .context(Setup(format!("cannot configure the {service}")))
    }

    /// Serves on the port until SIGINT or SIGTERM.
    pub(crate) fn serve<Error: std::error::Error + Send + Sync + 'static>(
        &self,
        address: SocketAddr,
        tls: &Files,
        serve: impl AsyncFnOnce(Arc<dyn Clock>, TcpListener, Credentials, Stop) -> Result<(), Error>,
    ) -> anyhow::Result<()> {
        let credentials = tls.load(SystemClock.now())?;
        let runtime = Runtime::new().context("cannot start the threads of the service")?;
        let outcome = runtime.block_on(async {
            let stop = Stop::on_signals().context("cannot listen for signals")?;
            let listener = listen::bind(address).await?;
            let said = Said::new(&listener, &credentials)?;
            let mut serving = pin!(serve(Arc::new(SystemClock), listener, credentials, stop));
            // A service that fails at once has not served, and does not say so.
            tokio::select! {
                biased;
                outcome = &mut serving => return Ok(outcome?),
                () = std::future::ready(()) => said.say(self.log_format),
            }
            Ok(serving.await?)
        });
        runtime.shutdown_timeout(LAST_WORK);
        outcome
    }
}

/// What serves where.
struct Said {
    address: SocketAddr,
    identity: String,
    until: String,
}

impl Said {
    fn new(listener: &TcpListener, credentials: &Credentials) -> anyhow::Result<Self> {
        Ok(Self {
            address: listener.local_addr().context("cannot read the port's number")?,
            identity: credentials.identity().to_string(),
            until: credentials.expires().format(&Rfc3339).context("cannot write the end of the certificate")?,
        })
    }

    fn say(&self, format: Format) {
        let Self { address, identity, until } = self;
        match format {
            Format::Text => eprintln!("listening on {address} as {identity}, certificate good until {until}"),
            Format::Json => tracing::info!(%address, identity, certificate_until = until, "listening on {address}"),
        }
    }
}
