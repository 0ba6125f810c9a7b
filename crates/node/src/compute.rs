//! `coda-node compute`

use std::{future, pin::pin};

use coda_compute::config::{File, Settings};
use coda_program::Service;

pub(crate) fn run(service: &Service) -> anyhow::Result<()> {
    let Settings { listen, tls, compute } = service.settings("computation node", File::settings)?;
    service.serve(listen, &tls, async |clock, listener, credentials, lifecycle| {
        let stop = lifecycle.stop().clone();
        let mut serving = pin!(coda_compute::serve(compute, clock, listener, credentials, stop));
        // The service does not say itself when it is ready: it is said to be when it has not failed at once.
        tokio::select! {
            biased;
            outcome = &mut serving => return outcome,
            () = future::ready(()) => drop(lifecycle.ready()),
        }
        serving.await
    })
}
