//! `coda-node storage`

use coda_runtime::config::load;
use coda_storage::config::{File, Settings};

use crate::service::Service;

pub(crate) fn run(service: &Service) -> anyhow::Result<()> {
    let settings = service.settings("storage node", |at| Ok(load::<File>(at)?.settings(at)?))?;
    let Settings { listen, tls, storage } = settings;
    service.serve(listen, &tls, async |clock, listener, credentials, stop| {
        coda_storage::serve(storage, clock, listener, credentials, stop).await
    })
}
