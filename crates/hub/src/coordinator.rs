//! `coda-hub coordinator`

use coda_coordinator::config::{File, Settings};
use coda_program::Service;

pub(crate) fn run(service: &Service) -> anyhow::Result<()> {
    let Settings { listen, tls, coordinator } = service.settings("coordinator", File::settings)?;
    service.serve(listen, &tls, async |clock, listener, credentials, lifecycle| {
        coda_coordinator::serve(coordinator, clock, listener, credentials, lifecycle).await
    })
}
