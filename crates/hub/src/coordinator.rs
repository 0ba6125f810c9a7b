//! `coda-hub coordinator`

use anyhow::Context as _;
use coda_coordinator::config::{File, Settings};
use coda_runtime::config::load;

use crate::service::Service;

pub(crate) fn run(service: &Service) -> anyhow::Result<()> {
    let Settings { listen, tls, coordinator } = service.settings("coordinator", |at| {
        let file: File = load(at)?;
        file.settings(at).with_context(|| at.display().to_string())
    })?;
    service.serve(listen, &tls, async |clock, listener, credentials, stop| {
        coda_coordinator::serve(coordinator, clock, listener, credentials, stop).await
    })
}
