//! A service from its configuration to its orderly end.

use std::{
    error::Error,
    net::SocketAddr,
    path::{Path, PathBuf},
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
    Clock, Lifecycle, Stop, SystemClock,
    config::load,
    listen,
    telemetry::{self, Format},
};
use serde::de::DeserializeOwned;
use tokio::{net::TcpListener, runtime::Runtime};

use crate::{failure::Setup, listening::Listening};

/// What is logged unless `CODA_LOG` says otherwise.
const LOGGED: &str = "info";
/// How long work on other threads, such as the last line of the audit log, may take at the end.
const LAST_WORK: Duration = Duration::from_secs(2);

/// The arguments of a service.
#[derive(Debug, Args)]
pub struct Service {
    /// The service's configuration.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// How log lines look; the variable `CODA_LOG` filters them, such as `info,coda_pki=debug`.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = PossibleValuesParser::new(["text", "json"])
        .map(|name| if name == "json" { Format::Json } else { Format::Text }))]
    log_format: Format,
}

/// The settings of `service` from the configuration file `at`: `check` makes them of what the file says.
///
/// # Errors
/// [`Setup`] when the file cannot be read, or a value is invalid.
pub fn settings<File: DeserializeOwned, Settings, Invalid: Error + Send + Sync + 'static>(
    service: &str,
    at: &Path,
    check: impl FnOnce(File, &Path) -> Result<Settings, Invalid>,
) -> anyhow::Result<Settings> {
    let read = || check(load(at)?, at).with_context(|| at.display().to_string());
    read().with_context(|| setup(service))
}

impl Service {
    /// The settings as [`settings`] has them; log lines are set up before.
    ///
    /// # Errors
    /// [`Setup`].
    pub fn settings<File: DeserializeOwned, Settings, Invalid: Error + Send + Sync + 'static>(
        &self,
        service: &str,
        check: impl FnOnce(File, &Path) -> Result<Settings, Invalid>,
    ) -> anyhow::Result<Settings> {
        telemetry::init(self.log_format, LOGGED).with_context(|| setup(service))?;
        settings(service, &self.config, check)
    }

    /// Serves on the port until SIGINT or SIGTERM. "Listening" is said when `serve` says that it is ready, which it does
    /// when everything it needs is open.
    ///
    /// # Errors
    /// When the credentials or the port cannot be used, and what `serve` fails with.
    pub fn serve<Failure: Into<anyhow::Error>>(
        &self,
        address: SocketAddr,
        tls: &Files,
        serve: impl AsyncFnOnce(Arc<dyn Clock>, TcpListener, Credentials, Lifecycle) -> Result<(), Failure>,
    ) -> anyhow::Result<()> {
        let (format, credentials) = (self.log_format, tls.load(SystemClock.now())?);
        let runtime = Runtime::new().context("cannot start the threads of the service")?;
        let outcome = runtime.block_on(async {
            let stop = Stop::on_signals().context("cannot listen for signals")?;
            let listener = listen::bind(address).await?;
            let listening = Listening::new(&listener, &credentials)?;
            let lifecycle = Lifecycle::new(stop, move || listening.say(format));
            serve(Arc::new(SystemClock), listener, credentials, lifecycle).await.map_err(Into::into)
        });
        runtime.shutdown_timeout(LAST_WORK);
        outcome
    }
}

fn setup(service: &str) -> Setup {
    Setup(format!("cannot configure the {service}"))
}
