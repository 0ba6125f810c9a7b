//! `coda-node compute`

use coda_compute::config::{File, Settings};
use coda_runtime::config::load;

use crate::service::Service;

pub(crate) fn run(service: &Service) -> anyhow::Result<()> {
    let settings = service.settings("computation node", |at| Ok(load::<File>(at)?.settings(at)?))?;
    let Settings { listen, tls, compute } = settings;
    service.serve(listen, &tls, async |clock, listener, credentials, stop| {
        coda_compute::serve(compute, clock, listener, credentials, stop).await
    })
}
