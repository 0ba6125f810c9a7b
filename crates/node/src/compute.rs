//! `coda-node compute`

use anyhow::Context as _;
use coda_compute::config::{File, Settings};
use coda_runtime::config::load;

use crate::service::Service;

pub(crate) fn run(service: &Service) -> anyhow::Result<()> {
    let Settings { listen, tls, compute } = service.settings("computation node", |at| {
        let file: File = load(at)?;
        file.settings(at).with_context(|| at.display().to_string())
    })?;
    service.serve(listen, &tls, async |clock, listener, credentials, stop| {
        coda_compute::serve(compute, clock, listener, credentials, stop).await
    })
}
