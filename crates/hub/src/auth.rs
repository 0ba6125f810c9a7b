//! `coda-hub auth`

use anyhow::Context as _;
use coda_auth::config::{File, Settings};
use coda_runtime::config::load;

use crate::service::Service;

pub(crate) fn run(service: &Service) -> anyhow::Result<()> {
    let Settings { listen, tls, auth } = service.settings("auth server", |at| {
        let file: File = load(at)?;
        file.settings(at).with_context(|| at.display().to_string())
    })?;
    service.serve(listen, &tls, async |clock, listener, credentials, stop| {
        coda_auth::serve(auth, clock, listener, credentials, stop).await
    })
}
