//! `coda-hub auth`

use coda_auth::{
    Ports,
    config::{File, Settings},
};
use coda_program::Service;
use coda_runtime::listen;

pub(crate) fn run(service: &Service) -> anyhow::Result<()> {
    let Settings { listen, open, ocsp, tls, auth } = service.settings("auth server", File::settings)?;
    service.serve(listen, &tls, async |clock, certificates, credentials, lifecycle| {
        let ocsp = match ocsp {
            Some(address) => Some(listen::bind(address).await?),
            None => None,
        };
        let ports = Ports { certificates, open: listen::bind(open).await?, ocsp };
        Ok::<_, anyhow::Error>(coda_auth::serve(auth, clock, ports, credentials, lifecycle).await?)
    })
}
