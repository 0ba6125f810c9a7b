//! `coda-node storage`

use anyhow::Context as _;
use coda_runtime::config::load;
use coda_storage::config::{File, Settings};

use crate::service::Service;

pub(crate) fn run(service: &Service) -> anyhow::Result<()> {
    let Settings { listen, tls, storage } = service.settings("storage node", |at| {
        let file: File = load(at)?;
        file.settings(at).with_context(|| at.display().to_string())
    })?;
    service.serve(listen, &tls, async |clock, listener, credentials, stop| {
        coda_storage::serve(storage, clock, listener, credentials, stop).await
    })
}
