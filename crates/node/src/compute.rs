//! `coda-node compute`

use coda_compute::config::{File, Settings};
use coda_program::Service;

pub(crate) fn run(service: &Service) -> anyhow::Result<()> {
    let Settings { listen, tls, compute } = service.settings("computation node", File::settings)?;
    service.serve(listen, &tls, async |clock, listener, credentials, lifecycle| {
        coda_compute::serve(compute, clock, listener, credentials, lifecycle).await
    })
}
