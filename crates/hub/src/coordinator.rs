//! `coda-hub coordinator`

use coda_coordinator::config::{File, Settings};
use coda_runtime::config::load;

use crate::service::Service;

pub(crate) fn run(service: &Service) -> anyhow::Result<()> {
    let settings = service.settings("coordinator", |at| Ok(load::<File>(at)?.settings(at)?))?;
    let Settings { listen, tls, coordinator } = settings;
    service.serve(listen, &tls, async |clock, listener, credentials, stop| {
        coda_coordinator::serve(coordinator, clock, listener, credentials, stop).await
    })
}
