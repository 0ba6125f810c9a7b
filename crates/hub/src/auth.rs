//! `coda-hub auth`

use coda_auth::config::{File, Settings};
use coda_runtime::config::load;

use crate::service::Service;

pub(crate) fn run(service: &Service) -> anyhow::Result<()> {
    let settings = service.settings("auth server", |at| Ok(load::<File>(at)?.settings(at)?))?;
    let Settings { listen, tls, auth } = settings;
    service.serve(listen, &tls, async |clock, listener, credentials, stop| {
        coda_auth::serve(auth, clock, listener, credentials, stop).await
    })
}
