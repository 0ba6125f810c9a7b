//! `coda-hub auth`

use coda_auth::config::{File, Settings};
use coda_program::Service;

pub(crate) fn run(service: &Service) -> anyhow::Result<()> {
    let Settings { listen, tls, auth } = service.settings("auth server", File::settings)?;
    service.serve(listen, &tls, async |clock, listener, credentials, lifecycle| {
        coda_auth::serve(auth, clock, listener, credentials, lifecycle).await
    })
}
