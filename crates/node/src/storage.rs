//! `coda-node storage`

use coda_program::Service;
use coda_storage::config::{File, Settings};

pub(crate) fn run(service: &Service) -> anyhow::Result<()> {
    let Settings { listen, tls, storage } = service.settings("storage node", File::settings)?;
    service.serve(listen, &tls, async |clock, listener, credentials, lifecycle| {
        coda_storage::serve(storage, clock, listener, credentials, lifecycle).await
    })
}
